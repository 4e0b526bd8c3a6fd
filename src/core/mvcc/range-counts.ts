// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import type { KeyTable } from "./key-table.ts";

/** Counts that are under way or kept; a further one is not sliced, but made in one go. */
export const RANGE_COUNTS_MAX = 32;
/** A count of fewer keys is not kept: it costs less than keeping it. */
const KEPT_KEYS_MIN = 10_000;

/** Reads the key of a head row in `buffer`. The result is lent. */
export type KeyOfRow = (buffer: Uint8Array, start: number, end: number) => Uint8Array;

/** How many keys a range has now: counted up to `position`, and kept right from then on. */
export class RangeCount {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
  /** Keys below it are counted. */
  position: Uint8Array;
  count = 0;
  done = false;
  /** How many wait for it. */
  users = 1;

  constructor(from: Uint8Array, to: Uint8Array | undefined) {
    this.from = Uint8Array.prototype.slice.call(from);
    this.to = to === undefined ? undefined : Uint8Array.prototype.slice.call(to);
    this.position = this.from;
  }

  /** Whether a key belongs to what is counted already. */
  covers(key: Uint8Array): boolean {
    if (compareBytes(key, this.from) < 0) return false;
    if (!this.done) return compareBytes(key, this.position) < 0;
    return this.to === undefined || compareBytes(key, this.to) < 0;
  }
}

/**
 * How many keys large ranges have. Counting visits every key, so it is done in steps; meanwhile,
 * and for as long as the count is kept, keys that come and go are added and taken away, so that a
 * finished count is always that of the present state. Those asked for last are kept.
 */
export class RangeCounts {
  readonly #heads: KeyTable;
  readonly #keyOf: KeyOfRow;
  readonly #counts = new Map<string, RangeCount>();

  constructor(heads: KeyTable, keyOf: KeyOfRow) {
    this.#heads = heads;
    this.#keyOf = keyOf;
  }

  /** A key has come (1) or gone (-1). */
  note(key: Uint8Array, change: 1 | -1): void {
    if (this.#counts.size === 0) return;
    for (const count of this.#counts.values()) if (count.covers(key)) count.count += change;
  }

  /** The number, if it is known without counting. */
  known(from: Uint8Array, to: Uint8Array | undefined): number | undefined {
    if (this.#counts.size === 0) return undefined;
    const count = this.#counts.get(nameOf(from, to));
    return count?.done === true ? count.count : undefined;
  }

  /**
   * The count of a range, perhaps one that somebody else has begun; `step` it until it is done, and
   * `release` it.
   */
  begin(from: Uint8Array, to: Uint8Array | undefined): RangeCount {
    const name = nameOf(from, to);
    const existing = this.#counts.get(name);
    if (existing !== undefined) {
      this.#counts.delete(name);
      this.#counts.set(name, existing);
      existing.users++;
      return existing;
    }
    const count = new RangeCount(from, to);
    if (this.#makeRoom()) this.#counts.set(name, count);
    else {
      count.count = this.#heads.count(from, to);
      count.done = true;
    }
    return count;
  }

  /** Counts about so many keys more. */
  step(count: RangeCount, keysMax: number): void {
    if (count.done || !this.#heads.prepareScan(keysMax)) return;
    let keys = 0;
    let next: Uint8Array | undefined;
    this.#heads.scan(count.position, count.to, (buffer, start, end) => {
      if (keys === keysMax) {
        next = Uint8Array.prototype.slice.call(this.#keyOf(buffer, start, end));
        return false;
      }
      keys++;
      return true;
    });
    count.count += keys;
    if (next !== undefined) count.position = next;
    else {
      count.done = true;
      if (count.count < KEPT_KEYS_MIN) this.#counts.delete(nameOf(count.from, count.to));
    }
  }

  /** Somebody no longer waits: a count that nobody waits for is not made any further. */
  release(count: RangeCount): void {
    count.users--;
    if (count.users > 0 || count.done) return;
    this.#counts.delete(nameOf(count.from, count.to));
  }

  /** Gives up the finished count that was asked for longest ago; false when none is finished. */
  #makeRoom(): boolean {
    if (this.#counts.size < RANGE_COUNTS_MAX) return true;
    for (const [name, count] of this.#counts) {
      if (count.done) return this.#counts.delete(name);
    }
    return false;
  }
}

function nameOf(from: Uint8Array, to: Uint8Array | undefined): string {
  const end = to === undefined ? "" : Buffer.from(to).toString("latin1");
  return `${from.length}/${Buffer.from(from).toString("latin1")}${end}`;
}
