// SPDX-License-Identifier: Apache-2.0

import type { Records } from "./run-records.ts";

const FULLEST = 0.75;
/** Slots come in chunks: a table that grows needs no memory but what it grows by. */
const CHUNK_SLOTS = 1 << 14;
const CHUNK_SHIFT = 14;
const CHUNK_MASK = CHUNK_SLOTS - 1;

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
  readonly #chunks: Uint32Array<ArrayBuffer>[] = [newChunk()];
  #mask = CHUNK_SLOTS - 1;
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
    this.#hash = hash;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const chunk = this.#chunkOf(slot);
      const place = 2 * (slot & CHUNK_MASK);
      const row = chunk[place] as number;
      this.#slot = slot;
      if (row === 0 || (chunk[place + 1] === hash && this.#isRowOf(row, records, at))) return row;
    }
  }

  /** Sets the row of the key that was looked for last. */
  set(row: number): void {
    const chunk = this.#chunkOf(this.#slot);
    const place = 2 * (this.#slot & CHUNK_MASK);
    const isNew = chunk[place] === 0;
    chunk[place] = row;
    if (!isNew) return;
    chunk[place + 1] = this.#hash;
    this.#size++;
    if (this.#size > FULLEST * (this.#mask + 1)) this.#grow();
  }

  /** Gives the memory back at once: the collector would come for it much later. */
  free(): void {
    for (const chunk of this.#chunks) chunk.buffer.transfer(0);
    this.#chunks.length = 0;
  }

  #chunkOf(slot: number): Uint32Array<ArrayBuffer> {
    return this.#chunks[slot >>> CHUNK_SHIFT] as Uint32Array<ArrayBuffer>;
  }

  /**
   * Doubles the table in place. Rows are moved in the order of their slots, from one behind an
   * empty slot on: so none goes past another that is still to be moved.
   */
  #grow(): void {
    const count = this.#mask + 1;
    for (let added = 0; added < count; added += CHUNK_SLOTS) this.#chunks.push(newChunk());
    this.#mask = 2 * count - 1;
    let first = 0;
    while (this.#rowAt(first) !== 0) first++;
    for (let step = 1; step < count; step++) this.#move((first + step) & (count - 1));
  }

  #move(from: number): void {
    const chunk = this.#chunkOf(from);
    const place = 2 * (from & CHUNK_MASK);
    const row = chunk[place] as number;
    if (row === 0) return;
    const hash = chunk[place + 1] as number;
    chunk[place] = 0;
    let slot = hash & this.#mask;
    while (this.#rowAt(slot) !== 0) slot = (slot + 1) & this.#mask;
    const target = this.#chunkOf(slot);
    const to = 2 * (slot & CHUNK_MASK);
    target[to] = row;
    target[to + 1] = hash;
  }

  #rowAt(slot: number): number {
    return this.#chunkOf(slot)[2 * (slot & CHUNK_MASK)] as number;
  }
}

function newChunk(): Uint32Array<ArrayBuffer> {
  return new Uint32Array(2 * CHUNK_SLOTS);
}
