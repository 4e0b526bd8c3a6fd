// SPDX-License-Identifier: Apache-2.0

import type { RowVisitor } from "./backend.ts";
import type { OperationLog } from "./operation-log.ts";

/** One state of the committed tables, by number. */
export interface BaseView {
  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean;
  close(): void;
}

/** What lies below the write buffer: the committed tables, by number. Bytes are lent. */
export interface BaseStore {
  get(table: number, key: Uint8Array): Uint8Array | undefined;
  /** Gives false when the visitor ended the scan. */
  scan(table: number, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): boolean;
  count(table: number, from: Uint8Array, to: Uint8Array | undefined): number;
  /** All rows of a table, without counting them. */
  rows(table: number): number;
  lastKey(table: number): Uint8Array | undefined;
  /**
   * Writes one transaction with all of `rows`; then, if given, the operations of `index`, in any
   * order and in several transactions, but `indexState` last. When it resolves everything is
   * durable and, from that very turn on, visible. Before that `count` tells the state before;
   * reads may see some of it, which does no harm below a buffer that holds all of it.
   */
  write(rows: OperationLog, index: OperationLog | undefined): Promise<void>;
  /** The committed state of this moment, for as long as it is not closed. */
  pin(): BaseView;
  /**
   * Writes what is there into a new file without gaps, which takes the place of the old one while
   * reads and writes go on. When it rejects with a `DefragmentError` the old one stays in use.
   */
  compact(): Promise<void>;
  sizeBytes(): number;
  sizeInUseBytes(): number;
  close(): Promise<void>;
}
