// SPDX-License-Identifier: Apache-2.0

import { beforeEach, expect, test } from "vitest";
import {
  grant,
  keysOfLease,
  leaseIds,
  revoke,
  revokeAll,
  timeToLive,
  withKeepAlive,
} from "../subjects/leases.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("lease: keep-alive, time to live, list", () => {
  const store = sharedStore();
  beforeEach(() => revokeAll(store()));

  test("S-230 renewing an unknown lease answers with no time, and the stream goes on", () =>
    withKeepAlive(store(), async (stream) => {
      expect(await stream.renew(77n)).toMatchObject({ ID: 77n, TTL: 0 });
      await grant(store(), 10, 77n);
      expect(await stream.renew(77n)).toMatchObject({ ID: 77n, TTL: 10 });
      await revoke(store(), 77n);
      expect(await stream.renew(77n)).toMatchObject({ ID: 77n, TTL: 0 });
    }));

  test("S-231 one stream renews many leases, and only the revoked one has no time", () =>
    withKeepAlive(store(), async (stream) => {
      const ids = [1n, 2n, 3n];
      for (const id of ids) await grant(store(), 10, id);
      for (const id of ids) expect((await stream.renew(id)).TTL).toBe(10);
      await revoke(store(), 2n);
      for (const id of ids) stream.send({ ID: id });
      const answers = [await stream.next(), await stream.next(), await stream.next()];
      expect(answers.map(({ ID, TTL }) => [ID, TTL])).toEqual([
        [1n, 10],
        [2n, 0],
        [3n, 10],
      ]);
    }));

  test("S-236 a renewal's header has a revision of before it", () =>
    withKeepAlive(store(), async (stream) => {
      await grant(store(), 10, 1n);
      await store().put("k", "v", { lease: 1n });
      const before = await store().revision();
      const { header } = await stream.renew(1n);
      expect(header?.revision).toBe(before);
      expect((await revoke(store(), 1n)).header?.revision).toBe(before + 1);
    }));

  test("O-lease-5 a stream that the client ends is ended behind its answers", () =>
    withKeepAlive(store(), async (stream) => {
      await grant(store(), 10, 1n);
      stream.send({ ID: 1n });
      const ended = stream.finish();
      expect(await stream.next()).toMatchObject({ ID: 1n, TTL: 10 });
      await ended;
    }));

  test("O-lease-7 thousands of renewals of unknown leases are answered in order", () =>
    withKeepAlive(store(), async (stream) => {
      await grant(store(), 10, 1n);
      const ids = Array.from({ length: 5000 }, (_, index) => BigInt(index + 1000));
      for (const ID of ids) stream.send({ ID });
      stream.send({ ID: 1n });
      for (const ID of ids) expect(await stream.next()).toMatchObject({ ID, TTL: 0 });
      expect(await stream.next()).toMatchObject({ ID: 1n, TTL: 10 });
    }));

  test("S-237 time to live tells what is left, and the keys when asked", async () => {
    await grant(store(), 10, 1n);
    for (const key of ["foo1", "foo2"]) await store().put(key, "v", { lease: 1n });
    const answer = await timeToLive(store(), 1n, true);
    expect(answer).toMatchObject({ ID: 1n, grantedTTL: 10 });
    expect(answer.TTL).toBeGreaterThanOrEqual(1);
    expect(answer.TTL).toBeLessThanOrEqual(10);
    expect(await keysOfLease(store(), 1n)).toEqual(["foo1", "foo2"]);
  });

  test("S-238 the keys stay away when nobody asks", async () => {
    await grant(store(), 10, 1n);
    await store().put("k", "v", { lease: 1n });
    expect((await timeToLive(store(), 1n)).keys).toEqual([]);
  });

  test("S-239 an unknown lease is no error of time to live", async () => {
    const unknown = { ID: 1n, TTL: -1, grantedTTL: 0, keys: [] };
    expect(await timeToLive(store(), 1n, true)).toMatchObject(unknown);
    await grant(store(), 10, 1n);
    await revoke(store(), 1n);
    expect(await timeToLive(store(), 1n)).toMatchObject(unknown);
    expect(await timeToLive(store(), 0n)).toMatchObject({ ...unknown, ID: 0n });
  });

  test("S-241 leases are listed by their end", async () => {
    const ids = [5n, 3n, 1n, 4n, 2n];
    for (const id of ids) await grant(store(), 100, id);
    expect(await leaseIds(store())).toEqual(ids);
    await grant(store(), 50, 9n);
    expect(await leaseIds(store())).toEqual([9n, ...ids]);
    await withKeepAlive(store(), (stream) => stream.renew(3n));
    expect(await leaseIds(store())).toEqual([9n, 5n, 1n, 4n, 2n, 3n]);
  });

  test("S-242 no leases make an empty list", async () => {
    expect(await leaseIds(store())).toEqual([]);
  });

  test("S-243 lease 0 is unknown", () =>
    withKeepAlive(store(), async (stream) => {
      expect(await stream.renew(0n)).toMatchObject({ ID: 0n, TTL: 0 });
    }));
});
