// SPDX-License-Identifier: Apache-2.0

import type { Interval } from "../../../base/interval-tree.ts";

/** One response for one watcher, without the parts that only the server knows. */
export interface WatchDelivery {
  /** -1 when it speaks for all watchers of the stream. */
  readonly watchId: bigint;
  /** For the header; 0 (absent) in a cancel for compaction, as etcd sends it. */
  readonly revision: number;
  /** Above 0: the watcher is cancelled, its history being compacted up to here. */
  readonly compactRevision: number;
  /** The watcher accepts a response in fragments. */
  readonly fragment: boolean;
  /** Encoded `events` fields of the response, in order; empty for progress and cancel. */
  readonly events: readonly Uint8Array[];
}

/** Where a stream's responses go. */
export interface WatchSink {
  /**
   * Takes the response in any case and says whether there is room for another one. After `false`
   * the engine delivers nothing until `WatchHub.resume`.
   */
  deliver(delivery: WatchDelivery): boolean;
}

/**
 * - `synced`: has seen everything up to the hub's revision; fed live.
 * - `unsynced`: reads history from `nextRevision` on, in its turn.
 * - `victim`: lags behind `nextRevision` while its stream has no room; holds no events.
 * - `closed`: cancelled; gets nothing any more.
 */
export type WatcherState = "synced" | "unsynced" | "victim" | "closed";

/** A watched range: one key (`single`), or the half-open interval. */
export interface WatchRange extends Interval {
  readonly single: boolean;
}

export interface WatcherOptions {
  readonly range: WatchRange;
  /** 0 for "from now on". */
  readonly startRevision: number;
  readonly withoutPuts: boolean;
  readonly withoutDeletes: boolean;
  readonly withPrevious: boolean;
  readonly fragment: boolean;
  readonly progressNotify: boolean;
}

/** One watcher of one stream. Only the modules of this folder write its fields. */
export class Watcher {
  readonly id: bigint;
  readonly stream: WatchStream;
  readonly options: WatcherOptions;
  state: WatcherState = "closed";
  /**
   * The first revision that this watcher has not been served. While it is synced this is kept
   * only as a lower bound: what counts is that nothing up to the hub's revision is missing.
   */
  nextRevision: number;
  /** Fields gathered for the response being put together; `undefined` between responses. */
  pending: Uint8Array[] | undefined;
  /** The periodic progress response is due, no event having been sent since the last one. */
  progressDue = true;

  constructor(id: bigint, stream: WatchStream, options: WatcherOptions, nextRevision: number) {
    this.id = id;
    this.stream = stream;
    this.options = options;
    this.nextRevision = nextRevision;
  }

  /** Whether the filters let an event of this kind pass. */
  wants(kind: "put" | "delete"): boolean {
    return !(kind === "put" ? this.options.withoutPuts : this.options.withoutDeletes);
  }
}

/** The watchers that share one sink. Only the modules of this folder write its fields. */
export class WatchStream {
  readonly sink: WatchSink;
  readonly watchers: Map<bigint, Watcher> = new Map();
  /**
   * Ids of watchers that were cancelled for a compaction and that the client has not cancelled
   * itself. As in etcd 3.7 they stay in use, and the client's cancel is confirmed: clients wait
   * for that answer.
   */
  readonly compactedIds: Set<bigint> = new Set();
  /** Victims in the order in which they fell behind. */
  readonly victims: Set<Watcher> = new Set();
  /** The sink has room. */
  ready = true;
  closed = false;
  /** Watchers that are not synced. */
  laggingCount = 0;
  /** Bytes of keys and range ends held by the watchers. */
  rangeBytes = 0;
  /** The next automatic id to try. */
  nextId = 0n;
  /** A progress request came while there was no room; one answer is owed for any number. */
  progressOwed = false;

  constructor(sink: WatchSink) {
    this.sink = sink;
  }

  /** Ids in use. */
  get idCount(): number {
    return this.watchers.size + this.compactedIds.size;
  }

  hasId(id: bigint): boolean {
    return this.watchers.has(id) || this.compactedIds.has(id);
  }

  /** An id that is not in use. */
  takeId(): bigint {
    while (this.hasId(this.nextId)) this.nextId++;
    return this.nextId++;
  }

  remember(watcher: Watcher): void {
    this.watchers.set(watcher.id, watcher);
    this.rangeBytes += rangeBytes(watcher);
  }

  forget(watcher: Watcher): void {
    this.watchers.delete(watcher.id);
    this.rangeBytes -= rangeBytes(watcher);
  }

  /** Hands a response to the sink. The stream must have room. */
  deliver(delivery: WatchDelivery): void {
    // The sink may close the stream from inside; then its answer no longer matters.
    const room = this.sink.deliver(delivery);
    if (!this.closed) this.ready = room;
  }

  /** Hands events to the sink for one watcher. The stream must have room. */
  deliverEvents(watcher: Watcher, revision: number, events: readonly Uint8Array[]): void {
    watcher.progressDue = false;
    const { fragment } = watcher.options;
    this.deliver({ watchId: watcher.id, revision, compactRevision: 0, fragment, events });
  }
}

function rangeBytes(watcher: Watcher): number {
  const { start, end } = watcher.options.range;
  return start.length + (end?.length ?? 0);
}
