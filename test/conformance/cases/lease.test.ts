// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, test } from "vitest";
import { grant, keysOfLease, leaseIds, revoke, revokeAll, timeToLive } from "../subjects/leases.ts";
import { expectRefusal, refusal, refused } from "../subjects/refusal.ts";
import { everything, keysOf, op } from "../subjects/requests.ts";
import { Store, sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { withWatch } from "../subjects/watch-stream.ts";

const smallest = -(2n ** 63n);
const leaseExists = refusal("FAILED_PRECONDITION", "etcdserver: lease already exists");
const ttlTooLarge = refusal("OUT_OF_RANGE", "etcdserver: too large lease TTL");

describeCases("lease: grant, attach, revoke", () => {
  const store = sharedStore();
  beforeEach(() => revokeAll(store()));

  test("S-209 the server chooses an ID when none is given", async () => {
    const first = await grant(store(), 10);
    const second = await grant(store(), 10);
    expect(first).toMatchObject({ TTL: 10, error: "" });
    expect(first.ID).toBeGreaterThan(0n);
    expect(second.ID).toBeGreaterThan(0n);
    expect(second.ID).not.toBe(first.ID);
    expect((await leaseIds(store())).sort()).toEqual([first.ID, second.ID].sort());
  });

  test("S-210 an ID can be granted once", async () => {
    expect(await grant(store(), 10, 1n)).toMatchObject({ ID: 1n, TTL: 10 });
    await expectRefusal(grant(store(), 10, 1n), leaseExists);
  });

  test("S-211 a revoked ID can be granted again", async () => {
    await grant(store(), 10, 1n);
    await revoke(store(), 1n);
    expect(await grant(store(), 20, 1n)).toMatchObject({ ID: 1n, TTL: 20 });
  });

  test("S-212 an ID may be negative", async () => {
    for (const id of [-1n, smallest]) {
      expect(await grant(store(), 10, id)).toMatchObject({ ID: id });
      await store().put(`k${id}`, "v", { lease: id });
      expect((await store().get(`k${id}`))?.lease).toBe(id);
      expect(await keysOfLease(store(), id)).toEqual([`k${id}`]);
      await revoke(store(), id);
      expect(await store().get(`k${id}`)).toBeUndefined();
    }
  });

  test("S-213 a time beyond the limit is refused", async () => {
    for (const ttl of [9_000_000_001, 2 ** 63 - 1024, 2 ** 63]) {
      await expectRefusal(grant(store(), ttl, 1n), ttlTooLarge);
      await expectRefusal(grant(store(), ttl), ttlTooLarge);
    }
    expect(await grant(store(), 9_000_000_000, 1n)).toMatchObject({ TTL: 9_000_000_000 });
  });

  test("S-214 a short time is raised to two seconds", async () => {
    for (const ttl of [1, 0, -1, -1000]) expect((await grant(store(), ttl)).TTL).toBe(2);
    expect((await grant(store(), 3)).TTL).toBe(3);
  });

  test("S-216 a revoke deletes the keys at one revision", async () => {
    await grant(store(), 100, 1n);
    for (const key of ["foo1", "foo2"]) await store().put(key, "v", { lease: 1n });
    const before = await store().revision();
    const { header } = await revoke(store(), 1n);
    expect(header?.revision).toBe(before + 1);
    expect(keysOf(await store().range("\0", everything))).toEqual([]);
    expect(await store().revision()).toBe(before + 1);
  });

  test("O-lease-1 grant and revoke of a lease without keys take no revision", async () => {
    const before = await store().revision();
    expect((await grant(store(), 100, 1n)).header?.revision).toBe(before);
    expect((await revoke(store(), 1n)).header?.revision).toBe(before);
    expect(await store().revision()).toBe(before);
  });

  test("S-217 a lease that does not exist cannot be revoked", async () => {
    await expectRefusal(revoke(store(), 123n), refused.leaseNotFound);
    await expectRefusal(revoke(store(), 0n), refused.leaseNotFound);
  });

  test("S-218 a revoke's deletes come in order of their keys", async () => {
    await grant(store(), 100, 1n);
    const revisions: number[] = [];
    for (const key of ["d", "b", "z", "a", "c"]) {
      const { header } = await store().put(key, "v", { lease: 1n });
      revisions.push(header?.revision ?? 0);
    }
    const at = Math.max(...revisions) + 1;
    await withWatch(store().client, async (watch) => {
      await watch.create("\0", { ...everything, startRevision: at });
      await revoke(store(), 1n);
      const expected = ["a", "b", "c", "d", "z"].map((key) => `DELETE ${key}@${at}`);
      expect(await watch.events(5)).toEqual(expected);
    });
  });

  test("S-228 a put in a txn attaches as a plain one does", async () => {
    await grant(store(), 100, 1n);
    const put = op.put("k", "v", { lease: 1n });
    await store().txn({ success: [put, op.txn({ success: [op.put("l", "v", { lease: 1n })] })] });
    expect(await keysOfLease(store(), 1n)).toEqual(["k", "l"]);
    await revoke(store(), 1n);
    expect(keysOf(await store().range("\0", everything))).toEqual([]);
    const refusedPut = op.put("m", "v", { lease: 1n });
    await expectRefusal(store().txn({ success: [op.put("n"), refusedPut] }), refused.leaseNotFound);
    expect(await store().get("n")).toBeUndefined();
  });
});

describeCases("lease: least time", () => {
  test("S-215 the least time is one and a half election timeouts, rounded up", () =>
    withFreshStore(
      async (store) => {
        for (const ttl of [-1, 1, 4]) expect((await grant(store, ttl)).TTL).toBe(5);
        expect((await grant(store, 6)).TTL).toBe(6);
      },
      { args: ["--heartbeat-interval=100", "--election-timeout=3000"] },
    ));
});

describeCases("lease: restart", () => {
  describe.each([["SIGTERM"], ["SIGKILL"]] as const)("after %s", (signal) => {
    async function restarted(
      before: (store: Store) => Promise<void>,
      after: (store: Store) => Promise<void>,
    ): Promise<void> {
      await withFreshStore(async (store) => {
        await before(store);
        await store.server.kill(signal);
        const { dataDir, ports } = store.server;
        const again = await Store.open({ dataDir, ports });
        try {
          await after(again);
        } finally {
          await again.close();
        }
      });
    }

    test("S-221 lease, attachment and granted time are kept", () =>
      restarted(
        async (store) => {
          for (const id of [5n, -7n]) {
            await grant(store, 100, id);
            await store.put(`k${id}`, "v", { lease: id });
          }
        },
        async (store) => {
          expect((await leaseIds(store)).sort()).toEqual([5n, -7n].sort());
          for (const id of [5n, -7n]) {
            expect((await timeToLive(store, id)).grantedTTL).toBe(100);
            expect(await keysOfLease(store, id)).toEqual([`k${id}`]);
            await revoke(store, id);
            expect(await store.get(`k${id}`)).toBeUndefined();
          }
        },
      ));

    test("S-222 a detached key stays detached", () =>
      restarted(
        async (store) => {
          await grant(store, 100, 5n);
          await store.put("k", "v", { lease: 5n });
          await store.put("l", "v", { lease: 5n });
          await store.put("k", "w");
        },
        async (store) => {
          await revoke(store, 5n);
          expect(keysOf(await store.range("\0", everything))).toEqual(["k"]);
        },
      ));

    test("S-223 a revoked lease stays gone", () =>
      restarted(
        async (store) => {
          await grant(store, 100, 5n);
          await store.put("k", "v", { lease: 5n });
          await revoke(store, 5n);
        },
        async (store) => {
          expect(await leaseIds(store)).toEqual([]);
          expect(await store.get("k")).toBeUndefined();
          await expectRefusal(revoke(store, 5n), refused.leaseNotFound);
        },
      ));
  });
});
