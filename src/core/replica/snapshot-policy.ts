// SPDX-License-Identifier: Apache-2.0

/**
 * When to record a snapshot: after `snapshotCount` applied entries, one at a time, and not more
 * often than `intervalMinMs`, since a fast member passes etcd's default count many times a second.
 */
export class SnapshotPolicy {
  readonly #snapshotCount: number;
  readonly #intervalMinMs: number;
  #lastIndex: number;
  #lastMs = Number.NEGATIVE_INFINITY;
  #running = false;

  constructor(options: { snapshotCount: number; intervalMinMs: number; lastIndex: number }) {
    this.#snapshotCount = options.snapshotCount;
    this.#intervalMinMs = options.intervalMinMs;
    this.#lastIndex = options.lastIndex;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Between `started` and `finished`. */
  get isRunning(): boolean {
    return this.#running;
  }

  /** Whether to start one now. */
  isDue(appliedIndex: number, nowMs: number): boolean {
    if (this.#running || nowMs - this.#lastMs < this.#intervalMinMs) return false;
    return appliedIndex - this.#lastIndex > this.#snapshotCount;
  }

  started(nowMs: number): void {
    this.#running = true;
    this.#lastMs = nowMs;
  }

  /** The snapshot that was started is recorded up to `index`. */
  finished(index: number): void {
    this.#running = false;
    this.#lastIndex = Math.max(this.#lastIndex, index);
  }
}
