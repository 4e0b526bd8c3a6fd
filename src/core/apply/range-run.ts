// SPDX-License-Identifier: Apache-2.0

import {
  type RangeRequest,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../api/gen/etcdserverpb.ts";
import { invariant } from "../../base/invariant.ts";
import type { KvView, MvccStore, RangeCount, RangeReader } from "../mvcc/index.ts";
import { finishRange, hasFilters, projectionOf } from "./range.ts";
import { type ErrorResult, failed, type RangeResult } from "./result.ts";

const NO_BYTES_LIMIT = Number.POSITIVE_INFINITY;

/**
 * A range of many keys in steps; what it answers is the state at one revision between its first
 * step and its last. Meanwhile it keeps that revision from being removed, so it has to be stepped
 * until it is done, or closed. The request is copied.
 */
export class RangeRun {
  result: RangeResult | ErrorResult | undefined;
  readonly #store: MvccStore;
  readonly #request: RangeRequest;
  /** Where a limit may leave out pairs, the present ones are counted before they are read. */
  #count: RangeCount | undefined;
  #total: number | undefined;
  #reader: RangeReader | undefined;
  #kvs: KvView[] = [];
  #left = 0;
  /** The store's revision when the pairs were begun to be read. */
  #headerRevision = 0;

  constructor(store: MvccStore, request: RangeRequest) {
    this.#store = store;
    const key = copyOf(request.key);
    const rangeEnd = copyOf(request.rangeEnd);
    this.#request = { ...request, key, rangeEnd };
    const { limit, revision, countOnly } = request;
    const counts = countOnly || (limit > 0 && this.#isPlain);
    if (counts && revision <= 0) this.#count = store.beginCount(key, rangeEnd);
    else this.#open();
  }

  /** Looks at about so many keys. */
  step(rowsMax: number): void {
    if (this.result !== undefined) return;
    if (this.#count !== undefined) {
      this.#store.stepCount(this.#count, rowsMax);
      if (this.#count.done) this.#counted(this.#count);
      return;
    }
    const reader = this.#reader;
    invariant(reader !== undefined, "a range without a reader");
    if (this.#isRead) this.#countLeft(reader, rowsMax);
    else this.#read(reader, rowsMax);
    if (reader.done || (this.#isRead && this.#total !== undefined)) this.#finish();
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

  /** How many pairs have to be read: one more than the limit, as `executeRange` does. */
  get #wants(): number {
    const { countOnly, limit } = this.#request;
    if (countOnly) return 0;
    return limit > 0 && this.#isPlain ? limit + 1 : Number.POSITIVE_INFINITY;
  }

  get #isRead(): boolean {
    return this.#kvs.length >= this.#wants;
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
    this.result = finishRange(this.#request, { kvs: [], count, revision });
  }

  #read(reader: RangeReader, rows: number): void {
    const pairs = this.#wants - this.#kvs.length;
    const piece = reader.read({ rows, pairs, bytes: NO_BYTES_LIMIT });
    invariant(piece !== "compacted", "a revision that is held was removed");
    for (const kv of piece) this.#kvs.push(kv);
  }

  #countLeft(reader: RangeReader, rows: number): void {
    const piece = reader.count(rows);
    invariant(piece !== "compacted", "a revision that is held was removed");
    this.#left += piece;
  }

  #finish(): void {
    const count = this.#total ?? this.#kvs.length + this.#left;
    this.result = finishRange(this.#request, {
      kvs: this.#kvs,
      count,
      revision: this.#headerRevision,
    });
    this.close();
  }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
