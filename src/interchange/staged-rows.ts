// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../base/binary-string.ts";
import type { DiskFile } from "../base/contracts/disk.ts";
import { invariant } from "../base/invariant.ts";

import { BackendError } from "../core/backend/index.ts";
import { type IsRowOf, RowTable } from "./row-table.ts";
import { type Run, RunMerge } from "./run-merge.ts";
import { DELETED, HEADER_BYTES, RECORDS_MAX, Records } from "./run-records.ts";

/** What is sorted in memory at a time. */
const SEGMENT_BYTES = 12 << 20;
/** Room for one read; rows are hardly ever longer. */
const READ_BYTES = 4096;
const OUTPUT_BYTES = 1 << 20;
/** Positions in the file count words of four bytes. */
const WORD_BYTES = 4;
const FILE_WORDS_MAX = 2 ** 32 - 1;
const ROWS_MAX = 2 ** 32 - 1;
/** A row that was superseded before it was written. */
const NOWHERE = FILE_WORDS_MAX;

/** Rows that were written, by their number: where each is in the file. */
interface Written {
  readonly firstRow: number;
  readonly words: Uint32Array;
}

/**
 * Rows that are written in any order, read back by key on the way, and taken out in order in the
 * end: sorted runs in a file, and what is not in it yet. Each row is written once, however many
 * there are; in a sorted table on disk every batch of random keys would touch nearly all of it.
 *
 * Memory: a segment, 11 to 22 bytes per key for the number of its newest row, four per row.
 */
export class StagedRows {
  readonly #file: DiskFile;
  readonly #runs = new Map<number, Run[]>();
  /** The number of each key's newest row, counted from 1. */
  #newest: RowTable;
  readonly #records: Records;
  /** Rows in memory, the first of which has this number. */
  #rows: number[] = [];
  #firstRow = 1;
  #isSuperseded: boolean[] = [];
  readonly #written: Written[] = [];
  readonly #output: RunOutput;
  #used = 0;
  /** Whether a row has been begun and not ended. */
  isOpen = false;
  #probe = Buffer.allocUnsafeSlow(READ_BYTES);
  #read = new Records(READ_BYTES);
  /** The row in `#read`; 0 for none. */
  #readRow = 0;

  /** `file` is empty and nobody else's. */
  constructor(file: DiskFile, segmentBytes = SEGMENT_BYTES) {
    this.#file = file;
    this.#records = new Records(segmentBytes);
    this.#newest = new RowTable(this.#isRowOf);
    this.#output = new RunOutput(file);
  }

  /** The newest value of a key, lent until the next call; undefined when there is none. */
  get(table: number, key: Uint8Array): Uint8Array | undefined {
    const length = key.length + 1;
    if (this.#probe.length < length) this.#probe = Buffer.allocUnsafeSlow(2 * length);
    this.#probe[0] = table;
    this.#probe.set(key, 1);
    const row = this.#newest.get(this.#probe, 0, length);
    if (row === 0) return undefined;
    const { records, at } = this.#find(row);
    if (records.isDeleted(at)) return undefined;
    const start = records.keyEnd(at);
    return new Uint8Array(records.bytes.buffer, start, records.valueEnd(at) - start);
  }

  /** Where a row is in memory, now that it may have been read. */
  #find(row: number): { readonly records: Records; readonly at: number } {
    if (row >= this.#firstRow) {
      return { records: this.#records, at: this.#rows[row - this.#firstRow] as number };
    }
    if (row !== this.#readRow) this.#readFromFile(this.#position(row));
    this.#readRow = row;
    return { records: this.#read, at: 0 };
  }

  readonly #isRowOf: IsRowOf = (row, bytes, start, end) => {
    const { records, at } = this.#find(row);
    const keyStart = at + HEADER_BYTES;
    const keyEnd = records.keyEnd(at);
    if (keyEnd - keyStart !== end - start) return false;
    return compareSlices(records.bytes, keyStart, keyEnd, bytes, start, end) === 0;
  };

  /** Where a row is in the file. */
  #position(row: number): number {
    let low = 0;
    let high = this.#written.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#written[middle] as Written).firstRow <= row) low = middle;
      else high = middle - 1;
    }
    const { firstRow, words } = this.#written[low] as Written;
    const word = words[row - firstRow];
    invariant(word !== undefined && word !== NOWHERE, "a key's newest row is in the file");
    return word * WORD_BYTES;
  }

  #readFromFile(position: number): void {
    this.#file.readInto(this.#read.bytes, position);
    const end = this.#read.end(0);
    if (end <= this.#read.bytes.length) return;
    this.#read = new Records(2 * end);
    this.#file.readInto(this.#read.bytes, position);
  }

  /** Begins a row whose value the caller writes into `buffer` from the returned position on. */
  begin(table: number, key: Uint8Array, valueBytesMax: number): number {
    const size = HEADER_BYTES + 1 + key.length + valueBytesMax + WORD_BYTES;
    const { bytes } = this.#records;
    invariant(size <= bytes.length, () => `a row of ${size} bytes`);
    const isFull = this.#used + size > bytes.length || this.#rows.length === RECORDS_MAX;
    if (isFull) this.#spill();
    this.isOpen = true;
    const at = this.#used;
    this.#records.setHeader(at, key.length + 1, 0);
    bytes[at + HEADER_BYTES] = table;
    bytes.set(key, at + HEADER_BYTES + 1);
    return at + HEADER_BYTES + 1 + key.length;
  }

  get buffer(): Uint8Array {
    return this.#records.bytes;
  }

  /** Ends it. */
  end(valueEnd: number): void {
    const keyEnd = this.#records.keyEnd(this.#used);
    this.#close(keyEnd, valueEnd - keyEnd, valueEnd);
  }

  delete(table: number, key: Uint8Array): void {
    const keyEnd = this.begin(table, key, 0);
    this.#close(keyEnd, DELETED, keyEnd);
  }

  #close(keyEnd: number, valueBytes: number, end: number): void {
    const at = this.#used;
    const keyStart = at + HEADER_BYTES;
    this.isOpen = false;
    this.#records.setHeader(at, keyEnd - keyStart, valueBytes);
    const row = this.#firstRow + this.#rows.length;
    if (row > ROWS_MAX) throw new BackendError("an index of 2^32 changes is not built");
    const before = this.#newest.set(this.#records.bytes, keyStart, keyEnd, row);
    if (before >= this.#firstRow) this.#isSuperseded[before - this.#firstRow] = true;
    this.#rows.push(at);
    this.#isSuperseded.push(false);
    this.#used = (end + WORD_BYTES - 1) & ~(WORD_BYTES - 1);
  }

  /** Hands over the newest rows of all keys that were not deleted, table by table. */
  *drain(): Generator<{ readonly table: number; readonly rows: RunMerge }> {
    this.#spill();
    this.#newest = new RowTable(this.#isRowOf);
    for (const table of [...this.#runs.keys()].sort((a, b) => a - b)) {
      yield { table, rows: new RunMerge(this.#file, this.#runs.get(table) ?? []) };
    }
  }

  /** Writes what is in memory, a run per table, without rows that were superseded meanwhile. */
  #spill(): void {
    const words = new Uint32Array(this.#rows.length).fill(NOWHERE);
    for (const [table, rows] of this.#currentRows()) this.#writeRun(table, rows, words);
    if (words.length > 0) this.#written.push({ firstRow: this.#firstRow, words });
    this.#firstRow += this.#rows.length;
    this.#rows = [];
    this.#isSuperseded = [];
    this.#used = 0;
  }

  /** The rows in memory that count, as places in `#rows`, by table. */
  #currentRows(): Map<number, number[]> {
    const tables = new Map<number, number[]>();
    for (let at = 0; at < this.#rows.length; at++) {
      if (this.#isSuperseded[at] === true) continue;
      const table = this.#records.bytes[(this.#rows[at] as number) + HEADER_BYTES] as number;
      const rows = tables.get(table);
      if (rows === undefined) tables.set(table, [at]);
      else rows.push(at);
    }
    return tables;
  }

  #writeRun(table: number, rows: readonly number[], words: Uint32Array): void {
    const records = this.#records;
    const places = rows.map((row) => this.#rows[row] as number);
    const shared = records.sharedBytes(places);
    const output = this.#output;
    const start = output.finish();
    let firstKey: Uint8Array | undefined;
    for (const index of records.sorted(places, shared)) {
      const at = places[index] as number;
      firstKey ??= Uint8Array.from(records.bytes.subarray(at + HEADER_BYTES, records.keyEnd(at)));
      const word = output.add(records.bytes, at, records.end(at)) / WORD_BYTES;
      if (word >= FILE_WORDS_MAX) throw new BackendError("an index of 16 GiB is not built");
      words[rows[index] as number] = word;
    }
    const run = { start, end: output.finish(), firstKey: firstKey ?? new Uint8Array(0), shared };
    this.#runs.set(table, [...(this.#runs.get(table) ?? []), run]);
  }
}

/** Collects records and writes them by the chunk, from the start of the file on. */
class RunOutput {
  readonly #file: DiskFile;
  #position = 0;
  #chunk = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  #filled = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Gives the position in the file. */
  add(bytes: Buffer, start: number, end: number): number {
    const size = end - start;
    if (this.#filled + size > this.#chunk.length) this.#flush();
    if (size > this.#chunk.length) this.#chunk = Buffer.allocUnsafeSlow(size);
    const position = this.#position + this.#filled;
    bytes.copy(this.#chunk, this.#filled, start, end);
    this.#filled += size;
    return position;
  }

  /** Gives where the next run begins. */
  finish(): number {
    this.#flush();
    return this.#position;
  }

  #flush(): void {
    this.#file.write(this.#chunk.subarray(0, this.#filled), this.#position);
    this.#position += this.#filled;
    this.#filled = 0;
  }
}
