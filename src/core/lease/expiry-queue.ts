// SPDX-License-Identifier: Apache-2.0

/** Something that falls due. At most one queue holds it at a time, and tells it where it stands. */
export interface Timed {
  dueMs: number;
  /** Its place in the queue; `NOT_QUEUED` while no queue holds it. */
  place: number;
}

export const NOT_QUEUED = -1;

/**
 * What falls due, earliest first: a binary heap whose entries know their places, so that taking
 * one out or moving it costs a logarithm and nothing dead stays behind. Looking whether anything
 * is due costs one comparison, however many entries there are.
 */
export class ExpiryQueue<T extends Timed> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Puts the entry where `dueMs` belongs; it may be in the queue already. */
  set(entry: T, dueMs: number): void {
    if (entry.place === NOT_QUEUED) {
      entry.place = this.#heap.length;
      this.#heap.push(entry);
    }
    entry.dueMs = dueMs;
    this.#sink(this.#rise(entry));
  }

  /** The entry that is due first, if it is due by `nowMs`; it stays in the queue. */
  firstDue(nowMs: number): T | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.dueMs <= nowMs ? first : undefined;
  }

  remove(entry: T): void {
    const { place } = entry;
    if (place === NOT_QUEUED) return;
    entry.place = NOT_QUEUED;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, place);
    this.#sink(this.#rise(last));
  }

  clear(): void {
    for (const entry of this.#heap) entry.place = NOT_QUEUED;
    this.#heap.length = 0;
  }

  #put(entry: T, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  /** Moves an entry up to where its parent is not later; gives it back. */
  #rise(entry: T): T {
    let { place } = entry;
    while (place > 0) {
      const above = (place - 1) >>> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.dueMs <= entry.dueMs) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
    return entry;
  }

  #sink(entry: T): void {
    let { place } = entry;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      const least =
        right !== undefined && left !== undefined && right.dueMs < left.dueMs ? right : left;
      if (least === undefined || least.dueMs >= entry.dueMs) break;
      const below = least.place;
      this.#put(least, place);
      place = below;
    }
    this.#put(entry, place);
  }
}
