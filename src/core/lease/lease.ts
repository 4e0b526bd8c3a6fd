// SPDX-License-Identifier: Apache-2.0

import { Lease as LeaseRow } from "../../api/gen/leasepb.ts";
import { NOT_QUEUED, type Timed } from "./expiry-queue.ts";

/** The expiry of leases on a member that does not lead: nobody there measures time. */
export const FOREVER = Number.POSITIVE_INFINITY;

const MS_PER_SECOND = 1000;

/** One lease. Its keys are found in the key space, not here. */
export class Lease {
  /** Any 64-bit number but 0. */
  readonly id: bigint;
  /** As granted, in seconds. */
  readonly ttl: number;
  /** What was left of it at the last checkpoint, in seconds; 0 while there was none. */
  remainingTtl: number;
  /** When it ends, in monotonic milliseconds. */
  expiryMs = FOREVER;
  /** When to take it for expired: at `expiryMs`, or later when it is to be offered again. */
  readonly look: LeaseTimer = new LeaseTimer(this);
  /** When to note what is left of it; not queued while that is not worth it. */
  readonly note: LeaseTimer = new LeaseTimer(this);

  constructor(id: bigint, ttl: number, remainingTtl: number) {
    this.id = id;
    this.ttl = ttl;
    this.remainingTtl = remainingTtl;
  }

  /** Lets it run anew: its remaining time from now on, and `extraMs`. */
  refresh(nowMs: number, extraMs: number): void {
    const seconds = this.remainingTtl > 0 ? this.remainingTtl : this.ttl;
    this.expiryMs = nowMs + extraMs + seconds * MS_PER_SECOND;
  }

  /** In seconds, with fractions; negative once it is over. */
  remaining(nowMs: number): number {
    return (this.expiryMs - nowMs) / MS_PER_SECOND;
  }
}

/** A lease's entry in a queue. */
export class LeaseTimer implements Timed {
  readonly lease: Lease;
  dueMs = 0;
  place: number = NOT_QUEUED;

  constructor(lease: Lease) {
    this.lease = lease;
  }
}

/** The key of a lease's row: its ID as an unsigned big-endian number. */
export function leaseKey(id: bigint): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigInt64(0, id);
  return key;
}

export function encodeLease({ id, ttl, remainingTtl }: Lease): Uint8Array {
  return LeaseRow.encode({ ID: id, TTL: ttl, RemainingTTL: remainingTtl });
}

/** A lease from its row. A TTL below the minimum, from a member with other times, is raised. */
export function decodeLease(row: Uint8Array, minTtlSeconds: number): Lease {
  const { ID, TTL, RemainingTTL } = LeaseRow.decode(row);
  return new Lease(ID, Math.max(TTL, minTtlSeconds), Math.max(RemainingTTL, 0));
}
