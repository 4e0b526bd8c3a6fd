// SPDX-License-Identifier: Apache-2.0

import {
  type RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import { invariant } from "../../base/invariant.ts";
import type { KvView, MvccStore, PairSink, RangeCount, RangeReader } from "../mvcc/index.ts";
import { hasFilters, limited, orderOf, passes, projectionOf } from "./range.ts";
import { type ErrorResult, failed, type RangeResult } from "./result.ts";
import { SortedPairs } from "./sorted-pairs.ts";

/** Pairs of so many bytes are enough for a step, however few they are. */
const BYTES_PER_STEP = 512 * 1024;

/** Takes the pairs of a plain range as they are read, without an object for each. */
export interface PairOutput {
  /** The pairs are about to be read; the store's revision is this. Called once, or never. */
  begin(revision: number): void;
  readonly pair: PairSink;
}

/**
 * A range of many keys in steps; what it answers is the state at one revision between its first
 * step and its last. Meanwhile it keeps that revision from being removed, so it has to be stepped
 * until it is done, or closed. The request is copied.
 */
export class RangeRun {
  result: RangeResult | ErrorResult | undefined;
  readonly #store: MvccStore;
  readonly #request: RangeRequest;
  /** Undefined when there is none, or the pairs have to be looked at before they go there. */
  readonly #output: PairOutput | undefined;
  /** Where a limit may leave out pairs, the present ones are counted before they are read. */
  #count: RangeCount | undefined;
  #total: number | undefined;
  #reader: RangeReader | undefined;
  readonly #kvs: KvView[] = [];
  readonly #sorted: SortedPairs | undefined;
  /** Pairs that were read, and those of them that pass the filters. */
  #read = 0;
  #passing = 0;
  #left = 0;
  /** The store's revision when the pairs were begun to be read. */
  #headerRevision = 0;

  constructor(store: MvccStore, request: RangeRequest, output?: PairOutput) {
    this.#store = store;
    const key = copyOf(request.key);
    const rangeEnd = copyOf(request.rangeEnd);
    this.#request = { ...request, key, rangeEnd };
    const order = orderOf(request);
    if (order !== undefined) this.#sorted = new SortedPairs(order, request.limit);
    const { limit, revision, countOnly } = request;
    const isWhole = this.#isPlain && projectionOf(request) === "full";
    if (isWhole && order === undefined && !countOnly) this.#output = output;
    const counts = countOnly || (limit > 0 && this.#isPlain);
    if (counts && revision <= 0) this.#count = store.beginCount(key, rangeEnd);
    else this.#open();
  }

  /** Looks at about so many keys, or fewer when they are large. */
  step(rowsMax: number): void {
    if (this.result !== undefined) return;
    if (this.#count !== undefined) {
      this.#store.stepCount(this.#count, rowsMax);
      if (this.#count.done) this.#counted(this.#count);
      return;
    }
    const reader = this.#reader;
    invariant(reader !== undefined, "a range without a reader");
    if (this.#isComplete(reader)) return this.#order(this.#sorted, rowsMax);
    if (this.#isRead) this.#countLeft(reader, rowsMax);
    else this.#readOn(reader, rowsMax);
    if (this.#isComplete(reader) && this.#sorted === undefined) this.#finish(this.#kvs);
  }

  /** Gives up. */
  close(): void {
    if (this.#count !== undefined) this.#store.endCount(this.#count);
    this.#count = undefined;
    this.#reader?.close();
  }

  /** A limit ends the reading, since nothing is filtered or put into another order before. */
  get #isPlain(): boolean {
    const { sortOrder, sortTarget } = this.#request;
    const isInOrder = sortOrder === SortOrder.ASCEND && sortTarget === SortTarget.KEY;
    return (isInOrder || sortOrder === SortOrder.NONE) && !hasFilters(this.#request);
  }

  /** How many pairs have to be read: where there is a limit, the count tells whether it cuts. */
  get #wants(): number {
    const { countOnly, limit } = this.#request;
    if (countOnly) return 0;
    if (limit <= 0 || !this.#isPlain) return Number.POSITIVE_INFINITY;
    // With a sort target and no order, etcd sorts what the limit lets it read: one pair more.
    return this.#sorted === undefined ? limit : limit + 1;
  }

  get #isRead(): boolean {
    return this.#read >= this.#wants;
  }

  #isComplete(reader: RangeReader): boolean {
    return reader.done || (this.#isRead && this.#total !== undefined);
  }

  #open(): void {
    const { key, rangeEnd, revision } = this.#request;
    const keysOnly = projectionOf(this.#request) === "indexOnly";
    const reader = this.#store.reader(key, rangeEnd, { revision, keysOnly, holds: true });
    if (reader === "compacted") this.result = failed("compacted");
    else if (reader === "future") this.result = failed("futureRevision");
    else {
      this.#reader = reader;
      this.#headerRevision = this.#store.currentRevision;
      this.#output?.begin(this.#headerRevision);
    }
  }

  /** The count is that of this very moment, so the pairs are read as they are now. */
  #counted(finished: RangeCount): void {
    const { count } = finished;
    this.#store.endCount(finished);
    this.#count = undefined;
    this.#total = count;
    if (!this.#request.countOnly) return this.#open();
    const revision = this.#store.currentRevision;
    this.result = limited(this.#request, { count, revision }, [], 0);
  }

  #readOn(reader: RangeReader, rows: number): void {
    const budget = { rows, pairs: this.#wants - this.#read, bytes: BYTES_PER_STEP };
    const output = this.#output;
    if (output !== undefined) {
      const pairs = reader.readInto(budget, output.pair);
      invariant(pairs !== "compacted", HELD);
      this.#read += pairs;
      this.#passing = this.#read;
      return;
    }
    const piece = reader.read(budget);
    invariant(piece !== "compacted", HELD);
    this.#read += piece.length;
    this.#take(piece);
  }

  #take(piece: readonly KvView[]): void {
    const request = this.#request;
    const passing = hasFilters(request) ? piece.filter((kv) => passes(kv, request)) : piece;
    this.#passing += passing.length;
    if (this.#sorted !== undefined) return this.#sorted.add(passing);
    const room = request.limit > 0 ? request.limit - this.#kvs.length : passing.length;
    for (let at = 0; at < Math.min(room, passing.length); at++) {
      this.#kvs.push(passing[at] as KvView);
    }
  }

  #countLeft(reader: RangeReader, rows: number): void {
    const piece = reader.count(rows);
    invariant(piece !== "compacted", HELD);
    this.#left += piece;
  }

  #order(sorted: SortedPairs | undefined, pairsMax: number): void {
    const kvs = sorted?.step(pairsMax);
    if (kvs !== undefined) this.#finish(kvs);
  }

  #finish(kvs: readonly KvView[]): void {
    const count = this.#total ?? this.#read + this.#left;
    const selected = { count, revision: this.#headerRevision };
    this.result = limited(this.#request, selected, kvs, this.#passing);
    this.close();
  }
}

const HELD = "a revision that is held was removed";

function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
