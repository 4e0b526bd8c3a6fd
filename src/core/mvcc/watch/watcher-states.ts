// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";
import type { Watcher, WatchStream } from "./watcher.ts";
import { WatcherGroup } from "./watcher-group.ts";

/**
 * The one place where watchers change state, so that the state field, the group, the queue, the
 * stream's victims and the counters always agree.
 */
export class WatcherStates {
  readonly hashSeed: number;
  /** Synced watchers by range. */
  readonly synced: WatcherGroup;
  /** Unsynced watchers in the order of their turns. */
  readonly unsynced: Set<Watcher> = new Set();
  #watcherCount = 0;
  #laggingCount = 0;

  constructor(hashSeed: number) {
    this.hashSeed = hashSeed;
    this.synced = new WatcherGroup(hashSeed);
  }

  /** All watchers that are not closed. */
  get watcherCount(): number {
    return this.#watcherCount;
  }

  /** Unsynced watchers and victims. */
  get laggingCount(): number {
    return this.#laggingCount;
  }

  /** Takes in a new watcher. */
  open(watcher: Watcher, state: "synced" | "unsynced"): void {
    invariant(watcher.state === "closed", "a watcher is opened once");
    this.#watcherCount++;
    this.#enter(watcher, state);
  }

  toSynced(watcher: Watcher): void {
    this.#leave(watcher);
    this.#enter(watcher, "synced");
  }

  /** Puts the watcher at the end of the queue, also if it is in it already. */
  toUnsynced(watcher: Watcher): void {
    this.#leave(watcher);
    this.#enter(watcher, "unsynced");
  }

  toVictim(watcher: Watcher): void {
    this.#leave(watcher);
    this.#enter(watcher, "victim");
  }

  close(watcher: Watcher): void {
    this.#leave(watcher);
    this.#watcherCount--;
    watcher.state = "closed";
    watcher.pending = undefined;
  }

  /** The stream has room again: its victims take their place in the queue. */
  releaseVictims(stream: WatchStream): void {
    for (const watcher of [...stream.victims]) this.toUnsynced(watcher);
  }

  #enter(watcher: Watcher, state: "synced" | "unsynced" | "victim"): void {
    watcher.state = state;
    if (state === "synced") {
      this.synced.add(watcher);
      return;
    }
    watcher.stream.laggingCount++;
    this.#laggingCount++;
    if (state === "unsynced") this.unsynced.add(watcher);
    else watcher.stream.victims.add(watcher);
  }

  #leave(watcher: Watcher): void {
    invariant(watcher.state !== "closed", "a closed watcher changes no more");
    if (watcher.state === "synced") {
      this.synced.delete(watcher);
      return;
    }
    watcher.stream.laggingCount--;
    this.#laggingCount--;
    if (watcher.state === "unsynced") this.unsynced.delete(watcher);
    else watcher.stream.victims.delete(watcher);
  }
}
