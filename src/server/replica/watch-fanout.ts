// SPDX-License-Identifier: Apache-2.0

import type { StoredEvent, WatchHub } from "../../core/mvcc/watch/index.ts";

/** Calls back in a later turn of the event loop, after pending input was looked at. */
export type Defer = (run: () => void) => void;

/** Hears how long sending took; one response is too short to be timed by itself. */
export interface SendingObserver {
  nowMs(): number;
  /** So many responses, one at least, with so many events took so long together. */
  sent(tookMs: number, responses: number, events: number): void;
}

/**
 * Carries events from the loop to the watch hub and gives the hub its turns: while watchers lag,
 * one bounded step per turn of the event loop, so that catching up never holds up requests.
 */
export class WatchFanout {
  readonly #hub: WatchHub;
  readonly #defer: Defer;
  readonly #observer: SendingObserver | undefined;
  #scheduled = false;
  #stopped = false;

  constructor(hub: WatchHub, defer: Defer, observer?: SendingObserver) {
    this.#hub = hub;
    this.#defer = defer;
    this.#observer = observer;
  }

  /** An apply batch changed the store: its events, by main, then sub. */
  onApplied(events: readonly StoredEvent[]): void {
    this.#timed(() => this.#hub.notify(events));
    this.wake();
  }

  /** The store was replaced by a snapshot from the leader. */
  onRestored(): void {
    this.#hub.restore();
    this.wake();
  }

  /** To be called whenever the hub may have got work: a new watcher, a stream that drained. */
  wake(): void {
    if (this.#scheduled || this.#stopped || !this.#hub.hasWork()) return;
    this.#scheduled = true;
    this.#defer(() => {
      this.#scheduled = false;
      if (this.#stopped) return;
      this.#timed(() => this.#hub.step());
      this.wake();
    });
  }

  #timed(work: () => void): void {
    const observer = this.#observer;
    if (observer === undefined) return work();
    const before = this.#hub.stats();
    const beganMs = observer.nowMs();
    work();
    const { responsesSentCount, eventsSentCount } = this.#hub.stats();
    const responses = responsesSentCount - before.responsesSentCount;
    if (responses === 0) return;
    const events = eventsSentCount - before.eventsSentCount;
    observer.sent(observer.nowMs() - beganMs, responses, events);
  }

  /** No step runs any more. */
  stop(): void {
    this.#stopped = true;
  }
}
