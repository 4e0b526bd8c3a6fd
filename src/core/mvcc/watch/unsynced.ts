// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import { type HistorySource, OutgoingEvent, type StoredEvent } from "./event.ts";
import type { WatchLimits } from "./limits.ts";
import type { Watcher } from "./watcher.ts";
import { WatcherGroup, type WatcherSet } from "./watcher-group.ts";
import type { WatcherStates } from "./watcher-states.ts";

/**
 * Brings unsynced watchers up to date from history, one bounded slice per step. The watcher at
 * the head of the queue says where the slice starts; others that wait behind it and need the same
 * revisions share the reading and the encoding. A watcher that is served but not yet done goes to
 * the end of the queue, so that none starves.
 */
export class CatchUp {
  readonly #states: WatcherStates;
  readonly #history: HistorySource;
  readonly #limits: WatchLimits;
  /** Responses with events; one that is split counts once. */
  responsesSentCount = 0;
  #eventsSentCount = 0;

  constructor(states: WatcherStates, history: HistorySource, limits: WatchLimits) {
    this.#states = states;
    this.#history = history;
    this.#limits = limits;
  }

  /** Events handed out so far, counted once per watcher. */
  get eventsSentCount(): number {
    return this.#eventsSentCount;
  }

  /** Serves one slice of the history up to the given revision, this one included. */
  step(revision: number): void {
    const chosen = this.#choose(revision);
    const leader = chosen[0];
    if (leader === undefined) return;
    const from = leader.nextRevision;
    const slice = this.#history.eventsFrom(
      from,
      revision,
      this.#share(chosen.length, "Events"),
      this.#share(chosen.length, "Bytes"),
    );
    const next = slice.nextRevision;
    invariant(next > from && next <= revision + 1, "a slice of history gets on");
    this.#gather(chosen, slice.events);
    let bytes = 0;
    for (const watcher of chosen) {
      // Who is left out keeps its place, and so comes first in the next step.
      if (bytes < this.#limits.stepBytesMax) bytes += this.#serve(watcher, next, revision);
      else watcher.pending = undefined;
    }
  }

  /** Watchers for one slice, the first of them having the lowest position. */
  #choose(revision: number): Watcher[] {
    const { stepScanMax, stepWatchersMax } = this.#limits;
    const chosen: Watcher[] = [];
    let scanned = 0;
    let from: number | undefined;
    for (const watcher of this.#states.unsynced) {
      if (scanned++ >= stepScanMax || chosen.length >= stepWatchersMax) break;
      if (!this.#admit(watcher, revision)) continue;
      from ??= watcher.nextRevision;
      if (watcher.nextRevision >= from) chosen.push(watcher);
    }
    return chosen;
  }

  /** Sends away whom no slice can serve: to another state, or with a cancel. */
  #admit(watcher: Watcher, revision: number): boolean {
    const { stream } = watcher;
    const { compactRevision } = this.#history;
    if (!stream.ready) {
      this.#states.toVictim(watcher);
      return false;
    }
    if (watcher.nextRevision > revision) {
      this.#states.toSynced(watcher);
      return false;
    }
    if (watcher.nextRevision >= compactRevision) return true;
    this.#states.close(watcher);
    stream.forget(watcher);
    stream.compactedIds.add(watcher.id);
    stream.deliver({
      watchId: watcher.id,
      revision: 0,
      compactRevision,
      fragment: false,
      events: [],
    });
    return false;
  }

  /** The more watchers share a slice, the shorter it is: the work of a step stays bounded. */
  #share(watchers: number, unit: "Events" | "Bytes"): number {
    const limits = this.#limits;
    if (unit === "Events") {
      const share = Math.floor(limits.stepWorkMax / watchers);
      return Math.min(limits.sliceEventsMax, Math.max(limits.sliceEventsMin, share));
    }
    return Math.max(limits.sliceBytesMin, Math.floor(limits.sliceBytesMax / watchers));
  }

  #gather(chosen: readonly Watcher[], events: readonly StoredEvent[]): void {
    const group = new WatcherGroup(this.#states.hashSeed);
    for (const watcher of chosen) group.add(watcher);
    const found: WatcherSet[] = [];
    for (const event of events) {
      found.length = 0;
      group.collect(event.key, found);
      if (found.length === 0) continue;
      const outgoing = new OutgoingEvent(event, this.#history);
      for (const watchers of found) {
        for (const watcher of watchers) {
          if (event.main < watcher.nextRevision || !watcher.wants(event.kind)) continue;
          watcher.pending ??= [];
          watcher.pending.push(outgoing.field(watcher.options.withPrevious));
        }
      }
    }
  }

  /** Answers how many bytes of events the watcher was given. */
  #serve(watcher: Watcher, next: number, revision: number): number {
    const { pending, stream } = watcher;
    watcher.pending = undefined;
    // A sink may have closed the stream meanwhile, or the slice ended before this position.
    if (watcher.state !== "unsynced" || watcher.nextRevision >= next) return 0;
    if (pending !== undefined && !stream.ready) {
      this.#states.toVictim(watcher);
      return 0;
    }
    watcher.nextRevision = next;
    if (next > revision) this.#states.toSynced(watcher);
    else this.#states.toUnsynced(watcher);
    if (pending === undefined) return 0;
    this.responsesSentCount++;
    this.#eventsSentCount += pending.length;
    stream.deliverEvents(watcher, revision, pending);
    let bytes = 0;
    for (const { length } of pending) bytes += length;
    return bytes;
  }
}
