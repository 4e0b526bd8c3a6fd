// SPDX-License-Identifier: Apache-2.0

import type { Records } from "./run-records.ts";

const SLOTS_MIN = 1 << 10;
const FULLEST = 0.75;

/** Whether a row is of the key that the record at `at` has. */
export type IsRowOf = (row: number, records: Records, at: number) => boolean;

/**
 * The number of each key's newest row, from 1. Keeps 32 bits of a key's hash beside it and asks
 * for the row itself where those agree: 8 bytes per slot, at most four slots for three keys and
 * twice as many after growing, so 11 to 22 bytes per key however long it is.
 */
export class RowTable {
  readonly #isRowOf: IsRowOf;
  #hashes = new Uint32Array(SLOTS_MIN);
  #rows = new Uint32Array(SLOTS_MIN);
  #mask = SLOTS_MIN - 1;
  #size = 0;
  /** What `find` has looked for. */
  #slot = 0;
  #hash = 0;

  constructor(isRowOf: IsRowOf) {
    this.#isRowOf = isRowOf;
  }

  /** The row of the key that a record has; 0 when it has none. */
  find(records: Records, at: number): number {
    const hash = records.hash(at);
    let slot = hash & this.#mask;
    for (let row = this.#rows[slot] as number; row !== 0; row = this.#rows[slot] as number) {
      if (this.#hashes[slot] === hash && this.#isRowOf(row, records, at)) break;
      slot = (slot + 1) & this.#mask;
    }
    this.#slot = slot;
    this.#hash = hash;
    return this.#rows[slot] as number;
  }

  /** Sets the row of the key that was looked for last. */
  set(row: number): void {
    const slot = this.#slot;
    const isNew = this.#rows[slot] === 0;
    this.#rows[slot] = row;
    if (!isNew) return;
    this.#hashes[slot] = this.#hash;
    if (++this.#size > FULLEST * this.#rows.length) this.#grow();
  }

  #grow(): void {
    const [hashes, rows] = [this.#hashes, this.#rows];
    this.#hashes = new Uint32Array(2 * rows.length);
    this.#rows = new Uint32Array(2 * rows.length);
    this.#mask = this.#rows.length - 1;
    for (let from = 0; from < rows.length; from++) {
      if (rows[from] === 0) continue;
      let slot = (hashes[from] as number) & this.#mask;
      while (this.#rows[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#hashes[slot] = hashes[from] as number;
      this.#rows[slot] = rows[from] as number;
    }
  }
}
