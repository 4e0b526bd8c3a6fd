// SPDX-License-Identifier: Apache-2.0

import type { RowVisitor } from "./backend.ts";

/** What lies below the write buffer: the committed tables, by number. Bytes are lent. */
export interface BaseStore {
  get(table: number, key: Uint8Array): Uint8Array | undefined;
  /** Gives false when the visitor ended the scan. */
  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean;
  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number;
  lastKey(table: number): Uint8Array | undefined;
  /**
   * Executes packed operations as one transaction. When it resolves they are durable and, from
   * that very turn on, visible; before that nothing of them is seen.
   */
  write(chunks: ArrayBuffer[]): Promise<void>;
  sizeBytes(): number;
  sizeInUseBytes(): number;
  close(): Promise<void>;
}
