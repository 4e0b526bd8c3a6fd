// SPDX-License-Identifier: Apache-2.0

import type { OperationLog } from "./operation-log.ts";

/** No operation of this key. */
export const NONE = -1;

/** Steps over an overlay's last operations in key order. */
export interface OverlayCursor {
  /** The key at the cursor; undefined at the end. */
  readonly key: string | undefined;
  readonly operation: number;
  advance(): void;
}

/** The latest operation per key of one table, found by key and in key order. */
export interface Overlay {
  /** How many keys have an operation. */
  readonly size: number;
  /** Takes in an operation that has just been appended to the log. */
  add(operation: number, below: number): void;
  /** The number of the latest operation on the key, or `NONE`. */
  find(key: Uint8Array): number;
  /** Puts no more than so many keys into order; gives how many are left for `cursors` to order. */
  orderSome(keysMax: number): number;
  cursors(from: Uint8Array): OverlayCursor[];
  /**
   * By how many rows the operations in a range change the number below; undefined when that
   * cannot be told without looking below.
   */
  countChange(from: Uint8Array, to: Uint8Array | undefined): number | undefined;
}

export type OverlayFactory = (log: OperationLog) => Overlay;
