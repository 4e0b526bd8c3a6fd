// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { HEADER_BYTES, Records } from "./run-records.ts";

/** What all runs together are read with, and one at least. */
const BUFFERS_BYTES = 4 << 20;
const BUFFER_BYTES_MIN = 4096;
/** So many bytes of a key are compared as a number first: as many as one holds exactly. */
const RANKED_BYTES = 6;

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
  readonly number: number;
  readonly #file: DiskFile;
  readonly #skipped: number;
  readonly #end: number;
  #position: number;
  #filled = 0;
  records: Records;
  /** The record that is next, in `records`, and the number its key begins with. */
  at = 0;
  rank = 0;

  /** `skipped`: bytes that all keys of all runs begin with. */
  constructor(
    file: DiskFile,
    run: Run,
    number: number,
    options: { readonly skipped: number; readonly bufferBytes: number },
  ) {
    const { skipped, bufferBytes } = options;
    this.records = Records.ofSize(bufferBytes);
    this.#file = file;
    this.#skipped = skipped;
    this.#position = run.start;
    this.#end = run.end;
    this.number = number;
    this.#load();
  }

  get isOver(): boolean {
    return this.at >= this.#filled;
  }

  next(): void {
    this.at = this.records.end(this.at);
    this.#load();
  }

  /** Has the whole record at `at` in memory. */
  #load(): void {
    if (!this.#holds(this.at)) this.#refill();
    if (!this.isOver) this.rank = this.records.rank(this.at, this.#skipped, RANKED_BYTES);
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

/** Of equal keys the one of the later run comes first, which is the newer one. */
function isBefore(a: RunReader, b: RunReader): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  const order = a.records.compare(a.at, b.records, b.at);
  return order < 0 || (order === 0 && a.number > b.number);
}

/**
 * The newest record of each key in all runs, by key, without those that say it was deleted.
 * `next` moves to it; the fields say where it is, until `next` is called again.
 */
export class RunMerge {
  readonly #heap: RunReader[];
  /** Whose record the fields stand for; it is moved on first thing in `next`. */
  #current: RunReader | undefined;

  constructor(file: DiskFile, runs: readonly Run[]) {
    const bufferBytes = Math.max(BUFFER_BYTES_MIN, Math.floor(BUFFERS_BYTES / runs.length));
    const options = { skipped: sharedByAll(runs), bufferBytes };
    this.#heap = runs.map((run, number) => new RunReader(file, run, number, options));
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Where the record is. */
  records: Records = Records.ofSize(0);
  start = 0;
  end = 0;

  next(): boolean {
    for (;;) {
      if (this.#current !== undefined) {
        this.#passOlder(this.#current);
        this.#moveOn(0);
      }
      this.#current = this.#heap[0];
      if (this.#current === undefined) return false;
      const { records, at } = this.#current;
      this.records = records;
      this.start = at;
      this.end = records.end(at);
      if (!records.isDeleted(at)) return true;
    }
  }

  /** Passes over the records of the same key in earlier runs: they are right below the first. */
  #passOlder({ rank, records, at }: RunReader): void {
    for (const child of [1, 2]) {
      for (;;) {
        const other = this.#heap[child];
        if (other?.rank !== rank || !records.hasKeyOf(at, other.records, other.at)) break;
        this.#moveOn(child);
      }
    }
  }

  /** Moves a reader on; one that is over leaves the heap. */
  #moveOn(index: number): void {
    const reader = this.#heap[index] as RunReader;
    reader.next();
    if (reader.isOver) {
      const last = this.#heap.pop() as RunReader;
      if (index < this.#heap.length) this.#heap[index] = last;
    }
    this.#sink(index);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let least = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++) {
        if (isBefore(heap[child] as RunReader, heap[least] as RunReader)) least = child;
      }
      if (least === at) return;
      const reader = heap[at] as RunReader;
      heap[at] = heap[least] as RunReader;
      heap[least] = reader;
      at = least;
    }
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
