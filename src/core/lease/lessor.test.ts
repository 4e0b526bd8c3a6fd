// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { CHECKPOINT_BATCH_MAX, CHECKPOINT_INTERVAL_MS } from "./checkpoint.ts";
import {
  EXPIRED_PER_INTERVAL_MAX,
  EXPIRY_INTERVAL_MS,
  Lessor,
  type LessorOptions,
  minTtlSeconds,
  TTL_SECONDS_MAX,
} from "./lessor.ts";
import { PROMOTED_EXPIRIES_PER_SECOND } from "./promotion.ts";

function newLessor(options: Partial<LessorOptions> = {}): Lessor {
  return new Lessor(openMemoryBackend(new MemoryDisk()), options);
}

function primary(options: Partial<LessorOptions> = {}): Lessor {
  const lessor = newLessor(options);
  lessor.promote(0);
  return lessor;
}

test("a grant is refused with ID 0, with too long a time, and for an ID in use", () => {
  const lessor = primary();
  expect(lessor.grant(0n, 10, 0)).toBe("leaseNotFound");
  expect(lessor.grant(1n, TTL_SECONDS_MAX + 1, 0)).toBe("leaseTtlTooLarge");
  expect(lessor.grant(1n, TTL_SECONDS_MAX, 0)).toMatchObject({ id: 1n, ttl: TTL_SECONDS_MAX });
  expect(lessor.grant(1n, 10, 0)).toBe("leaseExists");
  lessor.revoke(1n);
  expect(lessor.grant(1n, 10, 0)).toMatchObject({ ttl: 10 });
});

test("a short time is raised to the minimum of one and a half election timeouts", () => {
  expect(minTtlSeconds(10, 100)).toBe(2);
  expect(minTtlSeconds(200, 100)).toBe(30);
  expect(minTtlSeconds(5, 1000)).toBe(7);
  const lessor = primary({ minTtlSeconds: 30 });
  for (const [index, ttl] of [-5, 0, 1, 30].entries()) {
    expect(lessor.grant(BigInt(index + 1), ttl, 0)).toMatchObject({ ttl: 30 });
  }
  expect(lessor.grant(9n, 31, 0)).toMatchObject({ ttl: 31 });
});

test("a lease expires at its time and not before, and comes again while it is still there", () => {
  const lessor = primary({ retryMs: 7000 });
  lessor.grant(1n, 10, 0);
  expect(lessor.takeExpired(9999)).toEqual([]);
  expect(lessor.isExpired(1n, 9999)).toBe(false);
  expect(lessor.takeExpired(10_000)).toEqual([1n]);
  expect(lessor.isExpired(1n, 10_000)).toBe(true);
  expect(lessor.takeExpired(16_999)).toEqual([]);
  expect(lessor.takeExpired(17_000)).toEqual([1n]);
  lessor.revoke(1n);
  expect(lessor.takeExpired(99_000)).toEqual([]);
});

test("a renewal gives the whole time again; one that comes too late does not", () => {
  const lessor = primary();
  lessor.grant(1n, 10, 0);
  expect(lessor.renew(1n, 9999)).toEqual({ kind: "renewed", ttlSeconds: 10 });
  expect(lessor.takeExpired(19_998)).toEqual([]);
  expect(lessor.takeExpired(19_999)).toEqual([1n]);
  expect(lessor.renew(1n, 19_999)).toEqual({ kind: "expired" });
  lessor.revoke(1n);
  expect(lessor.renew(1n, 20_000)).toEqual({ kind: "notFound" });
  expect(lessor.renew(0n, 20_000)).toEqual({ kind: "notFound" });
});

test("a member that does not lead lets nothing expire and renews nothing", () => {
  const lessor = newLessor();
  lessor.grant(1n, 10, 0);
  expect(lessor.takeExpired(1e12)).toEqual([]);
  expect(lessor.renew(1n, 1)).toEqual({ kind: "notPrimary" });
  lessor.promote(100_000);
  lessor.demote();
  expect(lessor.takeExpired(1e12)).toEqual([]);
  expect(lessor.get(1n)?.expiryMs).toBe(Number.POSITIVE_INFINITY);
});

test("a new leader lets every lease run anew, and one election timeout longer", () => {
  const lessor = newLessor({ promotionExtensionMs: 1000 });
  lessor.grant(1n, 10, 0);
  lessor.promote(50_000);
  expect(lessor.takeExpired(60_999)).toEqual([]);
  expect(lessor.takeExpired(61_000)).toEqual([1n]);
});

test("a new leader spreads leases that would end together, and ends none earlier", () => {
  const lessor = newLessor({ promotionExtensionMs: 0 });
  const count = 4 * PROMOTED_EXPIRIES_PER_SECOND;
  for (let id = 1; id <= count; id++) lessor.grant(BigInt(id), 10, 0);
  lessor.promote(0);
  const ends = Array.from({ length: count }, (_, at) => lessor.get(BigInt(at + 1))?.expiryMs ?? 0);
  ends.sort((a, b) => a - b);
  expect(ends[0]).toBe(10_000);
  expect(ends.at(-1)).toBe(13_000);
  for (let at = PROMOTED_EXPIRIES_PER_SECOND; at < count; at++) {
    expect((ends[at] ?? 0) - (ends[at - PROMOTED_EXPIRIES_PER_SECOND] ?? 0)).toBe(1000);
  }
});

test("leases are listed by their end, and those of equal end in order of their grants", () => {
  const lessor = primary();
  for (const id of [3n, 1n, 2n]) lessor.grant(id, 10, 0);
  lessor.grant(9n, 5, 0);
  expect(lessor.ids()).toEqual([9n, 3n, 1n, 2n]);
  lessor.renew(3n, 1000);
  expect(lessor.ids()).toEqual([9n, 1n, 2n, 3n]);
});

test("leases outlive a restart, negative IDs and what was left of them included", async () => {
  const disk = new MemoryDisk();
  const backend = openMemoryBackend(disk);
  const before = new Lessor(backend);
  const smallest = -(2n ** 63n);
  for (const id of [1n, -1n, smallest]) before.grant(id, 100, 0);
  before.grant(5n, 100, 0);
  before.revoke(5n);
  before.checkpoint({ id: -1n, remainingTtl: 40 }, 0, true);
  before.checkpoint({ id: 1n, remainingTtl: 40 }, 0, false);
  before.checkpoint({ id: 77n, remainingTtl: 40 }, 0, true);
  await backend.commit();
  const after = new Lessor(openMemoryBackend(disk), { promotionExtensionMs: 0 });
  expect(after.ids().sort()).toEqual([1n, -1n, smallest].sort());
  after.promote(0);
  expect(after.get(-1n)).toMatchObject({ ttl: 100, remainingTtl: 40, expiryMs: 40_000 });
  expect(after.get(1n)).toMatchObject({ ttl: 100, remainingTtl: 0, expiryMs: 100_000 });
  expect(after.renew(-1n, 1000)).toEqual({ kind: "renewed", ttlSeconds: 100 });
  expect(after.get(-1n)?.expiryMs).toBe(101_000);
});

test("a row is what etcd stores", () => {
  const backend = openMemoryBackend(new MemoryDisk());
  const lessor = new Lessor(backend);
  lessor.grant(0x70cc_0b0bn, 300, 0);
  lessor.checkpoint({ id: 0x70cc_0b0bn, remainingTtl: 7 }, 0, true);
  const rows: string[] = [];
  backend.forEach("lease", (key, row) => {
    rows.push(`${Buffer.from(key).toString("hex")} ${Buffer.from(row).toString("hex")}`);
  });
  expect(rows).toEqual(["0000000070cc0b0b 088b96b0860710ac021807"]);
});

test("without checkpoints nothing is noted", () => {
  const lessor = primary();
  lessor.grant(1n, 10_000, 0);
  expect(lessor.takeCheckpoints(2 * CHECKPOINT_INTERVAL_MS)).toEqual([]);
});

test("what is left of long leases is noted once per interval, rounded up, in batches", () => {
  const lessor = primary({ checkpoints: true });
  lessor.grant(1n, 300, 0);
  lessor.grant(2n, 1000, 0);
  expect(lessor.takeCheckpoints(CHECKPOINT_INTERVAL_MS - 1)).toEqual([]);
  const [note, ...more] = lessor.takeCheckpoints(CHECKPOINT_INTERVAL_MS + 100);
  expect(note).toEqual({ id: 2n, remainingTtl: 700 });
  expect(more).toEqual([]);
  expect(lessor.mustClear(2n)).toBe(false);
  if (note !== undefined) lessor.checkpoint(note, CHECKPOINT_INTERVAL_MS + 100, true);
  expect(lessor.mustClear(2n)).toBe(true);
  expect(lessor.takeCheckpoints(2 * CHECKPOINT_INTERVAL_MS)).toEqual([]);
  const second = lessor.takeCheckpoints(2 * CHECKPOINT_INTERVAL_MS + 100);
  expect(second).toEqual([{ id: 2n, remainingTtl: 400 }]);
  for (let id = 10; id < 10 + CHECKPOINT_BATCH_MAX; id++) lessor.grant(BigInt(id), 1000, 0);
  lessor.grant(5000n, 1000, 0);
  expect(lessor.takeCheckpoints(CHECKPOINT_INTERVAL_MS)).toHaveLength(CHECKPOINT_BATCH_MAX);
  expect(lessor.takeCheckpoints(CHECKPOINT_INTERVAL_MS)).toHaveLength(1);
});

test("a note that gets lost is taken again after an interval, one of a renewed lease is not", () => {
  const lessor = primary({ checkpoints: true });
  for (const id of [1n, 2n]) lessor.grant(id, 1000, 0);
  lessor.renew(2n, CHECKPOINT_INTERVAL_MS / 2);
  expect(lessor.takeCheckpoints(CHECKPOINT_INTERVAL_MS)).toEqual([{ id: 1n, remainingTtl: 700 }]);
  lessor.renew(2n, CHECKPOINT_INTERVAL_MS);
  expect(lessor.takeCheckpoints(2 * CHECKPOINT_INTERVAL_MS - 1)).toEqual([]);
  lessor.revoke(2n);
  expect(lessor.takeCheckpoints(2 * CHECKPOINT_INTERVAL_MS)).toEqual([
    { id: 1n, remainingTtl: 400 },
  ]);
});

test("twenty thousand leases that end together are handed out over twenty seconds", () => {
  const lessor = primary();
  const count = 20_000;
  for (let id = 1; id <= count; id++) lessor.grant(BigInt(id), 10, 0);
  const seen = new Set<bigint>();
  for (let second = 10; second < 30; second++) {
    let inSecond = 0;
    for (const half of [0, EXPIRY_INTERVAL_MS]) {
      const expired = lessor.takeExpired(second * 1000 + half);
      expect(expired.length).toBeLessThanOrEqual(EXPIRED_PER_INTERVAL_MAX);
      for (const id of expired) {
        seen.add(id);
        lessor.revoke(id);
      }
      inSecond += expired.length;
    }
    expect(inSecond).toBe(1000);
  }
  expect(seen.size).toBe(count);
  expect(lessor.size).toBe(0);
});

test("a look at a hundred thousand live leases touches none of them", () => {
  const lessor = primary();
  for (let id = 1; id <= 100_000; id++) lessor.grant(BigInt(id), 60, 0);
  const reads = { count: 0 };
  const watched = lessor.get(1n);
  if (watched === undefined) throw new Error("the lease was granted");
  let { expiryMs } = watched;
  Object.defineProperty(watched, "expiryMs", {
    get: () => {
      reads.count++;
      return expiryMs;
    },
    set: (value: number) => {
      expiryMs = value;
    },
  });
  for (let at = 0; at < 59_000; at += EXPIRY_INTERVAL_MS) lessor.takeExpired(at);
  expect(reads.count).toBe(0);
});

test("the counters count grants, renewals and revokes, and the observer hears the times", () => {
  const times: number[] = [];
  const lessor = primary({ granted: (ttl) => times.push(ttl) });
  lessor.grant(1n, 10, 0);
  lessor.grant(1n, 10, 0);
  lessor.grant(2n, 1, 0);
  lessor.renew(1n, 0);
  lessor.renew(7n, 0);
  lessor.revoke(2n);
  lessor.revoke(2n);
  expect(lessor.counters).toEqual({ granted: 2, renewed: 1, revoked: 1 });
  expect(times).toEqual([10, 2]);
});
