// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { HEADER_BYTES, Records } from "./run-records.ts";

/** What all runs together are read with, and what one is at least and at most. */
const BUFFERS_BYTES = 4 << 20;
const BUFFER_BYTES_MIN = 4096;
const BUFFER_BYTES_MAX = 128 << 10;
/** Room for a key at first; it grows to the longest. */
const KEY_BUFFER_BYTES = 1024;
/** What a reader that is over competes with. */
const LAST = Number.POSITIVE_INFINITY;
const NOBODY = -1;

/** Where a run lies in its file: records in the order of their keys, each key once. */
export interface Run {
  readonly start: number;
  readonly end: number;
  /** The least key, and how many bytes of it all others begin with. */
  readonly firstKey: Uint8Array;
  readonly shared: number;
}

/** A run from its first record to its last. */
class RunReader {
  readonly #file: DiskFile;
  readonly #skipped: number;
  readonly #end: number;
  #position: number;
  #filled = 0;
  records: Records;
  /** The record that is next, in `records`, and the number its key begins with, or `LAST`. */
  at = 0;
  rank = 0;

  /** `skipped`: bytes that all keys of all runs begin with. */
  constructor(
    file: DiskFile,
    run: Run,
    options: { readonly skipped: number; readonly bufferBytes: number },
  ) {
    const { skipped, bufferBytes } = options;
    this.records = Records.ofSize(bufferBytes);
    this.#file = file;
    this.#skipped = skipped;
    this.#position = run.start;
    this.#end = run.end;
    this.#load();
  }

  get #isOver(): boolean {
    return this.at >= this.#filled;
  }

  next(): void {
    this.at = this.records.end(this.at);
    this.#load();
  }

  /** Has the whole record at `at` in memory. */
  #load(): void {
    if (!this.#holds(this.at)) this.#refill();
    this.rank = this.#isOver ? LAST : this.records.rank(this.at, this.#skipped);
  }

  #holds(at: number): boolean {
    return this.#filled - at >= HEADER_BYTES && this.records.end(at) <= this.#filled;
  }

  #refill(): void {
    const left = this.#filled - this.at;
    this.records.bytes.copyWithin(0, this.at, this.#filled);
    this.at = 0;
    this.#filled = left;
    this.#fill();
    if (this.#filled < HEADER_BYTES || this.#holds(0)) return;
    const larger = Records.ofSize(2 * this.records.end(0));
    larger.bytes.set(this.records.bytes.subarray(0, this.#filled));
    this.records = larger;
    this.#fill();
  }

  #fill(): void {
    const { bytes } = this.records;
    const count = Math.min(bytes.length - this.#filled, this.#end - this.#position);
    this.#file.readInto(bytes.subarray(this.#filled, this.#filled + count), this.#position);
    this.#filled += count;
    this.#position += count;
  }
}

/**
 * The newest record of each key in all runs, by key, without those that say it was deleted.
 * `next` moves to it; the fields say where it is, until `next` is called again.
 *
 * A tree of losers: each inner node remembers who lost there, so that a record costs one
 * comparison per level.
 */
export class RunMerge {
  readonly #readers: readonly RunReader[];
  /** What the key of each reader's record begins with, as a number; `LAST` of one that is over. */
  readonly #ranks: Float64Array;
  /** By node, from 1; the leaves below are the readers. */
  readonly #losers: Int32Array;
  #winner = NOBODY;
  /** The key that was found last, which earlier runs may have too. */
  #key = Records.ofSize(KEY_BUFFER_BYTES);
  #keyRank = LAST;
  /** Whether the winner's record was dealt with, and it is to be moved on. */
  #isPast = false;

  constructor(file: DiskFile, runs: readonly Run[]) {
    const share = Math.floor(BUFFERS_BYTES / runs.length);
    const bufferBytes = Math.max(BUFFER_BYTES_MIN, Math.min(share, BUFFER_BYTES_MAX));
    const options = { skipped: sharedByAll(runs), bufferBytes };
    this.#readers = runs.map((run) => new RunReader(file, run, options));
    this.#ranks = Float64Array.from(this.#readers, ({ rank }) => rank);
    this.#losers = new Int32Array(runs.length).fill(NOBODY);
    for (let reader = 0; reader < runs.length; reader++) this.#play(reader);
  }

  /** Where the record is. */
  records: Records = Records.ofSize(0);
  start = 0;
  end = 0;

  next(): boolean {
    for (;;) {
      if (this.#isPast) this.#moveOn();
      const rank = this.#ranks[this.#winner] ?? LAST;
      this.#isPast = rank !== LAST;
      if (rank === LAST) return false;
      const { records, at } = this.#readers[this.#winner] as RunReader;
      const isOlder = rank === this.#keyRank && records.hasKeyOf(at, this.#key, 0);
      if (isOlder) continue;
      this.#keyRank = rank;
      this.#keepKey(records, at);
      if (records.isDeleted(at)) continue;
      this.records = records;
      this.start = at;
      this.end = records.end(at);
      return true;
    }
  }

  #keepKey(records: Records, at: number): void {
    const size = records.keyEnd(at) - at;
    if (size > this.#key.bytes.length) this.#key = Records.ofSize(2 * size);
    this.#key.copyFrom(records, at, at + size, 0);
  }

  #moveOn(): void {
    const reader = this.#readers[this.#winner] as RunReader;
    reader.next();
    this.#ranks[this.#winner] = reader.rank;
    this.#play(this.#winner);
  }

  /** Has a reader's record compete, from its leaf on up. */
  #play(reader: number): void {
    const losers = this.#losers;
    let winner = reader;
    for (let node = (reader + losers.length) >> 1; node > 0; node >>= 1) {
      const other = losers[node] as number;
      if (other === NOBODY) {
        losers[node] = winner;
        return;
      }
      if (!this.#isBefore(other, winner)) continue;
      losers[node] = winner;
      winner = other;
    }
    this.#winner = winner;
  }

  /** Of equal keys the one of the later run comes first, which is the newer one. */
  #isBefore(one: number, other: number): boolean {
    const rank = this.#ranks[one] as number;
    const otherRank = this.#ranks[other] as number;
    if (rank !== otherRank) return rank < otherRank;
    if (rank === LAST) return false;
    const a = this.#readers[one] as RunReader;
    const b = this.#readers[other] as RunReader;
    const order = a.records.compare(a.at, b.records, b.at);
    return order < 0 || (order === 0 && one > other);
  }
}

function sharedByAll(runs: readonly Run[]): number {
  const first = runs[0]?.firstKey ?? new Uint8Array(0);
  return runs.reduce((shared, run) => {
    const limit = Math.min(shared, run.shared);
    let length = 0;
    while (length < limit && first[length] === run.firstKey[length]) length++;
    return length;
  }, first.length);
}
