// SPDX-License-Identifier: Apache-2.0

import type { Backend } from "../backend/index.ts";
import { type Checkpoint, CheckpointSchedule } from "./checkpoint.ts";
import type { LeaseRefusal } from "./errors.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import { decodeLease, encodeLease, FOREVER, Lease, type LeaseTimer, leaseKey } from "./lease.ts";
import { spreadExpiries } from "./promotion.ts";

/** The longest time to live, in seconds (etcd's value). */
export const TTL_SECONDS_MAX = 9_000_000_000;
/** How often the shell asks for expired leases, in milliseconds (etcd's value). */
export const EXPIRY_INTERVAL_MS = 500;
/** Expired leases handed out at once: half of what etcd revokes in a second. */
export const EXPIRED_PER_INTERVAL_MAX = 500;

export interface LessorOptions {
  /** Shorter times are raised to this, see `minTtlSeconds`. */
  readonly minTtlSeconds: number;
  /** What a new leader adds to every lease, in milliseconds: the election timeout. */
  readonly promotionExtensionMs: number;
  /** An expired lease that is still there after this is offered again, in milliseconds. */
  readonly retryMs: number;
  /** Whether what is left of long leases is to be noted in the log. */
  readonly checkpoints: boolean;
  /** Whether notes go into the lease's row although older members of the cluster do without. */
  readonly persistCheckpoints: boolean;
  /** Hears of each grant, in seconds. */
  readonly granted: (ttlSeconds: number) => void;
}

const DEFAULTS: LessorOptions = {
  minTtlSeconds: 2,
  promotionExtensionMs: 1000,
  retryMs: 7000,
  checkpoints: false,
  persistCheckpoints: false,
  granted: () => {},
};

export type Renewal =
  | { readonly kind: "renewed"; readonly ttlSeconds: number }
  | { readonly kind: "notFound" }
  /** Over and about to be revoked: what becomes of it decides the answer. */
  | { readonly kind: "expired" }
  | { readonly kind: "notPrimary" };

/** The least time to live that a member grants: one and a half election timeouts. */
export function minTtlSeconds(electionTicks: number, tickMs: number): number {
  // etcd 3.7.1 halves in whole ticks (server/etcdserver/server.go).
  return Math.ceil((Math.floor((3 * electionTicks) / 2) * tickMs) / 1000);
}

/** The leases of one member, and, while it leads, when they end. Times are monotonic. */
export class Lessor {
  readonly counters = { granted: 0, revoked: 0, renewed: 0 };
  readonly #backend: Backend;
  readonly #options: LessorOptions;
  readonly #leases = new Map<bigint, Lease>();
  readonly #looks = new ExpiryQueue<LeaseTimer>();
  readonly #notes = new CheckpointSchedule();
  #isPrimary = false;

  /** Reads all rows of `lease`, and none of the key space. */
  constructor(backend: Backend, options: Partial<LessorOptions> = {}) {
    this.#backend = backend;
    this.#options = { ...DEFAULTS, ...options };
    backend.forEach("lease", (_key, row) => {
      const lease = decodeLease(row, this.#options.minTtlSeconds);
      this.#leases.set(lease.id, lease);
    });
  }

  /** Whether this member leads and so measures the time of leases. */
  get isPrimary(): boolean {
    return this.#isPrimary;
  }

  get size(): number {
    return this.#leases.size;
  }

  has(id: bigint): boolean {
    return this.#leases.has(id);
  }

  get(id: bigint): Readonly<Lease> | undefined {
    return this.#leases.get(id);
  }

  /** All leases, those that end first before others; in order of their grants where equal. */
  ids(): bigint[] {
    const order = [...this.#leases.values()].sort((a, b) => compare(a.expiryMs, b.expiryMs));
    return order.map((lease) => lease.id);
  }

  // What the log says. The same on every member, except for the time.

  grant(id: bigint, ttlSeconds: number, nowMs: number): Readonly<Lease> | LeaseRefusal {
    if (id === 0n) return "leaseNotFound";
    if (ttlSeconds > TTL_SECONDS_MAX) return "leaseTtlTooLarge";
    if (this.#leases.has(id)) return "leaseExists";
    const lease = new Lease(id, Math.max(ttlSeconds, this.#options.minTtlSeconds), 0);
    this.#leases.set(id, lease);
    this.#store(lease);
    if (this.#isPrimary) this.#start(lease, nowMs);
    this.counters.granted++;
    this.#options.granted(lease.ttl);
    return lease;
  }

  /** Ends a lease that there is; deleting its keys is the caller's part. */
  revoke(id: bigint): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    this.#leases.delete(id);
    this.#looks.remove(lease.look);
    this.#notes.forget(lease);
    this.#backend.delete("lease", leaseKey(id), "present");
    this.counters.revoked++;
  }

  /** Notes what is left of a lease; 0: it has its whole time again. `persist`: in its row too. */
  checkpoint({ id, remainingTtl }: Checkpoint, nowMs: number, persist: boolean): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    lease.remainingTtl = Math.max(remainingTtl, 0);
    if (persist || this.#options.persistCheckpoints) this.#store(lease);
    if (this.#isPrimary) this.#plan(lease, nowMs);
  }

  // Time, which only a leader measures.

  /** This member leads: every lease gets its remaining time anew, and a little more. */
  promote(nowMs: number): void {
    if (this.#isPrimary) return;
    this.#isPrimary = true;
    for (const lease of this.#leases.values()) {
      lease.refresh(nowMs, this.#options.promotionExtensionMs);
    }
    spreadExpiries(this.#leases.values());
    for (const lease of this.#leases.values()) {
      this.#looks.set(lease.look, lease.expiryMs);
      this.#plan(lease, nowMs);
    }
  }

  /** Another member leads, or none: no lease ends here. */
  demote(): void {
    if (!this.#isPrimary) return;
    this.#isPrimary = false;
    this.#looks.clear();
    this.#notes.clear();
    for (const lease of this.#leases.values()) lease.expiryMs = FOREVER;
  }

  /** Lets a lease run anew. The caller has made sure that this member still leads. */
  renew(id: bigint, nowMs: number): Renewal {
    if (!this.#isPrimary) return { kind: "notPrimary" };
    const lease = this.#leases.get(id);
    if (lease === undefined) return { kind: "notFound" };
    if (lease.expiryMs <= nowMs) return { kind: "expired" };
    lease.remainingTtl = 0;
    this.#start(lease, nowMs);
    this.counters.renewed++;
    return { kind: "renewed", ttlSeconds: lease.ttl };
  }

  /** Whether a checkpoint of 0 has to be agreed on before the lease is renewed. */
  mustClear(id: bigint): boolean {
    return this.#options.checkpoints && (this.#leases.get(id)?.remainingTtl ?? 0) > 0;
  }

  isExpired(id: bigint, nowMs: number): boolean {
    const lease = this.#leases.get(id);
    return this.#isPrimary && lease !== undefined && lease.expiryMs <= nowMs;
  }

  /**
   * Leases that have ended and are to be revoked, a bounded number. Called on an interval; a
   * lease comes again when it is still there after the retry time.
   */
  takeExpired(nowMs: number): bigint[] {
    const expired: bigint[] = [];
    while (expired.length < EXPIRED_PER_INTERVAL_MAX) {
      const timer = this.#looks.firstDue(nowMs);
      if (timer === undefined) break;
      this.#looks.set(timer, nowMs + this.#options.retryMs);
      expired.push(timer.lease.id);
    }
    return expired;
  }

  /** Notes to be taken into the log now, up to one batch; none unless they are wanted. */
  takeCheckpoints(nowMs: number): Checkpoint[] {
    return this.#notes.takeDue(nowMs);
  }

  #start(lease: Lease, nowMs: number): void {
    lease.refresh(nowMs, 0);
    this.#looks.set(lease.look, lease.expiryMs);
    this.#plan(lease, nowMs);
  }

  #plan(lease: Lease, nowMs: number): void {
    if (this.#options.checkpoints) this.#notes.plan(lease, nowMs);
  }

  #store(lease: Lease): void {
    this.#backend.put("lease", leaseKey(lease.id), encodeLease(lease));
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
