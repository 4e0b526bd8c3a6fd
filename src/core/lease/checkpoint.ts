// SPDX-License-Identifier: Apache-2.0

import { ExpiryQueue } from "./expiry-queue.ts";
import type { Lease, LeaseTimer } from "./lease.ts";

/** How often what is left of a long lease is noted (etcd's value). */
export const CHECKPOINT_INTERVAL_MS = 300_000;
/** Leases in one checkpoint: half of what etcd notes in a second, which has two of them. */
export const CHECKPOINT_BATCH_MAX = 500;

export interface Checkpoint {
  readonly id: bigint;
  /** Whole seconds, rounded up. */
  readonly remainingTtl: number;
}

/**
 * Which leases are due to have their remaining time noted in the log, so that a new leader does
 * not grant them their whole time again. Short leases never are.
 */
export class CheckpointSchedule {
  readonly #queue = new ExpiryQueue<LeaseTimer>();

  /** A lease was granted, renewed, or noted: its next note comes after an interval. */
  plan(lease: Lease, nowMs: number): void {
    if (lease.expiryMs - nowMs > CHECKPOINT_INTERVAL_MS) {
      this.#queue.set(lease.note, nowMs + CHECKPOINT_INTERVAL_MS);
    } else this.#queue.remove(lease.note);
  }

  forget(lease: Lease): void {
    this.#queue.remove(lease.note);
  }

  clear(): void {
    this.#queue.clear();
  }

  /** Takes what is due, up to one batch. A note that gets lost is due again after an interval. */
  takeDue(nowMs: number): Checkpoint[] {
    const due: Checkpoint[] = [];
    while (due.length < CHECKPOINT_BATCH_MAX) {
      const timer = this.#queue.firstDue(nowMs);
      if (timer === undefined) break;
      const { lease } = timer;
      this.plan(lease, nowMs);
      const remainingTtl = Math.ceil(lease.remaining(nowMs));
      // Nothing to note: it is about to be revoked, or has lost no time.
      if (remainingTtl <= 0 || remainingTtl >= lease.ttl) continue;
      due.push({ id: lease.id, remainingTtl });
    }
    return due;
  }
}
