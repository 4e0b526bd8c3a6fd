// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { invariant } from "../base/invariant.ts";
import { BackendError } from "../core/backend/index.ts";
import { KeyTable } from "../core/etcd-db/index.ts";
import { type MergedRow, mergeRuns, type Run } from "./run-merge.ts";
import { DELETED, HEADER_BYTES, recordEnd, SortedRecords } from "./run-records.ts";

/** What is sorted in memory at a time. */
const SEGMENT_BYTES = 24 << 20;
/** Room for one read; rows are hardly ever longer. */
const READ_BYTES = 4096;
const OUTPUT_BYTES = 1 << 20;
/** Places count words of four bytes, those of the file from 1 and those in memory from here. */
const MEMORY_PLACE = 2 ** 31;

/**
 * Rows that are written in any order, read back by key on the way, and taken out in order in the
 * end: sorted runs in a file, and what is not in it yet. Each row is written once or twice, however
 * many there are; in a sorted table on disk every batch of random keys would touch nearly all of it.
 *
 * Memory: a segment, and some 30 bytes per key for where its newest row is.
 */
export class StagedRows {
  readonly #file: DiskFile;
  readonly #runs: Run[] = [];
  readonly #places = new KeyTable();
  readonly #bytes: Buffer;
  readonly #words: Uint32Array;
  #records: number[] = [];
  #used = 0;
  #fileEnd = 0;
  /** Whether a row has been begun and not ended. */
  isOpen = false;
  #probe = Buffer.allocUnsafeSlow(READ_BYTES);
  #read = Buffer.allocUnsafeSlow(READ_BYTES);

  /** `file` is empty and nobody else's. */
  constructor(file: DiskFile, segmentBytes = SEGMENT_BYTES) {
    this.#file = file;
    this.#bytes = Buffer.allocUnsafeSlow(segmentBytes);
    this.#words = new Uint32Array(this.#bytes.buffer);
  }

  /** The newest value of a key, lent until the next call; undefined when there is none. */
  get(table: number, key: Uint8Array): Uint8Array | undefined {
    const length = key.length + 1;
    if (this.#probe.length < length) this.#probe = Buffer.allocUnsafeSlow(2 * length);
    this.#probe[0] = table;
    this.#probe.set(key, 1);
    const place = this.#places.get(this.#probe, 0, length);
    if (place === 0) return undefined;
    if (place < MEMORY_PLACE) return this.#readValue((place - 1) * 4);
    const at = (place - MEMORY_PLACE) * 4;
    return readValue(this.#bytes, at);
  }

  #readValue(position: number): Uint8Array | undefined {
    this.#file.readInto(this.#read, position);
    const end = recordEnd(this.#read, 0);
    if (end > this.#read.length) {
      this.#read = Buffer.allocUnsafeSlow(2 * end);
      this.#file.readInto(this.#read, position);
    }
    return readValue(this.#read, 0);
  }

  /** Begins a row whose value the caller writes into `buffer` from the returned position on. */
  begin(table: number, key: Uint8Array, valueBytesMax: number): number {
    const size = HEADER_BYTES + 1 + key.length + valueBytesMax + 4;
    invariant(size <= this.#bytes.length, () => `a row of ${size} bytes`);
    if (this.#used + size > this.#bytes.length) this.#spill();
    this.isOpen = true;
    const at = this.#used;
    this.#words[at >> 2] = key.length + 1;
    this.#bytes[at + HEADER_BYTES] = table;
    this.#bytes.set(key, at + HEADER_BYTES + 1);
    return at + HEADER_BYTES + 1 + key.length;
  }

  get buffer(): Uint8Array {
    return this.#bytes;
  }

  /** Ends it. */
  end(valueEnd: number): void {
    const at = this.#used;
    const valueStart = at + HEADER_BYTES + (this.#words[at >> 2] as number);
    this.#close(valueStart, valueEnd - valueStart, valueEnd);
  }

  delete(table: number, key: Uint8Array): void {
    const valueStart = this.begin(table, key, 0);
    this.#close(valueStart, DELETED, valueStart);
  }

  #close(keyEnd: number, valueLength: number, end: number): void {
    const at = this.#used;
    this.isOpen = false;
    this.#words[(at >> 2) + 1] = valueLength;
    this.#places.set(this.#bytes, at + HEADER_BYTES, keyEnd, MEMORY_PLACE + (at >> 2));
    this.#records.push(at);
    this.#used = (end + 3) & ~3;
  }

  /** Hands over the newest rows of all keys that were not deleted, by table and by key. */
  *drain(): Generator<MergedRow> {
    this.#spill();
    yield* mergeRuns(this.#file, this.#runs);
  }

  /** Writes what is in memory as a run, without rows that were superseded meanwhile. */
  #spill(): void {
    const bytes = this.#bytes;
    const current = this.#records.filter((at) => {
      const keyStart = at + HEADER_BYTES;
      const keyEnd = keyStart + (this.#words[at >> 2] as number);
      return this.#places.get(bytes, keyStart, keyEnd) === MEMORY_PLACE + (at >> 2);
    });
    this.#records = [];
    this.#used = 0;
    if (current.length === 0) return;
    const start = this.#fileEnd;
    let output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
    let filled = 0;
    for (const at of new SortedRecords(bytes, current).order) {
      const end = recordEnd(bytes, at);
      if (filled + end - at > output.length) {
        this.#write(output.subarray(0, filled));
        filled = 0;
        if (end - at > output.length) output = Buffer.allocUnsafeSlow(end - at);
      }
      bytes.copy(output, filled, at, end);
      const keyStart = at + HEADER_BYTES;
      const place = 1 + (this.#fileEnd + filled) / 4;
      if (place >= MEMORY_PLACE) throw new BackendError("an index of more than 8 GiB is not built");
      this.#places.set(bytes, keyStart, keyStart + (this.#words[at >> 2] as number), place);
      filled += end - at;
    }
    this.#write(output.subarray(0, filled));
    this.#runs.push({ start, end: this.#fileEnd });
  }

  #write(bytes: Uint8Array): void {
    this.#file.write(bytes, this.#fileEnd);
    this.#fileEnd += bytes.length;
  }
}

function readValue(bytes: Buffer, at: number): Uint8Array | undefined {
  const keyLength = bytes.readUInt32LE(at);
  const valueLength = bytes.readUInt32LE(at + 4);
  if (valueLength === DELETED) return undefined;
  const start = at + HEADER_BYTES + keyLength;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, valueLength);
}
