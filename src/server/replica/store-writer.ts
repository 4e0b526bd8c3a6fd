// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import { type Backend, COMMIT_INTERVAL_MS } from "../../core/backend/index.ts";

export interface StoreWriterObserver {
  /** One commit of the backend took this long. */
  committed(durationMs: number): void;
}

/**
 * Commits the backend an interval after something was written, and sooner when enough has
 * gathered. While nothing is written no timer runs: an idle process should not be woken.
 */
export class StoreWriter {
  readonly #backend: Backend;
  readonly #clock: Clock;
  readonly #observer: StoreWriterObserver;
  readonly #failed: (error: unknown) => void;
  readonly #afterCommit: () => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** A commit has failed: nobody knows what is in the store, and nothing is written to it. */
  #dead = false;
  #isClosed = false;

  constructor(options: {
    backend: Backend;
    clock: Clock;
    observer: StoreWriterObserver;
    failed: (error: unknown) => void;
    afterCommit: () => void;
  }) {
    this.#backend = options.backend;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#failed = options.failed;
    this.#afterCommit = options.afterCommit;
  }

  /** To be called after each turn: begins a commit if enough has gathered, else sets the timer. */
  check(): void {
    if (this.#backend.wantsCommit) this.#start();
    else if (this.#timer === undefined && this.#backend.pendingOperations > 0) this.#wait();
  }

  #wait(): void {
    if (this.#dead || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#backend.pendingOperations > 0) this.#start();
    }, COMMIT_INTERVAL_MS);
  }

  /** Commits everything up to now; true once it is on disk, false when the store has failed. */
  async commit(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running;
    await this.#start();
    return !this.#dead;
  }

  /** Commits what is left and stops. What a failing store misses is in the log. */
  async close(): Promise<void> {
    this.abandon();
    await this.commit();
  }

  /** Stops without a last commit: the log has what the store misses. */
  abandon(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #start(): Promise<void> {
    if (this.#dead) return Promise.resolve();
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    try {
      await this.#backend.commit();
      this.#observer.committed(this.#clock.monotonicMs() - startMs);
      this.#running = undefined;
      this.#afterCommit();
    } catch (error) {
      this.#running = undefined;
      this.#dead = true;
      this.#failed(error);
    }
  }
}
