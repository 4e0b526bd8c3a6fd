// SPDX-License-Identifier: Apache-2.0
// The cases in which real time has to pass: leases of the least time to live, two seconds.

import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { grant, leaseIds, timeToLive, withKeepAlive } from "../subjects/leases.ts";
import { everything } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { withWatch } from "../subjects/watch-stream.ts";

const ttlMs = 2000;

describeCases("lease: expiry", () => {
  const store = sharedStore();

  test("S-219 a key goes with its lease, never before the time has passed", () =>
    withWatch(store().client, async (watch) => {
      await watch.create("\0", everything);
      const grantedAt = performance.now();
      const { ID } = await grant(store(), 2);
      await store().put("k", "v", { lease: ID });
      await watch.events(1);
      const [deleted] = await watch.events(1);
      expect(deleted).toMatch(/^DELETE k@/);
      expect(performance.now() - grantedAt).toBeGreaterThanOrEqual(ttlMs);
      expect(await timeToLive(store(), ID)).toMatchObject({ TTL: -1, grantedTTL: 0 });
    }));

  test("S-220 a key that was overwritten without the lease stays", () =>
    withWatch(store().client, async (watch) => {
      const { ID } = await grant(store(), 2);
      for (const key of ["k", "l"]) await store().put(key, "v", { lease: ID });
      await watch.create("l");
      await store().put("k", "w");
      await watch.events(1);
      expect(await leaseIds(store())).toEqual([]);
      expect(await store().get("k")).toMatchObject({ value: "w", lease: 0n });
    }));

  test("S-229 a renewal begins the time anew", () =>
    withKeepAlive(store(), async (stream) => {
      const { ID } = await grant(store(), 10);
      await delay(1500);
      const before = (await timeToLive(store(), ID)).TTL;
      expect(before).toBeLessThanOrEqual(8);
      expect(await stream.renew(ID)).toMatchObject({ ID, TTL: 10 });
      expect((await timeToLive(store(), ID)).TTL).toBeGreaterThan(before);
    }));

  test("O-lease-6 a lease that is renewed in time outlives its time", () =>
    withKeepAlive(store(), async (stream) => {
      const { ID } = await grant(store(), 3);
      await store().put("k", "v", { lease: ID });
      for (let round = 0; round < 4; round += 1) {
        await delay(1000);
        expect(await stream.renew(ID)).toMatchObject({ ID, TTL: 3 });
      }
      expect(await store().get("k")).toMatchObject({ lease: ID });
    }));
});
