// SPDX-License-Identifier: Apache-2.0

import { ByteCopier } from "../base/byte-copier.ts";
import type { DiskFile } from "../base/contracts/disk.ts";
import { invariant } from "../base/invariant.ts";
import { BackendError } from "../core/backend/index.ts";
import { type IsRowOf, RowTable } from "./row-table.ts";
import { DELETED, HEADER_BYTES, Records } from "./run-records.ts";
import { FILE_WORD_BYTES } from "./run-sorter.ts";
import { NOWHERE, SEGMENT_ROWS_MAX, type Segment } from "./segment.ts";
import type { Sorter } from "./sorter.ts";

/** Room for one read; rows are hardly ever longer. */
const READ_BYTES = 4096;
const ROWS_MAX = 2 ** 32 - 1;
/** What positions in the file can tell, `NOWHERE` being none. */
const STAGED_BYTES_MAX = NOWHERE * FILE_WORD_BYTES;

/** Rows that are in the file, by their number: where each is. */
interface Written {
  readonly firstRow: number;
  readonly words: Uint32Array;
}

/** A segment whose first row has a number. */
interface Numbered {
  readonly segment: Segment;
  readonly firstRow: number;
}

/**
 * Rows that are written in any order, read back by key on the way, and taken out in order in the
 * end: sorted runs in a file, and what is not in it yet. Each row is written once, however many
 * there are; in a sorted table on disk every batch of random keys would touch nearly all of it.
 *
 * Memory: two segments, 11 to 22 bytes per key for the number of its newest row, four per row.
 */
export class StagedRows {
  readonly #file: DiskFile;
  readonly #sorter: Sorter;
  /** The number of each key's newest row, counted from 1. */
  readonly #newest: RowTable;
  /** What is being filled, the number of its first row, how many it has, and their bytes. */
  #segment: Segment;
  #firstRow = 1;
  #rows = 0;
  #used = 0;
  /** What is perhaps still being sorted. */
  #previous: Numbered | undefined;
  readonly #written: Written[] = [];
  #stagedBytes = 0;
  /** Whether a row has been begun and not ended. */
  isOpen = false;
  /** Whether its key has been looked for. */
  #isFound = false;
  readonly #copier = new ByteCopier();
  #probe = Records.ofSize(READ_BYTES);
  #read = Records.ofSize(READ_BYTES);
  /** The row in `#read`; 0 for none. */
  #readRow = 0;

  /** `file`: where the sorter writes. */
  constructor(file: DiskFile, sorter: Sorter) {
    this.#file = file;
    this.#sorter = sorter;
    this.#newest = new RowTable(this.#isRowOf);
    [this.#segment] = sorter.segments;
  }

  /** The newest value of a key, lent until the next call; undefined when there is none. */
  get(table: number, key: Uint8Array): Uint8Array | undefined {
    const size = HEADER_BYTES + 1 + key.length;
    if (this.#probe.bytes.length < size) this.#probe = Records.ofSize(2 * size);
    this.#writeKey(this.#probe, 0, table, key, 0, key.length);
    const row = this.#newest.find(this.#probe, 0);
    if (row === 0) return undefined;
    const { records, at } = this.#find(row);
    if (records.isDeleted(at)) return undefined;
    return records.bytes.subarray(records.keyEnd(at), records.valueEnd(at));
  }

  /** Where a row is in memory, now that it may have been read. */
  #find(row: number): { readonly records: Records; readonly at: number } {
    if (row >= this.#firstRow) {
      const { records, places } = this.#segment;
      return { records, at: places[row - this.#firstRow] as number };
    }
    const previous = this.#previous;
    if (previous !== undefined && row >= previous.firstRow) {
      const { records, places } = previous.segment;
      return { records, at: places[row - previous.firstRow] as number };
    }
    if (row !== this.#readRow) this.#readFromFile(this.#position(row));
    this.#readRow = row;
    return { records: this.#read, at: 0 };
  }

  readonly #isRowOf: IsRowOf = (row, others, other) => {
    const { records, at } = this.#find(row);
    return records.hasKeyOf(at, others, other);
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
    return word * FILE_WORD_BYTES;
  }

  #readFromFile(position: number): void {
    this.#file.readInto(this.#read.bytes, position);
    const end = this.#read.end(0);
    if (end <= this.#read.bytes.length) return;
    this.#read = Records.ofSize(2 * end);
    this.#file.readInto(this.#read.bytes, position);
  }

  /** Begins a row whose value the caller writes into `buffer` from the returned position on. */
  begin(table: number, key: Uint8Array, valueBytesMax: number): number {
    return this.#begin(table, key, 0, key.length, valueBytesMax);
  }

  /** The same for a key in bytes [start, end) that has had no row; -1 when it has. */
  beginFirst(
    table: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytesMax: number,
  ): number {
    const valueStart = this.#begin(table, bytes, start, end, valueBytesMax);
    this.isOpen = this.#newest.find(this.#segment.records, this.#used) === 0;
    this.#isFound = this.isOpen;
    return this.isOpen ? valueStart : -1;
  }

  #begin(
    table: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytesMax: number,
  ): number {
    const size = HEADER_BYTES + 1 + end - start + valueBytesMax + FILE_WORD_BYTES;
    const { length } = this.#segment.records.bytes;
    invariant(size <= length, () => `a row of ${size} bytes`);
    if (this.#used + size > length || this.#rows === SEGMENT_ROWS_MAX) this.#handOver();
    this.isOpen = true;
    this.#isFound = false;
    return this.#writeKey(this.#segment.records, this.#used, table, bytes, start, end);
  }

  /** Begins a record and gives where its value goes. A staged key begins with its table. */
  #writeKey(
    records: Records,
    at: number,
    table: number,
    key: Uint8Array,
    start: number,
    end: number,
  ): number {
    const keyStart = at + HEADER_BYTES + 1;
    records.setHeader(at, 1 + end - start, 0);
    records.bytes[keyStart - 1] = table;
    this.#copier.copy(records.bytes, keyStart, key, start, end);
    return keyStart + end - start;
  }

  get buffer(): Uint8Array {
    return this.#segment.records.bytes;
  }

  /** Ends it. */
  end(valueEnd: number): void {
    const keyEnd = this.#segment.records.keyEnd(this.#used);
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
    this.#segment.records.setHeader(at, keyEnd - keyStart, valueBytes);
    const row = this.#firstRow + this.#rows;
    if (row > ROWS_MAX) throw new BackendError("an index of 2^32 changes is not built");
    const before = this.#isFound ? 0 : this.#newest.find(this.#segment.records, at);
    this.#newest.set(row);
    const { places } = this.#segment;
    if (before >= this.#firstRow) places[before - this.#firstRow] = NOWHERE;
    places[this.#rows++] = at;
    this.#used = (end + FILE_WORD_BYTES - 1) & ~(FILE_WORD_BYTES - 1);
  }

  /** Has what is in memory sorted, and goes on in the other segment. */
  #handOver(): void {
    this.#stagedBytes += this.#used;
    if (this.#stagedBytes > STAGED_BYTES_MAX) {
      throw new BackendError("an index of 16 GiB is not built");
    }
    this.#segment.rows = this.#rows;
    this.#sorter.sort(this.#segment);
    this.#settlePrevious();
    this.#previous = { segment: this.#segment, firstRow: this.#firstRow };
    const [first, second] = this.#sorter.segments;
    this.#segment = this.#segment === first ? second : first;
    this.#firstRow += this.#rows;
    this.#rows = 0;
    this.#used = 0;
  }

  /** The segment before is in the file from here on. */
  #settlePrevious(): void {
    if (this.#previous === undefined) return;
    const { segment, firstRow } = this.#previous;
    this.#previous = undefined;
    this.#sorter.settle(segment);
    this.#written.push({ firstRow, words: segment.words.slice(0, segment.rows) });
  }

  /**
   * Hands over the newest rows of all keys that were not deleted: table by table, in the order of
   * keys, by the piece, each being lent until the next.
   */
  *drain(): Generator<Segment> {
    this.#handOver();
    this.#settlePrevious();
    this.#newest.free();
    this.#written.length = 0;
    yield* this.#sorter.drain(this.#segment);
  }
}
