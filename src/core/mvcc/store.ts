// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import type { Backend } from "../backend/index.ts";
import { Arena } from "./arena.ts";
import { Compactor, lastChangeAt } from "./compaction.ts";
import { completeIndex } from "./complete-index.ts";
import type { StoredEvent } from "./event.ts";
import { HashJob, type StoredHash } from "./hash.ts";
import { type HistorySlice, readHistory } from "./history.ts";
import { KeyIndex, type Selection } from "./key-index.ts";
import type { KvView } from "./kv-view.ts";
import type { RangeCount } from "./range-counts.ts";
import { RangeReader } from "./range-reader.ts";
import { encodeRevision, mainOf } from "./revision.ts";
import { RowWriter } from "./row-writer.ts";
import { Rows } from "./rows.ts";

const FINISHED_KEY = new TextEncoder().encode("finishedCompactRev");
const SCHEDULED_KEY = new TextEncoder().encode("scheduledCompactRev");
const FIRST_REVISION = 1;
const NEVER = -1;

export interface MvccOptions {
  /**
   * Whether compactions compute the hash that etcd 3.7 keeps of each: a pass over all rows at or
   * below the revision, in slices. Without it a compaction costs only what it removes.
   */
  readonly compactionHashes?: boolean;
  /** Only for tests: the length at which keys are cut, see `KeyTable`. */
  readonly keyPartBytes?: number;
}

export interface RangeOptions {
  /** The state at this revision; 0 or less: as it is now. */
  readonly revision: number;
  /** At most so many pairs; 0 or less for all. */
  readonly limit: number;
  /** Only the count; no pairs. */
  readonly countOnly?: boolean;
  /** Pairs without value and lease. */
  readonly keysOnly?: boolean;
}

export type StoreRange =
  | {
      readonly kind: "ok";
      /** In ascending byte order of their keys. */
      readonly kvs: KvView[];
      /** How many there are, with those that the limit left out. */
      readonly count: number;
      /** The store's revision: that of the transaction once it has written. */
      readonly revision: number;
    }
  | { readonly kind: "compacted" }
  | { readonly kind: "future" };

/** What was executed since the start, for metrics. */
export interface MvccCounters {
  ranges: number;
  puts: number;
  deletes: number;
  /** Write transactions of more than one operation. */
  txns: number;
  /** Bytes of keys and values of all puts. */
  putBytes: number;
}

/**
 * The multi-version key space. Reads and writes are synchronous; everything written stands in the
 * backend at once and reaches the disk with its next commit.
 */
export class MvccStore {
  readonly counters: MvccCounters = { ranges: 0, puts: 0, deletes: 0, txns: 0, putBytes: 0 };
  readonly #backend: Backend;
  readonly #arena = new Arena();
  readonly #rows: Rows;
  readonly #index: KeyIndex;
  readonly #writer: RowWriter;
  readonly #compactor: Compactor;
  #current: number;
  #compacted: number;
  #writing = false;

  constructor(backend: Backend, options: MvccOptions = {}) {
    this.#backend = backend;
    this.#rows = new Rows(backend, this.#arena);
    this.#index = new KeyIndex(backend, this.#rows, this.#arena, options.keyPartBytes);
    this.#writer = new RowWriter(backend, this.#index);
    const finished = this.#revisionAt(FINISHED_KEY);
    const scheduled = this.#revisionAt(SCHEDULED_KEY);
    const last = backend.lastKey("key");
    const lastMain = last === undefined ? FIRST_REVISION : mainOf(last, 0);
    this.#current = Math.max(FIRST_REVISION, lastMain, finished, scheduled);
    this.#compacted = Math.max(finished, scheduled);
    this.#compactor = new Compactor(backend, this.#index, {
      finished,
      computesHashes: options.compactionHashes ?? true,
    });
    if (scheduled > finished) this.#compactor.schedule(scheduled, true);
    if (backend.indexRevision < lastMain) completeIndex(backend, this.#writer);
    backend.indexRevision = this.#current;
  }

  /** The revision of the last change; 1 on an empty store. */
  get currentRevision(): number {
    return this.#current;
  }

  /** What was compacted to last; -1 when nothing ever was. */
  get compactRevision(): number {
    return this.#compacted;
  }

  /** Whether rows of a compaction wait to be removed by `compactStep`. */
  get isCompacting(): boolean {
    return this.#compactor.isBusy;
  }

  /** Rows that compactions have removed since the start. */
  get compactedRows(): number {
    return this.#compactor.removedRows;
  }

  /** Keys in the index: those that exist, and deleted ones that are not compacted away. */
  get keyCount(): number {
    return this.#index.heads.rowCount + this.#index.graves.rowCount;
  }

  /** The pairs of one key (`end` empty), of all keys from `key` on (one zero byte), or below. */
  range(key: Uint8Array, end: Uint8Array, options: RangeOptions): StoreRange {
    return this.#range(key, end, options, this.#current);
  }

  /**
   * Reads a range at a revision (0 or less: the current one) in pieces. `holds` keeps what it needs
   * from being removed until the reader is closed; without it a compaction may end the reading.
   */
  reader(
    key: Uint8Array,
    end: Uint8Array,
    options: { readonly revision: number; readonly keysOnly: boolean; readonly holds: boolean },
  ): RangeReader | "compacted" | "future" {
    const { revision, keysOnly, holds } = options;
    if (revision > this.#current) return "future";
    if (revision > 0 && revision < this.#compacted) return "compacted";
    this.counters.ranges++;
    const range = { from: key, to: end.length === 0 ? keyAfter(key) : openEnd(end) };
    const at = revision > 0 ? revision : this.#current;
    const hold = holds ? () => this.#compactor.hold(at) : undefined;
    return new RangeReader(this.#index, this, range, { revision: at, keysOnly, hold });
  }

  /** Counts the current keys of a range; `stepCount` it until it is done, then `endCount` it. */
  beginCount(key: Uint8Array, end: Uint8Array): RangeCount {
    return this.#index.counts.begin(key, openEnd(end));
  }

  stepCount(count: RangeCount, keysMax: number): void {
    this.#index.counts.step(count, keysMax);
  }

  /** Nobody asks this count any more, done or not. */
  endCount(count: RangeCount): void {
    this.#index.counts.release(count);
  }

  /** The current pair of a key. */
  head(key: Uint8Array): KvView | undefined {
    return this.#index.current(key);
  }

  /** The existing keys that were last put with a lease, in byte order. */
  keysOfLease(lease: bigint): Uint8Array[] {
    return this.#index.leaseKeys.of(lease);
  }

  /**
   * The encoded KeyValue of a key as of a revision; undefined when it did not exist then, or the
   * revision is compacted.
   */
  getAt(key: Uint8Array, revision: number): Uint8Array | undefined {
    return this.viewAt(key, revision)?.bytes;
  }

  viewAt(key: Uint8Array, revision: number): KvView | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#index.at(key, revision);
  }

  /** Starts the changes of one request; `end` of the last one must have been called. */
  write(): WriteTxn {
    invariant(!this.#writing, "one write transaction at a time");
    this.#writing = true;
    return new WriteTxn(this.#current, this.#writer, this.#index, {
      counters: this.counters,
      range: (key, end, options, revision) => this.#range(key, end, options, revision),
      end: (revision) => {
        this.#writing = false;
        this.#current = revision;
        this.#backend.indexRevision = revision;
      },
    });
  }

  /**
   * Forgets what came before a revision. Reads are refused from now on; the rows are removed by
   * `compactStep`, also after a restart.
   */
  compact(revision: number): "ok" | "compacted" | "future" {
    if (revision <= this.#compacted) return "compacted";
    if (revision > this.#current) return "future";
    this.#compacted = revision;
    this.#backend.put("meta", SCHEDULED_KEY, encodeRevision(Math.max(revision, 0), 0, false));
    this.#compactor.schedule(revision);
    return "ok";
  }

  /**
   * Does a piece of the compactions that are due: about so many rows. `waits`: there is nothing
   * to do before the next commit of the backend, which wants one.
   */
  compactStep(budget: { readonly maxOperations: number }): { done: boolean; waits: boolean } {
    const finished = this.#compactor.step(budget.maxOperations);
    if (finished !== undefined) {
      this.#backend.put("meta", FINISHED_KEY, encodeRevision(Math.max(finished, 0), 0, false));
    }
    return { done: !this.#compactor.isBusy, waits: this.#compactor.isWaiting };
  }

  /**
   * Starts computing the HashKV at a revision (0: the current one), which is done by its `step`.
   * Rows are not removed while a job is open.
   */
  hashByRevision(
    revision: number,
  ): HashJob | StoredHash | { readonly kind: "compacted" | "future" } {
    // What a compaction kept is told even when a later one has gone past it.
    const stored = this.#compactor.storedHash(revision);
    if (stored !== undefined) return { ...stored, currentRevision: this.#current };
    if (revision > 0 && revision < this.#compacted) return { kind: "compacted" };
    if (revision > this.#current) return { kind: "future" };
    return new HashJob(this.#backend, {
      revision: revision === 0 ? this.#current : revision,
      compactRevision: this.#compacted,
      currentRevision: this.#current,
      finishedRevision: this.#compactor.finished,
      // A key that was put last at the revision existed then; mostly that spares the search.
      hasKeys: (at) => lastChangeAt(this.#backend, at) === "put" || this.#index.anyAt(at),
      hold: () => this.#compactor.hold(),
    });
  }

  /**
   * Events of the revisions from `fromRevision` (not below `compactRevision`) to `toRevision`,
   * both included. The slice ends at the first revision boundary at or behind `eventsMax` events
   * or `bytesMax` bytes of `kv`; at least one whole revision is returned.
   */
  eventsFrom(
    fromRevision: number,
    toRevision: number,
    eventsMax: number,
    bytesMax: number,
  ): HistorySlice {
    const to = Math.min(toRevision, this.#current);
    return readHistory(this.#backend, this.#arena, fromRevision, to, eventsMax, bytesMax);
  }

  #range(key: Uint8Array, end: Uint8Array, options: RangeOptions, current: number): StoreRange {
    const { revision, countOnly = false, keysOnly = false } = options;
    if (revision > current) return { kind: "future" };
    if (revision > 0 && revision < this.#compacted) return { kind: "compacted" };
    this.counters.ranges++;
    const limit = Math.max(options.limit, 0);
    const { kvs, count } = this.#select(key, end, revision > 0 ? revision : current, current, {
      limit,
      countOnly,
      keysOnly,
    });
    return { kind: "ok", kvs, count, revision: current };
  }

  #select(
    key: Uint8Array,
    end: Uint8Array,
    revision: number,
    current: number,
    options: { readonly limit: number; readonly countOnly: boolean; readonly keysOnly: boolean },
  ): Selection {
    if (end.length === 0) {
      const view = revision === current ? this.#index.current(key) : this.#index.at(key, revision);
      if (view === undefined) return { kvs: [], count: 0 };
      return { kvs: options.countOnly ? [] : [view], count: 1 };
    }
    const to = openEnd(end);
    if (revision === current) return this.#index.select(key, to, options);
    return this.#index.selectAt(key, to, revision, options);
  }

  #revisionAt(key: Uint8Array): number {
    const value = this.#backend.get("meta", key);
    return value === undefined ? NEVER : mainOf(value, 0);
  }
}

interface TxnHost {
  readonly counters: MvccCounters;
  range(key: Uint8Array, end: Uint8Array, options: RangeOptions, revision: number): StoreRange;
  end(revision: number): void;
}

/** The changes of one request. All of them share one revision; reads see what came before. */
export class WriteTxn {
  readonly #begin: number;
  readonly #writer: RowWriter;
  readonly #index: KeyIndex;
  readonly #host: TxnHost;
  readonly #events: StoredEvent[] = [];
  #operations = 0;

  constructor(begin: number, writer: RowWriter, index: KeyIndex, host: TxnHost) {
    this.#begin = begin;
    this.#writer = writer;
    this.#index = index;
    this.#host = host;
  }

  /** The store's revision, this transaction's changes included. */
  get revision(): number {
    return this.#events.length === 0 ? this.#begin : this.#begin + 1;
  }

  /** Writes a pair; gives the revision of the change. */
  put(key: Uint8Array, value: Uint8Array, lease: bigint): number {
    const main = this.#begin + 1;
    const { counters } = this.#host;
    counters.puts++;
    counters.putBytes += key.length + value.length;
    this.#operations++;
    this.#events.push(this.#writer.put(key, value, lease, main, this.#events.length));
    return main;
  }

  /** Deletes the keys of a range, given as for `range`. */
  deleteRange(key: Uint8Array, end: Uint8Array): { deleted: number; previous: KvView[] } {
    const selected = this.range(key, end, { revision: 0, limit: 0 });
    invariant(selected.kind === "ok", "the current state can always be read");
    this.#host.counters.deletes++;
    const main = this.#begin + 1;
    for (const pair of selected.kvs) {
      this.#events.push(this.#writer.delete(pair.key, main, this.#events.length));
    }
    return { deleted: selected.kvs.length, previous: selected.kvs };
  }

  range(key: Uint8Array, end: Uint8Array, options: RangeOptions): StoreRange {
    this.#operations++;
    return this.#host.range(key, end, options, this.revision);
  }

  /** The current pair of a key. */
  head(key: Uint8Array): KvView | undefined {
    return this.#index.current(key);
  }

  /** Ends the transaction. Without a change the revision is what it was. */
  end(): { revision: number; events: readonly StoredEvent[] } {
    const { revision } = this;
    if (this.#operations > 1) this.#host.counters.txns++;
    this.#host.end(revision);
    return { revision, events: this.#events };
  }
}

/** The end of a range as the index has it: one zero byte stands for none. */
function openEnd(end: Uint8Array): Uint8Array | undefined {
  return end.length === 1 && end[0] === 0 ? undefined : end;
}

/** The least key above a key. */
function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}
