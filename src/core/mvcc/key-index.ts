// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import { etcdValueEnd, type RowStore } from "../backend/index.ts";
import type { Arena } from "./arena.ts";
import { Head, Mark } from "./head.ts";
import { KeyTable } from "./key-table.ts";
import { KvView, PairFields } from "./kv-view.ts";
import { LeaseKeys } from "./lease-keys.ts";
import { RangeCounts } from "./range-counts.ts";
import type { Rows } from "./rows.ts";

/** A key's newest revision, as the index has it. */
export interface Selection {
  readonly kvs: KvView[];
  /** How many there are, with those that the limit left out. */
  readonly count: number;
}

export interface SelectionOptions {
  /** At most so many pairs; 0 for all. */
  readonly limit: number;
  readonly countOnly: boolean;
  /** Pairs without value and lease. */
  readonly keysOnly: boolean;
}

/** How much of a range to read at once; it ends with whatever is reached first. */
export interface SliceBudget {
  /** Keys to look at, those without a pair at the revision included. */
  readonly rows: number;
  readonly pairs: number;
  /** Bytes of encoded pairs; the one that goes beyond is still read. */
  readonly bytes: number;
}

/** A piece of a range. */
export interface Slice {
  readonly kvs: KvView[];
  readonly count: number;
  /** Where the next piece begins; undefined at the end. */
  readonly next: Uint8Array | undefined;
}

/**
 * Takes encoded pairs one after another. The bytes are lent: they may be overwritten when the call
 * returns, which must not read from the store.
 */
export type PairSink = (buffer: Uint8Array, start: number, end: number) => void;

/** A piece of a range that went to a sink. */
export interface SunkSlice {
  readonly pairs: number;
  /** Where the next piece begins; undefined at the end. */
  readonly next: Uint8Array | undefined;
}

interface SliceRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
}

interface SliceState {
  readonly revision: number;
  /** Whether that revision is the store's. */
  readonly isCurrent: boolean;
}

interface SliceContent {
  readonly countOnly: boolean;
  readonly keysOnly: boolean;
}

const HEADS = { direct: "head", long: "headLong", links: "headLinks" } as const;
const GRAVES = { direct: "grave", long: "graveLong", links: "graveLinks" } as const;

/**
 * The key index: which revision of a key is current, and which was at an earlier revision.
 * `heads` holds the keys that exist, `graves` those whose newest revision is a tombstone that is
 * not yet compacted away.
 */
export class KeyIndex {
  readonly heads: KeyTable;
  readonly graves: KeyTable;
  readonly leaseKeys: LeaseKeys;
  readonly counts: RangeCounts;
  readonly #rows: Rows;
  readonly #arena: Arena;
  readonly #head = new Head();
  readonly #mark = new Mark();
  readonly #candidate = new Mark();
  readonly #fields = new PairFields();

  constructor(backend: RowStore, rows: Rows, arena: Arena, partBytes?: number) {
    this.heads = new KeyTable(backend, HEADS, partBytes);
    this.graves = new KeyTable(backend, GRAVES, partBytes);
    this.leaseKeys = new LeaseKeys(backend, partBytes);
    this.counts = new RangeCounts(this.heads, (buffer, start, end) =>
      this.#keyOf(buffer, start, end),
    );
    this.#rows = rows;
    this.#arena = arena;
  }

  /** The current pair of a key. */
  current(key: Uint8Array): KvView | undefined {
    const row = this.heads.get(key);
    return row === undefined ? undefined : this.#currentOf(row, 0, row.length, false);
  }

  /** The pairs with `from` <= key < `to` as they are now. */
  select(from: Uint8Array, to: Uint8Array | undefined, options: SelectionOptions): Selection {
    const { limit, countOnly, keysOnly } = options;
    if (countOnly) return { kvs: [], count: this.#count(from, to) };
    const kvs: KvView[] = [];
    let limited = false;
    this.heads.scan(from, to, (buffer, start, end) => {
      if (limit > 0 && kvs.length === limit) {
        limited = true;
        return false;
      }
      kvs.push(this.#currentOf(buffer, start, end, keysOnly));
      return true;
    });
    return { kvs, count: limited ? this.#count(from, to) : kvs.length };
  }

  /** The same as it was at a revision, which is not compacted. */
  selectAt(
    from: Uint8Array,
    to: Uint8Array | undefined,
    revision: number,
    options: SelectionOptions,
  ): Selection {
    const { limit, countOnly } = options;
    const existing = this.#collectAt(this.heads, from, to, revision, options);
    if (!this.graves.mayHoldRows) return existing;
    const deleted = this.#collectAt(this.graves, from, to, revision, options);
    const count = existing.count + deleted.count;
    if (countOnly || deleted.count === 0) return { kvs: existing.kvs, count };
    const kvs = merged(existing.kvs, deleted.kvs);
    if (limit > 0 && kvs.length > limit) kvs.length = limit;
    return { kvs, count };
  }

  /** A piece of `select` or `selectAt`, within a budget. */
  slice(range: SliceRange, at: SliceState, budget: SliceBudget, content: SliceContent): Slice {
    if (!this.#isPrepared(budget.rows)) return { kvs: [], count: 0, next: range.from };
    const existing = this.#sliceOf(this.heads, range, at, budget, content);
    if (at.isCurrent || !this.graves.mayHoldRows) return existing;
    const graveRange = { from: range.from, to: existing.next ?? range.to };
    const deleted = this.#sliceOf(this.graves, graveRange, at, budget, content);
    // What is read of the heads ends where the graves do; it has been within the budget already.
    const heads =
      deleted.next === undefined
        ? existing
        : this.#sliceOf(this.heads, { from: range.from, to: deleted.next }, at, budget, content);
    const next = deleted.next ?? existing.next;
    const count = heads.count + deleted.count;
    if (deleted.kvs.length === 0) return { kvs: heads.kvs, count, next };
    return trimmed({ kvs: merged(heads.kvs, deleted.kvs), count, next }, budget);
  }

  /** A slice behind many writes reads nothing, but brings their keys into order bit by bit. */
  #isPrepared(keysMax: number): boolean {
    if (!this.heads.prepareScan(keysMax)) return false;
    return !this.graves.mayHoldRows || this.graves.prepareScan(keysMax);
  }

  /**
   * A piece of the current pairs, or of those of a revision, given to a sink. Current pairs go
   * there from where they are stored.
   */
  sink(range: SliceRange, at: SliceState, budget: SliceBudget, sink: PairSink): SunkSlice {
    if (!this.#isPrepared(budget.rows)) return { pairs: 0, next: range.from };
    if (at.isCurrent) return this.#sinkHeads(range, budget, sink);
    const { kvs, next } = this.slice(range, at, budget, { countOnly: false, keysOnly: false });
    for (const { buffer, start, end } of kvs) sink(buffer, start, end);
    return { pairs: kvs.length, next };
  }

  #sinkHeads({ from, to }: SliceRange, budget: SliceBudget, sink: PairSink): SunkSlice {
    const pairsMax = Math.min(budget.rows, budget.pairs);
    const bytesMax = budget.bytes;
    const head = this.#head;
    let pairs = 0;
    let bytes = 0;
    let next: Uint8Array | undefined;
    this.heads.scan(from, to, (buffer, start, end) => {
      if (pairs === pairsMax || bytes >= bytesMax) {
        next = Uint8Array.prototype.slice.call(this.#keyOf(buffer, start, end));
        return false;
      }
      pairs++;
      head.read(buffer, start);
      const { keyValueStart } = head;
      if (head.apart) bytes += this.#sinkApart(buffer, keyValueStart, end, sink);
      else {
        bytes += end - keyValueStart;
        sink(buffer, keyValueStart, end);
      }
      return true;
    });
    return { pairs, next };
  }

  /** A pair whose head row, just read, holds all but the value. */
  #sinkApart(buffer: Uint8Array, start: number, end: number, sink: PairSink): number {
    this.#fields.read(buffer, start, end);
    const row = this.#rows.lent(this.#fields.modRevision, this.#head.sub);
    if (row === undefined) {
      sink(buffer, start, end);
      return end - start;
    }
    const rowEnd = etcdValueEnd(row, 0, row.length);
    sink(row, 0, rowEnd);
    return rowEnd;
  }

  #sliceOf(
    table: KeyTable,
    { from, to }: SliceRange,
    { revision, isCurrent }: SliceState,
    budget: SliceBudget,
    { countOnly, keysOnly }: SliceContent,
  ): Slice {
    const kvs: KvView[] = [];
    let rows = 0;
    let bytes = 0;
    let count = 0;
    let next: Uint8Array | undefined;
    table.scan(from, to, (buffer, start, end) => {
      if (rows === budget.rows || kvs.length === budget.pairs || bytes >= budget.bytes) {
        next = Uint8Array.prototype.slice.call(this.#keyOf(buffer, start, end));
        return false;
      }
      rows++;
      if (countOnly) {
        if (isCurrent || this.#existedAt(buffer, start, end, revision)) count++;
        return true;
      }
      const view = isCurrent
        ? this.#currentOf(buffer, start, end, keysOnly)
        : this.#viewAt(buffer, start, end, revision, keysOnly);
      if (view === undefined) return true;
      kvs.push(view);
      bytes += view.end - view.start;
      count++;
      return true;
    });
    return { kvs, count, next };
  }

  #count(from: Uint8Array, to: Uint8Array | undefined): number {
    return this.counts.known(from, to) ?? this.heads.count(from, to);
  }

  #keyOf(buffer: Uint8Array, start: number, end: number): Uint8Array {
    this.#head.read(buffer, start);
    return new KvView(buffer, this.#head.keyValueStart, end).key;
  }

  /** A key's pair as it was at a revision, which is not compacted. */
  at(key: Uint8Array, revision: number): KvView | undefined {
    for (const table of [this.heads, this.graves]) {
      const row = table.get(key);
      if (row !== undefined) return this.#viewAt(row, 0, row.length, revision, false);
    }
    return undefined;
  }

  /** Whether any key existed at a revision, which is not compacted. */
  anyAt(revision: number): boolean {
    const all = new Uint8Array(0);
    let any = false;
    for (const table of [this.heads, this.graves]) {
      table.scan(all, undefined, (buffer, start, end) => {
        any = this.#existedAt(buffer, start, end, revision);
        return !any;
      });
      if (any) return true;
    }
    return false;
  }

  #collectAt(
    table: KeyTable,
    from: Uint8Array,
    to: Uint8Array | undefined,
    revision: number,
    { limit, countOnly, keysOnly }: SelectionOptions,
  ): Selection {
    const kvs: KvView[] = [];
    let count = 0;
    table.scan(from, to, (buffer, start, end) => {
      if (countOnly || (limit > 0 && kvs.length === limit)) {
        if (this.#existedAt(buffer, start, end, revision)) count++;
        return true;
      }
      const view = this.#viewAt(buffer, start, end, revision, keysOnly);
      if (view === undefined) return true;
      kvs.push(view);
      count++;
      return true;
    });
    return { kvs, count };
  }

  /** The pair of the head row in `buffer`, which is current. */
  #currentOf(buffer: Uint8Array, start: number, end: number, keysOnly: boolean): KvView {
    const head = this.#head;
    head.read(buffer, start);
    const { keyValueStart, sub } = head;
    let stop = end;
    if (head.apart || keysOnly) {
      const fields = this.#fields;
      fields.read(buffer, keyValueStart, end);
      if (keysOnly) stop = fields.end;
      else {
        const view = this.#rows.view(fields.modRevision, sub);
        if (view !== undefined) return view;
      }
    }
    const at = this.#arena.copy(buffer, keyValueStart, stop);
    return new KvView(this.#arena.buffer, at, at + stop - keyValueStart);
  }

  #viewAt(
    buffer: Uint8Array,
    start: number,
    end: number,
    revision: number,
    keysOnly: boolean,
  ): KvView | undefined {
    if (this.#isUnchangedSince(buffer, start, end, revision)) {
      return this.#mark.tombstone ? undefined : this.#currentOf(buffer, start, end, keysOnly);
    }
    this.#rows.walkBack(this.#mark, revision);
    if (!this.#mark.isSet || this.#mark.tombstone) return undefined;
    const view = this.#rows.view(this.#mark.main, this.#mark.sub);
    if (view === undefined || !keysOnly) return view;
    this.#fields.read(view.buffer, view.start, view.end);
    return new KvView(view.buffer, view.start, this.#fields.end);
  }

  #existedAt(buffer: Uint8Array, start: number, end: number, revision: number): boolean {
    if (!this.#isUnchangedSince(buffer, start, end, revision)) {
      this.#rows.walkBack(this.#mark, revision);
    }
    return this.#mark.isSet && !this.#mark.tombstone;
  }

  /**
   * Whether a head row's own revision is at or below `revision`. Leaves in the mark that revision
   * or, when it is above, the oldest known one above, from where to walk back.
   */
  #isUnchangedSince(buffer: Uint8Array, start: number, end: number, revision: number): boolean {
    const head = this.#head;
    head.read(buffer, start);
    const fields = this.#fields;
    fields.read(buffer, head.keyValueStart, end);
    this.#mark.set(fields.modRevision, head.sub, fields.createRevision === 0);
    if (fields.modRevision <= revision) return true;
    const position = { at: head.olderStart };
    while (position.at < head.olderEnd) {
      this.#candidate.read(buffer, position);
      if (this.#candidate.main > revision) {
        this.#mark.copy(this.#candidate);
        break;
      }
    }
    return false;
  }
}

function merged(a: readonly KvView[], b: readonly KvView[]): KvView[] {
  const all: KvView[] = [];
  let next = 0;
  for (const view of a) {
    for (let other = b[next]; other !== undefined; other = b[next]) {
      if (compareBytes(other.key, view.key) > 0) break;
      all.push(other);
      next++;
    }
    all.push(view);
  }
  return all.concat(b.slice(next));
}

/** Two tables together may give more pairs than were asked for: the rest is left for later. */
function trimmed(slice: Slice, { pairs }: SliceBudget): Slice {
  const next = slice.kvs[pairs];
  if (next === undefined) return slice;
  const kvs = slice.kvs.slice(0, pairs);
  return { kvs, count: pairs, next: Uint8Array.prototype.slice.call(next.key) };
}
