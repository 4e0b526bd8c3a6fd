// SPDX-License-Identifier: Apache-2.0

import type { KeyRows } from "./key-rows.ts";
import { KeyTable } from "./key-table.ts";

const LIVE = 1;
const DEAD = 2;

/** Counts the keys that exist after the rows taken so far. */
export class LiveKeys {
  readonly #states = new KeyTable();
  count = 0;

  /** Takes the row that the scan is at. */
  take(rows: KeyRows): void {
    rows.readUserKey();
    const state = rows.isTombstone ? DEAD : LIVE;
    const before = this.#states.set(rows.bytes, rows.userKeyStart, rows.userKeyEnd, state);
    if (state === LIVE && before !== LIVE) this.count++;
    if (state === DEAD && before === LIVE) this.count--;
  }
}
