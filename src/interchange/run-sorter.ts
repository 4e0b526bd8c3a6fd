// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { invariant } from "../base/invariant.ts";
import { type Run, RunMerge } from "./run-merge.ts";
import { HEADER_BYTES, Records } from "./run-records.ts";
import { NO_TABLE, NOWHERE, type Segment } from "./segment.ts";

const OUTPUT_BYTES = 1 << 20;
/** Positions in the file count words of four bytes. */
export const FILE_WORD_BYTES = 4;
const TABLES_MAX = 256;

/** Sorts rows by the segment into runs in a file, and gives all of them in order in the end. */
export class RunSorter {
  readonly #file: DiskFile;
  readonly #output: RunOutput;
  readonly #runs = new Map<number, Run[]>();
  /** What is left to give: tables in order, and the merge of the first of them. */
  #tables: number[] | undefined;
  #merge: RunMerge | undefined;
  /** Whether the merge's record has been found and not yet been given. */
  #isFound = false;

  /** `file` is empty and nobody else writes to it. */
  constructor(file: DiskFile) {
    this.#file = file;
    this.#output = new RunOutput(file);
  }

  /** Writes the rows of a segment, a run per table, and says where each of them is. */
  sort({ records, places, words, rows }: Segment): void {
    words.fill(NOWHERE, 0, rows);
    for (const [table, indices] of byTable(records, places.subarray(0, rows))) {
      this.#writeRun(table, records, places, indices, words);
    }
  }

  #writeRun(
    table: number,
    records: Records,
    places: Uint32Array,
    indices: Uint32Array,
    words: Uint32Array,
  ): void {
    const starts = indices.map((index) => places[index] as number);
    const shared = records.sharedBytes(starts);
    const output = this.#output;
    const start = output.finish();
    let firstKey: Uint8Array | undefined;
    for (const at of records.sorted(starts, shared)) {
      const place = starts[at] as number;
      firstKey ??= records.bytes.slice(place + HEADER_BYTES, records.keyEnd(place));
      const position = output.add(records, place, records.end(place));
      words[indices[at] as number] = position / FILE_WORD_BYTES;
    }
    const run = { start, end: output.finish(), firstKey: firstKey ?? new Uint8Array(0), shared };
    this.#runs.set(table, [...(this.#runs.get(table) ?? []), run]);
  }

  /**
   * Fills a segment with the next records in order, all of one table: of each key the newest one,
   * unless that says it was deleted. Its table is `NO_TABLE` when there are none left.
   */
  fill(segment: Segment): void {
    this.#tables ??= [...this.#runs.keys()].sort((a, b) => a - b);
    segment.bytes = 0;
    segment.table = NO_TABLE;
    while (segment.bytes === 0) {
      const table = this.#tables[0];
      if (table === undefined) return;
      segment.table = table;
      this.#merge ??= new RunMerge(this.#file, this.#runs.get(table) ?? []);
      if (this.#fillFrom(this.#merge, segment)) continue;
      this.#merge = undefined;
      this.#tables.shift();
      if (segment.bytes === 0) segment.table = NO_TABLE;
    }
  }

  /** Whether there may be more. */
  #fillFrom(merge: RunMerge, segment: Segment): boolean {
    const { records } = segment;
    const limit = records.bytes.length;
    let at = 0;
    for (; this.#isFound || merge.next(); this.#isFound = false) {
      this.#isFound = true;
      const end = at + (merge.end - merge.start);
      if (end > limit && at > 0) break;
      invariant(end <= limit, "what was staged in a segment fits into one");
      records.copyFrom(merge.records, merge.start, merge.end, at);
      at = end;
    }
    segment.bytes = at;
    return this.#isFound;
  }
}

/** The rows that were not superseded, as indices into `places`, by table. */
function byTable(records: Records, places: Uint32Array): Map<number, Uint32Array> {
  const tables = new Uint8Array(places.length);
  const counts = new Uint32Array(TABLES_MAX);
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number;
    if (place === NOWHERE) continue;
    const table = records.bytes[place + HEADER_BYTES] as number;
    tables[index] = table;
    counts[table] = (counts[table] as number) + 1;
  }
  const found = new Map<number, Uint32Array>();
  for (let table = 0; table < TABLES_MAX; table++) {
    const count = counts[table] as number;
    if (count === 0) continue;
    const indices = new Uint32Array(count);
    let filled = 0;
    for (let index = 0; index < places.length; index++) {
      if (tables[index] === table && places[index] !== NOWHERE) indices[filled++] = index;
    }
    found.set(table, indices);
  }
  return found;
}

/** Collects records and writes them by the chunk, from the start of the file on. */
class RunOutput {
  readonly #file: DiskFile;
  #position = 0;
  #chunk = Records.ofSize(OUTPUT_BYTES);
  #filled = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Gives the position in the file. */
  add(records: Records, start: number, end: number): number {
    const size = end - start;
    if (this.#filled + size > this.#chunk.bytes.length) this.#flush();
    if (size > this.#chunk.bytes.length) this.#chunk = Records.ofSize(size);
    const position = this.#position + this.#filled;
    this.#chunk.copyFrom(records, start, end, this.#filled);
    this.#filled += size;
    return position;
  }

  /** Gives where the next run begins. */
  finish(): number {
    this.#flush();
    return this.#position;
  }

  #flush(): void {
    this.#file.write(this.#chunk.bytes.subarray(0, this.#filled), this.#position);
    this.#position += this.#filled;
    this.#filled = 0;
  }
}
