// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { compareRecords, DELETED, HEADER_BYTES, recordEnd } from "./run-records.ts";

const BUFFER_BYTES = 128 * 1024;

/** Where a run lies in its file: records in the order of their keys, each key once. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** A row on its way out, valid until the next one. */
export interface MergedRow {
  readonly table: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A run from its first record to its last. */
class RunReader {
  readonly number: number;
  readonly #file: DiskFile;
  readonly #end: number;
  #position: number;
  #filled = 0;
  bytes = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  /** The record that is next, in `bytes`. */
  at = 0;

  constructor(file: DiskFile, run: Run, number: number) {
    this.#file = file;
    this.#position = run.start;
    this.#end = run.end;
    this.number = number;
    this.#load();
  }

  get isOver(): boolean {
    return this.at >= this.#filled;
  }

  next(): void {
    this.at = recordEnd(this.bytes, this.at);
    this.#load();
  }

  /** Has the whole record at `at` in memory. */
  #load(): void {
    const left = this.#filled - this.at;
    if (left >= HEADER_BYTES && recordEnd(this.bytes, this.at) <= this.#filled) return;
    this.bytes.copy(this.bytes, 0, this.at, this.#filled);
    this.at = 0;
    this.#filled = left;
    this.#fill();
    if (this.#filled < HEADER_BYTES) return;
    const end = recordEnd(this.bytes, 0);
    if (end <= this.#filled) return;
    const larger = Buffer.allocUnsafeSlow(2 * end);
    this.bytes.copy(larger, 0, 0, this.#filled);
    this.bytes = larger;
    this.#fill();
  }

  #fill(): void {
    const room = this.bytes.length - this.#filled;
    const count = Math.min(room, this.#end - this.#position);
    this.#file.readInto(this.bytes.subarray(this.#filled, this.#filled + count), this.#position);
    this.#filled += count;
    this.#position += count;
  }
}

/** Of equal keys the one of the later run comes first, which is the newer one. */
function isBefore(a: RunReader, b: RunReader): boolean {
  const order = compareRecords(a.bytes, a.at, b.bytes, b.at);
  return order < 0 || (order === 0 && a.number > b.number);
}

/** The newest record of each key in all runs, by key, without those that say it was deleted. */
export function* mergeRuns(file: DiskFile, runs: readonly Run[]): Generator<MergedRow> {
  const heap = runs.map((run, number) => new RunReader(file, run, number));
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at);
  let last = Buffer.alloc(0);
  while (heap[0] !== undefined && !heap[0].isOver) {
    const reader = heap[0];
    const { bytes, at } = reader;
    const keyStart = at + HEADER_BYTES;
    const keyEnd = keyStart + bytes.readUInt32LE(at);
    const name = bytes.subarray(keyStart, keyEnd);
    const isNewest = !name.equals(last);
    const valueLength = bytes.readUInt32LE(at + 4);
    if (isNewest) {
      last = Buffer.from(name);
      if (valueLength !== DELETED) {
        const value = bytes.subarray(keyEnd, keyEnd + valueLength);
        yield { table: bytes[keyStart] ?? 0, key: bytes.subarray(keyStart + 1, keyEnd), value };
      }
    }
    reader.next();
    if (reader.isOver) {
      const end = heap.pop();
      if (end !== undefined && end !== reader) heap[0] = end;
    }
    sink(heap, 0);
  }
}

function sink(heap: RunReader[], from: number): void {
  let at = from;
  for (;;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      const [a, b] = [heap[child], heap[least]];
      if (a !== undefined && b !== undefined && isBefore(a, b)) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least] as RunReader, heap[at] as RunReader];
    at = least;
  }
}
