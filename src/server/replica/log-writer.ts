// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { AppendEffect } from "../../core/replica/index.ts";
import type { Wal } from "../../core/wal/index.ts";

/** Batches of at most so many entries are synced on the spot: the thread hop costs more. */
const SYNC_NOW_ENTRIES_MAX = 2;
/** A disk slower than this is never waited for on the spot. */
const SYNC_NOW_MS_MAX = 1.5;

export interface LogWriterObserver {
  /** One fdatasync took this long. */
  synced(durationMs: number): void;
}

/**
 * Carries out append effects: writes each batch at once, syncs what was written since the last
 * sync with one fdatasync, and reports completions in the order of the appends.
 */
export class LogWriter {
  readonly #wal: Wal;
  readonly #clock: Clock;
  readonly #observer: LogWriterObserver;
  readonly #done: (append: AppendEffect) => void;
  readonly #wake: () => void;
  readonly #failed: (error: unknown) => void;
  #written: AppendEffect[] = [];
  #mustSync = false;
  #entries = 0;
  #syncing = false;
  #running: Promise<void> | undefined;
  #lastSyncMs = 0;
  #dead = false;

  /**
   * `done` is told of each durable append; `wake` that completions came outside a turn; `failed`
   * of a write or sync that did not succeed, after which nothing is ever reported as done.
   */
  constructor(options: {
    wal: Wal;
    clock: Clock;
    observer: LogWriterObserver;
    done: (append: AppendEffect) => void;
    wake: () => void;
    failed: (error: unknown) => void;
  }) {
    this.#wal = options.wal;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#done = options.done;
    this.#wake = options.wake;
    this.#failed = options.failed;
  }

  /** Resolves when no sync is running; what was written and not synced stays unreported. */
  async settle(): Promise<void> {
    await this.#running;
  }

  append(effect: AppendEffect): void {
    if (this.#dead) return;
    try {
      this.#wal.append(effect.hardState, effect.entries);
    } catch (error) {
      this.#die(error);
      return;
    }
    this.#written.push(effect);
    this.#entries += effect.entries.length;
    if (effect.mustSync) this.#mustSync = true;
  }

  /**
   * Syncs what was written. True when completions were reported during the call, so that there
   * is more to do in this turn.
   */
  flush(): boolean {
    if (this.#dead || this.#syncing || this.#written.length === 0) return false;
    if (!this.#mustSync) {
      this.#complete(this.#take());
      return true;
    }
    if (this.#entries <= SYNC_NOW_ENTRIES_MAX && this.#lastSyncMs < SYNC_NOW_MS_MAX) {
      return this.#syncNow();
    }
    this.#syncLater();
    return false;
  }

  #take(): AppendEffect[] {
    const written = this.#written;
    this.#written = [];
    this.#entries = 0;
    this.#mustSync = false;
    return written;
  }

  #complete(appends: readonly AppendEffect[]): void {
    for (const append of appends) this.#done(append);
  }

  #syncNow(): boolean {
    const startMs = this.#clock.monotonicMs();
    try {
      this.#wal.syncNow();
    } catch (error) {
      this.#die(error);
      return false;
    }
    this.#measure(startMs);
    this.#complete(this.#take());
    return true;
  }

  #syncLater(): void {
    const batch = this.#take();
    const startMs = this.#clock.monotonicMs();
    this.#syncing = true;
    this.#running = this.#wal.sync().then(
      () => {
        this.#syncing = false;
        if (this.#dead) return;
        this.#measure(startMs);
        this.#complete(batch);
        this.#wake();
      },
      (error: unknown) => {
        this.#syncing = false;
        this.#die(error);
      },
    );
  }

  #measure(startMs: number): void {
    this.#lastSyncMs = this.#clock.monotonicMs() - startMs;
    this.#observer.synced(this.#lastSyncMs);
  }

  #die(error: unknown): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#failed(error);
  }
}
