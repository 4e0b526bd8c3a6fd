// SPDX-License-Identifier: Apache-2.0

import type { MvccStore } from "../../core/mvcc/index.ts";

/** Operations per slice: about a millisecond of the loop. */
const OPERATIONS_PER_STEP = 1000;

export interface CompactionParts {
  readonly store: Pick<MvccStore, "compactStep">;
  /** True while the backend can take no more before a commit. */
  readonly isStoreFull: () => boolean;
  /** Commits the store; false when it has failed. */
  readonly commit: () => Promise<boolean>;
}

/** Removes compacted revisions from the store, one bounded slice per turn of the event loop. */
export class CompactionWork {
  readonly #parts: CompactionParts;
  #waiters: (() => void)[] = [];
  #running = false;
  #stopped = false;

  constructor(parts: CompactionParts) {
    this.#parts = parts;
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
    if (this.#parts.isStoreFull()) return { done: false, waits: true };
    return this.#parts.store.compactStep({ maxOperations: OPERATIONS_PER_STEP });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { done, waits } = this.#step();
      if (done) break;
      if (waits && !(await this.#parts.commit())) return;
      await nextTurn();
    }
    if (this.#stopped) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length > 0 && !(await this.#parts.commit())) return;
    this.#running = false;
    for (const done of waiters) done();
    if (this.#waiters.length > 0) this.wake();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
