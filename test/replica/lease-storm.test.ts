// SPDX-License-Identifier: Apache-2.0
//
// Leases on one simulated member: a storm of expiries, and what a restart keeps.

import { describe, expect, test } from "vitest";
import {
  EXPIRED_PER_INTERVAL_MAX,
  EXPIRY_INTERVAL_MS,
  REVOKES_IN_FLIGHT_MAX,
} from "../../src/core/lease/index.ts";
import { LeaseRig } from "./lease-rig.ts";

const STORM_LEASES = 20_000;
const TTL_SECONDS = 10;

test("twenty thousand leases that expire together leave puts being answered", () => {
  const rig = new LeaseRig();
  for (let id = 1; id <= STORM_LEASES; id++) {
    rig.grant(BigInt(id), TTL_SECONDS);
    rig.put(`k${id}`, BigInt(id));
  }
  rig.round();
  const { leases } = rig.member.applier;
  expect(leases.size).toBe(STORM_LEASES);
  for (let ms = EXPIRY_INTERVAL_MS; ms < TTL_SECONDS * 1000; ms += EXPIRY_INTERVAL_MS) {
    rig.tick();
    expect(rig.round()).toBe(0);
  }
  let intervals = 0;
  while (leases.size > 0) {
    rig.tick();
    intervals++;
    let inInterval = 0;
    for (;;) {
      const put = rig.put("client");
      const revokes = rig.round();
      // A client's put waits for no more than the revokes that were under way.
      expect(put.outcome?.kind).toBe("put");
      expect(revokes).toBeLessThanOrEqual(REVOKES_IN_FLIGHT_MAX);
      if (revokes === 0) break;
      inInterval += revokes;
    }
    expect(inInterval).toBeLessThanOrEqual(EXPIRED_PER_INTERVAL_MAX);
  }
  // A thousand a second, no less either.
  expect(intervals).toBe(STORM_LEASES / EXPIRED_PER_INTERVAL_MAX);
  expect(rig.revoked).toBe(STORM_LEASES);
  expect(rig.member.value("k1")).toBeNull();
  expect(rig.member.value("client")).toBe("v");
});

describe.each([[false], [true]])("after a crash, the store saved before: %s", (commit) => {
  test("leases have their keys, and run anew for their whole time and an election more", async () => {
    const rig = new LeaseRig();
    for (const id of [1n, -2n]) rig.grant(id, TTL_SECONDS);
    for (const key of ["b", "a", "free", "moved"]) rig.put(key, 1n);
    rig.put("free");
    rig.put("moved", -2n);
    rig.round();
    await rig.restart({ commit });
    expect(rig.keysOf(1n)).toEqual(["a", "b"]);
    expect(rig.keysOf(-2n)).toEqual(["moved"]);
    const start = rig.clock.monotonicMs();
    expect(rig.member.applier.leases.get(1n)?.expiryMs).toBe(start + TTL_SECONDS * 1000 + 1000);
    rig.revoke(1n);
    rig.round();
    expect(["a", "b", "free", "moved"].map((key) => rig.member.value(key))).toEqual([
      null,
      null,
      "v",
      "v",
    ]);
  });

  test("a checkpointed lease has only what was left of it", async () => {
    const rig = new LeaseRig();
    rig.setClusterVersion("3.7.0");
    rig.grant(1n, 1000);
    rig.checkpoint(1n, 40);
    rig.round();
    await rig.restart({ commit });
    const lease = rig.member.applier.leases.get(1n);
    expect(lease).toMatchObject({ ttl: 1000, remainingTtl: 40 });
    expect(lease?.expiryMs).toBe(rig.clock.monotonicMs() + 41_000);
  });

  test("a revoked lease and its keys stay gone", async () => {
    const rig = new LeaseRig();
    rig.grant(1n, TTL_SECONDS);
    rig.put("k", 1n);
    rig.revoke(1n);
    rig.round();
    await rig.restart({ commit });
    expect(rig.member.applier.leases.size).toBe(0);
    expect(rig.keysOf(1n)).toEqual([]);
    expect(rig.member.value("k")).toBeNull();
  });
});

test("a lease that is renewed or revoked by a client meanwhile is not revoked by the job", () => {
  const rig = new LeaseRig();
  for (const id of [1n, 2n]) rig.grant(id, TTL_SECONDS);
  rig.round();
  for (let ms = 0; ms < 9000; ms += EXPIRY_INTERVAL_MS) rig.tick();
  expect(rig.member.applier.leases.renew(1n, rig.clock.monotonicMs()).kind).toBe("renewed");
  rig.revoke(2n);
  rig.round();
  for (let ms = 0; ms < 9000; ms += EXPIRY_INTERVAL_MS) rig.tick();
  expect(rig.round()).toBe(0);
  expect(rig.member.applier.leases.ids()).toEqual([1n]);
});
