// SPDX-License-Identifier: Apache-2.0
// The lessor against a naive twin that looks at every lease every time.

import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { Lessor } from "./lessor.ts";

const RETRY_MS = 7000;
const EXTENSION_MS = 1000;

interface NaiveLease {
  ttl: number;
  remaining: number;
  endMs: number;
  offeredMs: number | undefined;
}

class NaiveLessor {
  readonly leases = new Map<bigint, NaiveLease>();
  leads = false;

  grant(id: bigint, ttl: number, now: number): boolean {
    if (id === 0n || this.leases.has(id)) return false;
    const lease = { ttl: Math.max(ttl, 2), remaining: 0, endMs: 0, offeredMs: undefined };
    this.leases.set(id, lease);
    if (this.leads) lease.endMs = now + lease.ttl * 1000;
    return true;
  }

  renew(id: bigint, now: number): string {
    const lease = this.leases.get(id);
    if (!this.leads) return "notPrimary";
    if (lease === undefined) return "notFound";
    if (lease.endMs <= now) return "expired";
    lease.remaining = 0;
    lease.endMs = now + lease.ttl * 1000;
    return "renewed";
  }

  promote(now: number): void {
    if (this.leads) return;
    this.leads = true;
    for (const lease of this.leases.values()) {
      lease.offeredMs = undefined;
      lease.endMs = now + EXTENSION_MS + (lease.remaining || lease.ttl) * 1000;
    }
  }

  takeExpired(now: number): bigint[] {
    if (!this.leads) return [];
    const taken: bigint[] = [];
    for (const [id, lease] of this.leases) {
      const again = lease.offeredMs === undefined || now - lease.offeredMs >= RETRY_MS;
      if (lease.endMs > now || !again) continue;
      lease.offeredMs = now;
      taken.push(id);
    }
    return taken;
  }
}

const id = fc.bigInt({ min: -2n, max: 4n });
const command = fc.oneof(
  fc.record({ kind: fc.constant("grant" as const), id, ttl: fc.integer({ min: -1, max: 12 }) }),
  fc.record({ kind: fc.constant("revoke" as const), id }),
  fc.record({ kind: fc.constant("renew" as const), id }),
  fc.record({ kind: fc.constant("checkpoint" as const), id, left: fc.integer({ max: 9, min: 0 }) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 6000 }) }),
  fc.record({ kind: fc.constantFrom("take", "promote", "demote") }),
);

function sorted(ids: readonly bigint[]): bigint[] {
  return ids.toSorted((a, b) => (a < b ? -1 : 1));
}

test("whatever happens, it knows, renews and hands out the same leases as its twin", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
      const backend = openMemoryBackend(new MemoryDisk());
      const options = { retryMs: RETRY_MS, promotionExtensionMs: EXTENSION_MS };
      const lessor = new Lessor(backend, options);
      const twin = new NaiveLessor();
      let now = 0;
      for (const each of commands) {
        if (each.kind === "grant") {
          const granted = twin.grant(each.id, each.ttl, now);
          expect(typeof lessor.grant(each.id, each.ttl, now) !== "string").toBe(granted);
        } else if (each.kind === "revoke") {
          twin.leases.delete(each.id);
          lessor.revoke(each.id);
        } else if (each.kind === "renew") {
          expect(lessor.renew(each.id, now).kind).toBe(twin.renew(each.id, now));
        } else if (each.kind === "checkpoint") {
          const lease = twin.leases.get(each.id);
          if (lease !== undefined) lease.remaining = each.left;
          lessor.checkpoint({ id: each.id, remainingTtl: each.left }, now, true);
        } else if (each.kind === "wait") now += each.ms;
        else if (each.kind === "promote") {
          twin.promote(now);
          lessor.promote(now);
        } else if (each.kind === "demote") {
          twin.leads = false;
          lessor.demote();
        } else expect(sorted(lessor.takeExpired(now))).toEqual(sorted(twin.takeExpired(now)));
        expect(sorted(lessor.ids())).toEqual(sorted([...twin.leases.keys()]));
      }
      const reopened = new Lessor(backend, options);
      expect(sorted(reopened.ids())).toEqual(sorted([...twin.leases.keys()]));
    }),
    { numRuns: 300 },
  );
});
