// SPDX-License-Identifier: Apache-2.0

const HOUR_MS = 3_600_000;
/** Times per interval that the periodic schedule notes the revision (etcd's value). */
const SAMPLES_PER_INTERVAL = 10;
/** How often the revision schedule looks (etcd's value). */
const REVISION_INTERVAL_MS = 5 * 60_000;

/** When to compact by itself, and to which revision. Times are monotonic milliseconds. */
export interface CompactionSchedule {
  /** How often `due` wants to be called. */
  readonly intervalMs: number;
  /** The revision to compact to now, if any. */
  due(nowMs: number, currentRevision: number): number | undefined;
  /** The compaction to that revision was carried out. */
  compacted(nowMs: number, revision: number): void;
}

/**
 * Keeps a period of history: compacts once per period, or per hour when the period is longer, to
 * the revision that was current one period ago; for the first time after a whole period.
 */
export class PeriodicSchedule implements CompactionSchedule {
  readonly intervalMs: number;
  readonly #periodMs: number;
  readonly #betweenMs: number;
  #samples: { readonly atMs: number; readonly revision: number }[] = [];
  #lastMs: number | undefined;
  #lastRevision = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
    this.#betweenMs = Math.min(periodMs, HOUR_MS);
    this.intervalMs = this.#betweenMs / SAMPLES_PER_INTERVAL;
  }

  due(nowMs: number, currentRevision: number): number | undefined {
    this.#samples.push({ atMs: nowMs, revision: currentRevision });
    // A tick that comes a little early still counts as the period's end.
    const horizonMs = nowMs - this.#periodMs + this.intervalMs / 2;
    const old = this.#samples.findLastIndex((sample) => sample.atMs <= horizonMs);
    if (old < 0) return undefined;
    this.#samples = this.#samples.slice(old);
    const sinceLastMs = nowMs - (this.#lastMs ?? Number.NEGATIVE_INFINITY);
    if (sinceLastMs < this.#betweenMs - this.intervalMs / 2) return undefined;
    const revision = this.#samples[0]?.revision ?? 0;
    return revision > 0 && revision !== this.#lastRevision ? revision : undefined;
  }

  compacted(nowMs: number, revision: number): void {
    this.#lastMs = nowMs;
    this.#lastRevision = revision;
  }
}

/** Keeps a number of revisions: every five minutes compacts to the current one less that many. */
export class RevisionSchedule implements CompactionSchedule {
  readonly intervalMs = REVISION_INTERVAL_MS;
  readonly #retention: number;
  #lastRevision = 0;

  constructor(retention: number) {
    this.#retention = retention;
  }

  due(_nowMs: number, currentRevision: number): number | undefined {
    const revision = currentRevision - this.#retention;
    return revision > 0 && revision !== this.#lastRevision ? revision : undefined;
  }

  compacted(_nowMs: number, revision: number): void {
    this.#lastRevision = revision;
  }
}
