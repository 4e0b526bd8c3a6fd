// SPDX-License-Identifier: Apache-2.0

import type { StoredEvent, WatchHub } from "../../core/mvcc/watch/index.ts";

/** Calls back in a later turn of the event loop, after pending input was looked at. */
export type Defer = (run: () => void) => void;

/**
 * Carries events from the loop to the watch hub and gives the hub its turns: while watchers lag,
 * one bounded step per turn of the event loop, so that catching up never holds up requests.
 */
export class WatchFanout {
  readonly #hub: WatchHub;
  readonly #defer: Defer;
  #scheduled = false;
  #stopped = false;

  constructor(hub: WatchHub, defer: Defer) {
    this.#hub = hub;
    this.#defer = defer;
  }

  /** An apply batch changed the store: its events, by main, then sub. */
  onApplied(events: readonly StoredEvent[]): void {
    this.#hub.notify(events);
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
      this.#hub.step();
      this.wake();
    });
  }

  /** No step runs any more. */
  stop(): void {
    this.#stopped = true;
  }
}
