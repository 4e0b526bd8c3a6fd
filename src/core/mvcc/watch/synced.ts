// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import { type HistorySource, OutgoingEvent, type StoredEvent } from "./event.ts";
import type { WatchLimits } from "./limits.ts";
import type { Watcher } from "./watcher.ts";
import type { WatcherSet } from "./watcher-group.ts";
import type { WatcherStates } from "./watcher-states.ts";

/** Hands new events to the synced watchers at once. */
export class LiveFanOut {
  readonly #states: WatcherStates;
  readonly #history: HistorySource;
  readonly #limits: WatchLimits;
  /** Scratch space of one lookup, kept to spare an allocation per event. */
  readonly #found: WatcherSet[] = [];
  #responsesLeft = 0;
  #bytesLeft = 0;
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

  /**
   * Serves the events of whole revisions, which follow on the given one without a gap, and
   * returns the last of these revisions.
   */
  serve(events: readonly StoredEvent[], servedRevision: number): number {
    this.#responsesLeft = this.#limits.notifyResponsesMax;
    this.#bytesLeft = this.#limits.notifyBytesMax;
    let revision = servedRevision;
    for (let start = 0; start < events.length; ) {
      const first = events[start];
      invariant(first?.main === revision + 1, "events of every revision reach the watchers");
      revision = first.main;
      let end = start + 1;
      while (events[end]?.main === revision) end++;
      if (end === start + 1) this.#serveSingle(first);
      else this.#serveRevision(events, start, end);
      start = end;
    }
    return revision;
  }

  /** The common case: all watchers share one list with the one event. */
  #serveSingle(event: StoredEvent): void {
    const found = this.#lookUp(event.key);
    if (found.length === 0) return;
    const outgoing = new OutgoingEvent(event, this.#history);
    for (const watchers of found) {
      for (const watcher of watchers) {
        if (event.main < watcher.nextRevision || !watcher.wants(event.kind)) continue;
        this.#hand(watcher, event.main, outgoing.alone(watcher.options.withPrevious));
      }
    }
  }

  /** A revision with several events: each watcher gets all of its own in one response. */
  #serveRevision(events: readonly StoredEvent[], start: number, end: number): void {
    const touched: Watcher[] = [];
    let revision = 0;
    for (let index = start; index < end; index++) {
      const event = events[index];
      if (event === undefined) continue;
      revision = event.main;
      this.#gather(event, touched);
    }
    for (const watcher of touched) {
      const { pending } = watcher;
      watcher.pending = undefined;
      if (pending !== undefined) this.#hand(watcher, revision, pending);
    }
  }

  #gather(event: StoredEvent, touched: Watcher[]): void {
    const found = this.#lookUp(event.key);
    if (found.length === 0) return;
    const outgoing = new OutgoingEvent(event, this.#history);
    for (const watchers of found) {
      for (const watcher of watchers) {
        if (event.main < watcher.nextRevision || !watcher.wants(event.kind)) continue;
        if (watcher.pending === undefined) {
          watcher.pending = [];
          touched.push(watcher);
        }
        watcher.pending.push(outgoing.field(watcher.options.withPrevious));
      }
    }
  }

  #lookUp(key: Uint8Array): WatcherSet[] {
    this.#found.length = 0;
    this.#states.synced.collect(key, this.#found);
    return this.#found;
  }

  #hand(watcher: Watcher, revision: number, fields: readonly Uint8Array[]): void {
    // A sink may have closed this watcher's stream while an earlier one was served.
    if (watcher.state !== "synced") return;
    if (!watcher.stream.ready) {
      watcher.nextRevision = revision;
      this.#states.toVictim(watcher);
    } else if (this.#responsesLeft === 0 || this.#bytesLeft <= 0) {
      watcher.nextRevision = revision;
      this.#states.toUnsynced(watcher);
    } else {
      this.#responsesLeft--;
      for (const { length } of fields) this.#bytesLeft -= length;
      this.responsesSentCount++;
      this.#eventsSentCount += fields.length;
      watcher.nextRevision = revision + 1;
      watcher.stream.deliverEvents(watcher, revision, fields);
    }
  }
}
