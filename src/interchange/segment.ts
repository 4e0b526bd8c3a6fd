// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../base/invariant.ts";
import { Records, SORTED_RECORDS_MAX } from "./run-records.ts";

/** Rows of a segment; it ends with them or with its bytes, whichever is reached first. */
export const SEGMENT_ROWS_MAX = SORTED_RECORDS_MAX;
/** A row that was superseded before it was written. */
export const NOWHERE = 2 ** 32 - 1;
/** What a segment without records says of its table. */
export const NO_TABLE = -1;

const CONTROL = { owner: 0, task: 1, rows: 2, bytes: 3, table: 4 } as const;
const CONTROL_WORDS = 8;
const WORD_BYTES = 4;
const HEAD_BYTES = WORD_BYTES * (CONTROL_WORDS + 2 * SEGMENT_ROWS_MAX);

/** Who may touch a segment: who fills it with rows, or who sorts them; nobody after a failure. */
const OWNERS = { stager: 0, sorter: 1, nobody: 2 } as const;
/** What the sorter is to do: write the rows in order, or fill the segment with what comes next. */
export const TASKS = { sort: 0, fill: 1 } as const;

/** Longer than the sorting of any segment on any disk takes. */
const ANSWER_TIMEOUT_MS = 120_000;

/**
 * Memory that two threads hand to each other: records, and for each its place in memory and in
 * the file. Only who owns it looks at it, but for records that nobody changes meanwhile.
 */
export class Segment {
  readonly memory: SharedArrayBuffer;
  readonly records: Records;
  /** Where each row begins in `records`, or `NOWHERE`. */
  readonly places: Uint32Array;
  /** Where each row is in the file, once it was sorted, in words of four bytes; or `NOWHERE`. */
  readonly words: Uint32Array;
  readonly #control: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#control = new Int32Array(memory, 0, CONTROL_WORDS);
    const places = WORD_BYTES * CONTROL_WORDS;
    this.places = new Uint32Array(memory, places, SEGMENT_ROWS_MAX);
    this.words = new Uint32Array(memory, places + this.places.byteLength, SEGMENT_ROWS_MAX);
    this.records = new Records(memory, HEAD_BYTES);
  }

  static create(recordBytes: number): Segment {
    return new Segment(new SharedArrayBuffer(HEAD_BYTES + (recordBytes & ~(WORD_BYTES - 1))));
  }

  /** How many rows there are. */
  get rows(): number {
    return this.#control[CONTROL.rows] as number;
  }
  set rows(rows: number) {
    this.#control[CONTROL.rows] = rows;
  }

  /** How many bytes the records take. */
  get bytes(): number {
    return this.#control[CONTROL.bytes] as number;
  }
  set bytes(bytes: number) {
    this.#control[CONTROL.bytes] = bytes;
  }

  /** The table of all records; `NO_TABLE` behind the last one. */
  get table(): number {
    return this.#control[CONTROL.table] as number;
  }
  set table(table: number) {
    this.#control[CONTROL.table] = table;
  }

  get task(): number {
    return this.#control[CONTROL.task] as number;
  }

  /** The stager's way to give a segment away; after a failure it stays nobody's. */
  giveToSorter(task: number): void {
    this.#control[CONTROL.task] = task;
    Atomics.compareExchange(this.#control, CONTROL.owner, OWNERS.stager, OWNERS.sorter);
    Atomics.notify(this.#control, CONTROL.owner);
  }

  /** The sorter's ways. */
  giveBack(): void {
    this.#giveTo(OWNERS.stager);
  }
  abandon(): void {
    this.#giveTo(OWNERS.nobody);
  }

  #giveTo(owner: number): void {
    Atomics.store(this.#control, CONTROL.owner, owner);
    Atomics.notify(this.#control, CONTROL.owner);
  }

  /** Blocks until the sorter has given the segment back; false when it has failed. */
  awaitSorter(): boolean {
    return this.#ownerAfter(OWNERS.sorter, ANSWER_TIMEOUT_MS) === OWNERS.stager;
  }

  /** Blocks until the stager gives the segment away, however long that takes. */
  awaitStager(): void {
    this.#ownerAfter(OWNERS.stager, Number.POSITIVE_INFINITY);
  }

  #ownerAfter(other: number, timeoutMs: number): number {
    for (;;) {
      const owner = Atomics.load(this.#control, CONTROL.owner);
      if (owner !== other) return owner;
      const outcome = Atomics.wait(this.#control, CONTROL.owner, other, timeoutMs);
      invariant(outcome !== "timed-out", "the thread that sorts rows answers");
    }
  }
}
