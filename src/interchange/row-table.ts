// SPDX-License-Identifier: Apache-2.0

import { keyFingerprint } from "../core/etcd-db/index.ts";

const SLOTS_MIN = 1 << 10;
const FULLEST = 0.75;

/** Whether a row is of the key in bytes [start, end). */
export type IsRowOf = (row: number, bytes: Uint8Array, start: number, end: number) => boolean;

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
  readonly #print = new Uint32Array(3);

  constructor(isRowOf: IsRowOf) {
    this.#isRowOf = isRowOf;
  }

  /** 0 when the key has none. */
  get(bytes: Uint8Array, start: number, end: number): number {
    return this.#rows[this.#slot(bytes, start, end)] as number;
  }

  /** Sets the row of a key; gives the one from before, or 0. */
  set(bytes: Uint8Array, start: number, end: number, row: number): number {
    const slot = this.#slot(bytes, start, end);
    const before = this.#rows[slot] as number;
    this.#rows[slot] = row;
    if (before !== 0) return before;
    this.#hashes[slot] = this.#print[0] as number;
    if (++this.#size > FULLEST * this.#rows.length) this.#grow();
    return 0;
  }

  /** Where the key is, or where it would go; leaves its hash in `#print`. */
  #slot(bytes: Uint8Array, start: number, end: number): number {
    keyFingerprint(bytes, start, end, this.#print);
    const hash = this.#print[0] as number;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = this.#rows[slot] as number;
      if (row === 0) return slot;
      if (this.#hashes[slot] === hash && this.#isRowOf(row, bytes, start, end)) return slot;
    }
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
