// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { entrySize } from "./codec.ts";
import { type Entry, EntryType, NO_BYTES } from "./types.ts";

const CAPACITY_INITIAL = 64;
/** Fills the slots that hold nothing, so that dropped entries can be collected. */
const VACANT: Entry = { type: EntryType.normal, term: 0, index: 0, data: NO_BYTES };

/**
 * A run of consecutive entries, addressed by their index, that grows at its end and is dropped
 * from its start. A ring: appending and dropping cost nothing per entry that stays.
 *
 * Invariant: `at(i).index === i` for every `i` in [first, end).
 */
export class EntryDeque {
  #slots: Entry[];
  #mask: number;
  #first: number;
  #end: number;

  /** An empty run whose first entry will have the index `first`. */
  constructor(first: number) {
    this.#slots = new Array<Entry>(CAPACITY_INITIAL).fill(VACANT);
    this.#mask = CAPACITY_INITIAL - 1;
    this.#first = first;
    this.#end = first;
  }

  /** The index of the first entry, or of the one to come when the run is empty. */
  get first(): number {
    return this.#first;
  }

  /** One past the index of the last entry. */
  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  at(index: number): Entry {
    invariant(index >= this.#first && index < this.#end, "entry outside the run");
    return this.#slots[index & this.#mask] ?? VACANT;
  }

  /** Appends one entry; its index must be `end`. */
  push(entry: Entry): void {
    invariant(entry.index === this.#end, "a gap in a run of entries");
    if (this.#end - this.#first > this.#mask) this.#grow();
    this.#slots[this.#end & this.#mask] = entry;
    this.#end++;
  }

  #grow(): void {
    const capacity = this.#slots.length * 2;
    const next = new Array<Entry>(capacity).fill(VACANT);
    for (let i = this.#first; i < this.#end; i++) next[i & (capacity - 1)] = this.at(i);
    this.#slots = next;
    this.#mask = capacity - 1;
  }

  /** Drops the entries below `index`, which may be `end` at most. */
  dropBelow(index: number): void {
    invariant(index <= this.#end, "dropping more entries than there are");
    for (; this.#first < index; this.#first++) this.#slots[this.#first & this.#mask] = VACANT;
  }

  /** Drops the entries from `index` on, which must lie in [first, end]. */
  truncateFrom(index: number): void {
    invariant(index >= this.#first && index <= this.#end, "truncation outside the run");
    while (this.#end > index) {
      this.#end--;
      this.#slots[this.#end & this.#mask] = VACANT;
    }
  }

  /** Drops everything; the next entry will have the index `first`. */
  reset(first: number): void {
    this.truncateFrom(this.#first);
    this.#first = first;
    this.#end = first;
  }

  /** The entries in [low, high) as an array of the caller's own. */
  slice(low: number, high: number): Entry[] {
    invariant(low >= this.#first && high <= this.#end && low <= high, "slice outside the run");
    const start = low & this.#mask;
    const stop = start + (high - low);
    if (stop <= this.#slots.length) return this.#slots.slice(start, stop);
    const head = this.#slots.slice(start);
    for (let i = 0; i < stop - this.#slots.length; i++) head.push(this.#slots[i] ?? VACANT);
    return head;
  }

  /** The entries in [low, high), cut so that their encoded sizes stay within `maxBytes`. */
  sliceWithin(low: number, high: number, maxBytes: number): Entry[] {
    if (maxBytes === Number.POSITIVE_INFINITY) return this.slice(low, high);
    let size = 0;
    let end = low;
    while (end < high) {
      size += entrySize(this.at(end));
      // One entry is given whatever its size, or a large one would never get through.
      if (size > maxBytes && end > low) break;
      end++;
    }
    return this.slice(low, end);
  }
}
