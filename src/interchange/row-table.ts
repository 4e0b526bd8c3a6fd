// SPDX-License-Identifier: Apache-2.0

import type { Records } from "./run-records.ts";

const SLOTS_MIN = 1 << 10;
const FULLEST = 0.75;
const SLOT_BYTES = 8;

/** Whether a row is of the key that the record at `at` has. */
export type IsRowOf = (row: number, records: Records, at: number) => boolean;

/**
 * The number of each key's newest row, from 1. Keeps 32 bits of a key's hash beside it and asks
 * for the row itself where those agree: 8 bytes per slot, at most four slots for three keys and
 * twice as many after growing, so 11 to 22 bytes per key however long it is.
 */
export class RowTable {
  readonly #isRowOf: IsRowOf;
  /** Row and hash of a slot lie side by side: most looks into the table miss the caches. */
  #slots = new Uint32Array(2 * SLOTS_MIN);
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
    const slots = this.#slots;
    let slot = hash & this.#mask;
    for (let row = slots[2 * slot] as number; row !== 0; row = slots[2 * slot] as number) {
      if (slots[2 * slot + 1] === hash && this.#isRowOf(row, records, at)) break;
      slot = (slot + 1) & this.#mask;
    }
    this.#slot = slot;
    this.#hash = hash;
    return slots[2 * slot] as number;
  }

  /** Sets the row of the key that was looked for last. */
  set(row: number): void {
    const [slots, at] = [this.#slots, 2 * this.#slot];
    const isNew = slots[at] === 0;
    slots[at] = row;
    if (!isNew) return;
    slots[at + 1] = this.#hash;
    this.#size++;
    if (2 * this.#size > FULLEST * slots.length) this.#grow();
  }

  /** Gives the memory back at once, not when garbage is collected. */
  free(): void {
    this.#slots.buffer.transfer(0);
  }

  /**
   * Doubles the table in place. Rows are moved in the order of their slots, from one behind an
   * empty slot on: so none goes past another that is still to be moved.
   */
  #grow(): void {
    const count = this.#mask + 1;
    // What is copied is freed at once: the collector would come for it much later.
    const slots = new Uint32Array(this.#slots.buffer.transfer(2 * SLOT_BYTES * count));
    const mask = 2 * count - 1;
    let first = 0;
    while (slots[2 * first] !== 0) first++;
    for (let step = 1; step < count; step++) {
      const from = (first + step) & (count - 1);
      const [row, hash] = [slots[2 * from] as number, slots[2 * from + 1] as number];
      if (row === 0) continue;
      slots[2 * from] = 0;
      let slot = hash & mask;
      while (slots[2 * slot] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = row;
      slots[2 * slot + 1] = hash;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
}
