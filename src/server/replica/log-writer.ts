// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { AppendEffect } from "../../core/replica/index.ts";
import type { Wal } from "../../core/wal/index.ts";

/**
 * Batches of at most so many entries are synced on the spot, since the thread hop costs more; but
 * not while reads are served beside: a disk may hesitate for tens of milliseconds at any time.
 */
const SYNC_NOW_ENTRIES_MAX = 2;
/** Reads that come with no longer pauses are expected to go on. */
const READ_PAUSE_MS_MAX = 1_000;
/** A disk slower than this is never waited for on the spot. */
const SYNC_NOW_MS_MAX = 1.5;

export interface LogWriterObserver {
  wrote(bytes: number, durationMs: number): void;
  /** One fdatasync took this long. */
  synced(durationMs: number): void;
}

/**
 * Carries out append effects: whatever has gathered is written with one write and made durable with
 * one fdatasync, and completions are reported in the order of the appends. While a sync runs,
 * appends gather: writing into a file that is being synced waits for the disk.
 */
export class LogWriter {
  readonly #wal: Wal;
  readonly #clock: Clock;
  readonly #observer: LogWriterObserver;
  readonly #reads: () => number;
  readonly #done: (append: AppendEffect) => void;
  readonly #wake: () => void;
  readonly #failed: (error: unknown) => void;
  #gathered: AppendEffect[] = [];
  #syncing = false;
  #running: Promise<void> | undefined;
  #lastSyncMs = 0;
  /** Reads served up to the last batch, and when a batch last found more, after what pause. */
  #readsBefore = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #readPauseMs = Number.POSITIVE_INFINITY;
  #dead = false;

  /**
   * `reads` counts up with every read that is served. `done` is told of each durable append; `wake`
   * that completions came outside a turn; `failed` of a write or sync that did not succeed, after
   * which nothing is ever reported as done.
   */
  constructor(options: {
    wal: Wal;
    clock: Clock;
    observer: LogWriterObserver;
    reads: () => number;
    done: (append: AppendEffect) => void;
    wake: () => void;
    failed: (error: unknown) => void;
  }) {
    this.#wal = options.wal;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#reads = options.reads;
    this.#done = options.done;
    this.#wake = options.wake;
    this.#failed = options.failed;
  }

  /** Resolves when no sync is running; what has only gathered is never reported. */
  async settle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  append(effect: AppendEffect): void {
    if (!this.#dead) this.#gathered.push(effect);
  }

  /**
   * Writes and syncs what has gathered. True when completions were reported during the call, so
   * that there is more to do in this turn.
   */
  flush(): boolean {
    if (this.#dead || this.#syncing || this.#gathered.length === 0) return false;
    const batch = this.#gathered;
    this.#gathered = [];
    const entries = this.#write(batch);
    if (entries === undefined) return false;
    if (!batch.some((effect) => effect.mustSync)) {
      this.#complete(batch);
      return true;
    }
    const isSmall = entries <= SYNC_NOW_ENTRIES_MAX && this.#lastSyncMs < SYNC_NOW_MS_MAX;
    if (!this.#expectsReads() && isSmall) return this.#syncNow(batch);
    this.#syncLater(batch);
    return false;
  }

  /** Whether reads are likely to come while this batch is synced. */
  #expectsReads(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const reads = this.#reads();
    if (reads !== this.#readsBefore) {
      this.#readPauseMs = nowMs - this.#readAtMs;
      this.#readAtMs = nowMs;
      this.#readsBefore = reads;
    }
    return Math.max(this.#readPauseMs, nowMs - this.#readAtMs) < READ_PAUSE_MS_MAX;
  }

  /** Writes a batch as one; answers how many entries it has, undefined when the disk failed. */
  #write(batch: readonly AppendEffect[]): number | undefined {
    const [only] = batch;
    const entries =
      batch.length === 1 && only !== undefined
        ? only.entries
        : batch.flatMap((effect) => effect.entries);
    const hardState = batch.findLast((effect) => effect.hardState !== undefined)?.hardState;
    const startMs = this.#clock.monotonicMs();
    try {
      const { bytes } = this.#wal.append(hardState, entries);
      this.#observer.wrote(bytes, this.#clock.monotonicMs() - startMs);
    } catch (error) {
      this.#die(error);
      return undefined;
    }
    return entries.length;
  }

  /**
   * Writes something else than an append and makes it durable, in its turn between batches.
   * Rejects when the log has failed.
   */
  async record(write: () => void): Promise<void> {
    while (this.#syncing) await this.#running?.catch(() => {});
    try {
      write();
      this.#syncing = true;
      this.#running = this.#wal.sync().finally(() => {
        this.#syncing = false;
      });
      await this.#running;
    } catch (error) {
      this.#die(error);
      throw error;
    }
    this.#wake();
  }

  #complete(appends: readonly AppendEffect[]): void {
    for (const append of appends) this.#done(append);
  }

  #syncNow(batch: readonly AppendEffect[]): boolean {
    const startMs = this.#clock.monotonicMs();
    try {
      this.#wal.syncNow();
    } catch (error) {
      this.#die(error);
      return false;
    }
    this.#measure(startMs);
    this.#complete(batch);
    return true;
  }

  #syncLater(batch: readonly AppendEffect[]): void {
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
