// SPDX-License-Identifier: Apache-2.0

import type { HistorySource, StoredEvent } from "./event.ts";
import { DEFAULT_WATCH_LIMITS, type WatchLimits } from "./limits.ts";
import { requestProgress, settleProgress, tickProgress } from "./progress.ts";
import { LiveFanOut } from "./synced.ts";
import { CatchUp } from "./unsynced.ts";
import { watchRange } from "./watch-range.ts";
import { Watcher, type WatcherOptions, type WatchSink, WatchStream } from "./watcher.ts";
import { WatcherStates } from "./watcher-states.ts";

/** A watcher as a client asks for it. */
export interface WatchCreate extends Omit<WatcherOptions, "range"> {
  /** 0 for "choose one". */
  readonly id: bigint;
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

export type WatchRefusal = "compacted" | "empty-range" | "duplicate-id" | "too-many-watchers";

export type WatchCreated =
  | { readonly ok: true; readonly id: bigint }
  | { readonly ok: false; readonly refusal: WatchRefusal };

export interface WatchStats {
  readonly streamCount: number;
  readonly watcherCount: number;
  /** Unsynced watchers and victims. */
  readonly laggingCount: number;
  /** Events handed to sinks, counted once per watcher. */
  readonly eventsSentCount: number;
  /** Responses that held them; one that was split counts once. */
  readonly responsesSentCount: number;
}

export interface WatchHubOptions {
  readonly history: HistorySource;
  /** Any number; a random one keeps clients from choosing keys that collide. */
  readonly hashSeed: number;
  readonly limits?: WatchLimits;
}

/** All watchers of a member. See the folder's index for how it is driven. */
export class WatchHub {
  readonly #history: HistorySource;
  readonly #limits: WatchLimits;
  readonly #states: WatcherStates;
  readonly #live: LiveFanOut;
  readonly #catchUp: CatchUp;
  readonly #streams = new Set<WatchStream>();
  /** Everything up to here has been handed out, or is known to be missing at a watcher. */
  #revision: number;

  constructor(options: WatchHubOptions) {
    this.#history = options.history;
    this.#limits = options.limits ?? DEFAULT_WATCH_LIMITS;
    this.#states = new WatcherStates(options.hashSeed);
    this.#live = new LiveFanOut(this.#states, this.#history, this.#limits);
    this.#catchUp = new CatchUp(this.#states, this.#history, this.#limits);
    this.#revision = options.history.currentRevision;
  }

  /** The last revision whose events went through `notify`: the one for headers. */
  get revision(): number {
    return this.#revision;
  }

  openStream(sink: WatchSink): WatchStream {
    const stream = new WatchStream(sink);
    this.#streams.add(stream);
    return stream;
  }

  /** Drops all watchers of the stream; its sink is not called any more. */
  closeStream(stream: WatchStream): void {
    if (stream.closed) return;
    stream.closed = true;
    stream.ready = false;
    for (const watcher of stream.watchers.values()) this.#states.close(watcher);
    stream.watchers.clear();
    stream.compactedIds.clear();
    this.#streams.delete(stream);
  }

  /** Adds a watcher. Its events come later: from `notify`, or from `step` if it wants history. */
  create(stream: WatchStream, request: WatchCreate): WatchCreated {
    if (request.startRevision < 0) return { ok: false, refusal: "compacted" };
    const range = watchRange(request.key, request.rangeEnd);
    if (range === undefined) return { ok: false, refusal: "empty-range" };
    if (request.id !== 0n && stream.hasId(request.id)) {
      return { ok: false, refusal: "duplicate-id" };
    }
    const { streamWatchersMax, streamRangeBytesMax } = this.#limits;
    const rangeBytes = stream.rangeBytes + request.key.length + request.rangeEnd.length;
    if (stream.idCount >= streamWatchersMax || rangeBytes > streamRangeBytesMax) {
      return { ok: false, refusal: "too-many-watchers" };
    }
    const id = request.id === 0n ? stream.takeId() : request.id;
    const fromHistory = request.startRevision > 0 && request.startRevision <= this.#revision;
    const next = fromHistory
      ? request.startRevision
      : Math.max(request.startRevision, this.#revision + 1);
    const watcher = new Watcher(id, stream, { ...optionsOf(request), range }, next);
    stream.remember(watcher);
    this.#states.open(watcher, fromHistory ? "unsynced" : "synced");
    return { ok: true, id };
  }

  /**
   * Says whether the id was in use, be it by a watcher that a compaction has ended already.
   * Nothing is delivered for it any more.
   */
  cancel(stream: WatchStream, id: bigint): boolean {
    const watcher = stream.watchers.get(id);
    if (watcher === undefined) return stream.compactedIds.delete(id);
    this.#states.close(watcher);
    stream.forget(watcher);
    return true;
  }

  /**
   * Hands out the events of an apply batch: all events of the revisions behind `revision`, by
   * main, then sub. The store already shows the state behind them.
   */
  notify(events: readonly StoredEvent[]): void {
    if (events.length > 0) this.#revision = this.#live.serve(events, this.#revision);
  }

  /** Watchers wait for history. */
  hasWork(): boolean {
    return this.#states.unsynced.size > 0;
  }

  /** Does a bounded piece of the waiting work. */
  step(): void {
    this.#catchUp.step(this.#revision);
  }

  /** The stream's sink has room again. */
  resume(stream: WatchStream): void {
    if (stream.closed || stream.ready) return;
    stream.ready = true;
    settleProgress(stream, this.#revision);
    this.#states.releaseVictims(stream);
  }

  /** A client asks how far its stream is. */
  requestProgress(stream: WatchStream): void {
    requestProgress(stream, this.#revision);
  }

  /** The stream's progress interval is over. */
  tickProgress(stream: WatchStream): void {
    tickProgress(stream, this.#revision);
  }

  /** The store was replaced by a snapshot: what lies between is read from its history. */
  restore(): void {
    for (const stream of this.#streams) {
      for (const watcher of stream.watchers.values()) {
        if (watcher.state !== "synced") continue;
        watcher.nextRevision = Math.max(watcher.nextRevision, this.#revision + 1);
        this.#states.toUnsynced(watcher);
      }
    }
    this.#revision = this.#history.currentRevision;
  }

  stats(): WatchStats {
    return {
      streamCount: this.#streams.size,
      watcherCount: this.#states.watcherCount,
      laggingCount: this.#states.laggingCount,
      eventsSentCount: this.#live.eventsSentCount + this.#catchUp.eventsSentCount,
      responsesSentCount: this.#live.responsesSentCount + this.#catchUp.responsesSentCount,
    };
  }
}

function optionsOf(request: WatchCreate): Omit<WatcherOptions, "range"> {
  const { startRevision, withoutPuts, withoutDeletes, withPrevious, fragment } = request;
  const { progressNotify } = request;
  return { startRevision, withoutPuts, withoutDeletes, withPrevious, fragment, progressNotify };
}
