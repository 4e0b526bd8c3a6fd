// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { MvccStore } from "../../core/mvcc/index.ts";

/** Operations of a step: a fraction of a millisecond, and 2 ms before the code is compiled. */
const STEP_OPERATIONS = 200;
/** A slice ends with the step in which so much of the loop's time is over, in milliseconds. */
const SLICE_MS = 1.5;
/** And after so many steps: there may be nothing to do for now, such as while somebody reads. */
const STEPS_MAX = 20;
/**
 * Between slices while requests come, which leaves a compaction a fifth of the loop. How long a turn
 * takes does not tell whether they do: writes spend most of their time waiting for the disk.
 */
const PAUSE_MS = 5;
/** After so much time without a request, slices follow each other. */
const QUIET_MS = 50;

/** What becomes known of compactions, for metrics. Durations are in milliseconds. */
export interface CompactionObserver {
  /** One slice took this long. */
  sliced(durationMs: number): void;
  /** All that was due is removed. */
  finished(durationMs: number, unixMs: number): void;
}

export interface CompactionParts {
  readonly clock: Clock;
  readonly observer: CompactionObserver;
  readonly store: Pick<MvccStore, "compactStep" | "isCompacting">;
  /** Counts up with every request that is served. */
  readonly requests: () => number;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  /** True while the backend can take no more before a commit. */
  readonly isStoreFull: () => boolean;
  /** Commits the store; false when it has failed. */
  readonly commit: () => Promise<boolean>;
}

/**
 * Removes compacted revisions from the store in short slices between the turns of the event loop,
 * and pauses between them while there are requests, so that these keep most of the time.
 */
export class CompactionWork {
  readonly #parts: CompactionParts;
  #waiters: (() => void)[] = [];
  #running = false;
  #stopped = false;
  #startedMs: number | undefined;
  #requests = 0;
  /** When a request was last seen to have come. */
  #busyMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CompactionParts) {
    this.#parts = parts;
    this.#requests = parts.requests();
  }

  /** There may be something to remove: a compaction was applied, or the member has started. */
  wake(): void {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    void this.#run();
  }

  /** Calls back when what was compacted so far is removed and that is on disk. */
  whenDone(done: () => void): void {
    this.#waiters.push(done);
    this.wake();
  }

  /** Stops between two slices. Whoever still waits is not called back. */
  stop(): void {
    this.#stopped = true;
  }

  /** One slice; `waits` says that the next one needs a commit of the store first. */
  #step(): { readonly done: boolean; readonly waits: boolean } {
    const { clock, observer, store } = this.#parts;
    if (this.#parts.isStoreFull()) return { done: false, waits: true };
    if (!store.isCompacting) return { done: true, waits: false };
    const beganMs = clock.monotonicMs();
    this.#startedMs ??= beganMs;
    for (let steps = 1; ; steps++) {
      const outcome = store.compactStep({ maxOperations: STEP_OPERATIONS });
      const tookMs = clock.monotonicMs() - beganMs;
      const goesOn = steps < STEPS_MAX && tookMs < SLICE_MS;
      if (goesOn && !outcome.done && !outcome.waits) continue;
      observer.sliced(tookMs);
      return outcome;
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { done, waits } = this.#step();
      if (done) break;
      if (waits && !(await this.#parts.commit())) return;
      await this.#yield();
    }
    if (this.#stopped) return;
    this.#tellFinished();
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length > 0 && !(await this.#parts.commit())) return;
    this.#running = false;
    for (const done of waiters) done();
    if (this.#waiters.length > 0) this.wake();
  }

  /** Lets the next turn come, or more of them while there are requests. */
  async #yield(): Promise<void> {
    const { clock, requests, pause } = this.#parts;
    const nowMs = clock.monotonicMs();
    const served = requests();
    if (served !== this.#requests) this.#busyMs = nowMs;
    this.#requests = served;
    if (nowMs - this.#busyMs < QUIET_MS) await pause(PAUSE_MS);
    else await nextTurn();
  }

  #tellFinished(): void {
    if (this.#startedMs === undefined) return;
    const { clock, observer } = this.#parts;
    observer.finished(clock.monotonicMs() - this.#startedMs, clock.unixMs());
    this.#startedMs = undefined;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
