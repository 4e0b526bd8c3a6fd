// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { Clock } from "../../base/contracts/clock.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import type { Request } from "../../core/apply/index.ts";
import { readRequest } from "../../core/apply/index.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { CHECKPOINT_INTERVAL_MS, Lessor } from "../../core/lease/index.ts";
import type { ProposalWaiter, Refusal } from "../replica/face.ts";
import { LeaseExpiry } from "./lease-expiry.ts";

const RETRY_MS = 7000;

/** A member that answers proposals when the test says so. */
class Bench {
  nowMs = 0;
  revoked = 0;
  refusal: Refusal | undefined;
  readonly proposed: { readonly request: Request; readonly waiter: ProposalWaiter }[] = [];
  readonly leases = new Lessor(openMemoryBackend(new MemoryDisk()), {
    checkpoints: true,
    retryMs: RETRY_MS,
  });
  readonly job: LeaseExpiry;

  constructor() {
    const clock: Clock = { monotonicMs: () => this.nowMs, unixMs: () => this.nowMs };
    this.job = new LeaseExpiry({
      replica: {
        leases: this.leases,
        prepare: (kind, message) => ({ id: 0, data: message, request: readRequest(kind, message) }),
        proposeAsLeader: ({ request }, waiter) => {
          this.proposed.push({ request, waiter });
          if (this.refusal !== undefined) waiter.unserved(this.refusal);
        },
      },
      clock,
      logger: silentLogger,
      revoked: () => {
        this.revoked++;
      },
    });
  }

  tickAt(ms: number): Request[] {
    this.nowMs = ms;
    this.job.tick();
    return this.take();
  }

  take(): Request[] {
    return this.proposed.map(({ request }) => request);
  }

  /** The first proposal is applied. */
  apply(): void {
    const first = this.proposed.shift();
    if (first?.request.kind !== "leaseRevoke") throw new Error("no revoke is under way");
    this.leases.revoke(first.request.id);
    first.waiter.applied({ kind: "leaseRevoke", storeRevision: 1 });
  }
}

function primary(leases: number): Bench {
  const bench = new Bench();
  bench.leases.promote(0);
  for (let id = 1; id <= leases; id++) bench.leases.grant(BigInt(id), 10, 0);
  return bench;
}

test("an expired lease is revoked once, and counted when that is done", () => {
  const bench = primary(1);
  expect(bench.tickAt(9500)).toEqual([]);
  expect(bench.tickAt(10_000)).toEqual([{ kind: "leaseRevoke", id: 1n }]);
  expect(bench.tickAt(10_500)).toHaveLength(1);
  expect(bench.revoked).toBe(0);
  bench.apply();
  expect(bench.revoked).toBe(1);
  expect(bench.tickAt(20_000)).toEqual([]);
});

test("sixteen revokes are under way at most, and each end makes room for one", () => {
  const bench = primary(40);
  expect(bench.tickAt(10_000)).toHaveLength(16);
  bench.apply();
  expect(bench.take()).toHaveLength(16);
  for (let left = 39; left > 0; left--) bench.apply();
  expect(bench.revoked).toBe(40);
  expect(bench.leases.size).toBe(0);
});

test("a member that takes no proposals is asked once per look, and again after the retry time", () => {
  const bench = primary(3);
  bench.refusal = "tooManyRequests";
  expect(bench.tickAt(10_000)).toHaveLength(1);
  expect(bench.tickAt(10_500)).toHaveLength(2);
  bench.refusal = undefined;
  bench.proposed.length = 0;
  expect(bench.tickAt(11_000)).toEqual([{ kind: "leaseRevoke", id: 3n }]);
  expect(bench.tickAt(10_000 + RETRY_MS)).toHaveLength(3);
});

test("a member that leads no more proposes nothing, not even what waited", () => {
  const bench = primary(40);
  bench.tickAt(10_000);
  bench.leases.demote();
  bench.proposed.length = 0;
  expect(bench.tickAt(10_500)).toEqual([]);
  bench.leases.promote(10_500);
  expect(bench.tickAt(11_000)).toEqual([]);
  expect(bench.tickAt(30_000)).toHaveLength(16);
});

test("what is left of long leases is proposed when it is due", () => {
  const bench = primary(1);
  bench.leases.grant(50n, 1000, 0);
  bench.leases.revoke(1n);
  expect(bench.tickAt(CHECKPOINT_INTERVAL_MS - 500)).toEqual([]);
  const checkpoints = [{ ID: 50n, remainingTTL: 700 }];
  expect(bench.tickAt(CHECKPOINT_INTERVAL_MS)).toEqual([
    { kind: "leaseCheckpoint", checkpoint: { checkpoints } },
  ]);
});
