// SPDX-License-Identifier: Apache-2.0
// How writes of a key attach it to a lease, move it and take it away.

import { beforeEach, expect, test } from "vitest";
import { RangeRequest_SortTarget } from "../../../src/api/gen/etcdserverpb.ts";
import { grant, keysOfLease, leaseIds, revoke, revokeAll } from "../subjects/leases.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { op, pair, when } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("lease: keys", () => {
  const store = sharedStore();
  beforeEach(async () => {
    await revokeAll(store());
    for (const id of [1n, 2n]) await grant(store(), 100, id);
  });

  test("S-033 a keys-only read leaves out the lease", async () => {
    await store().put("k", "v", { lease: 1n });
    const { kvs } = await store().range("k", { keysOnly: true });
    expect(pair(kvs[0])).toMatchObject({ key: "k", value: "", lease: 0n });
  });

  test("O-range-2 a keys-only read that sorts by value keeps the lease", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().put("l", "u");
    const sorted = { keysOnly: true, rangeEnd: "m", sortTarget: RangeRequest_SortTarget.VALUE };
    const { kvs } = await store().range("k", sorted);
    expect(kvs.map((kv) => pair(kv))).toMatchObject([
      { key: "l", value: "", lease: 0n },
      { key: "k", value: "", lease: 1n },
    ]);
  });

  test("S-071 a kept value can get a lease", async () => {
    const first = await store().put("k", "v");
    const second = await store().put("k", "", { ignoreValue: true, lease: 1n });
    expect(second.header?.revision).toBe((first.header?.revision ?? 0) + 1);
    const modRevision = second.header?.revision ?? 0;
    expect(await store().get("k")).toMatchObject({
      value: "v",
      lease: 1n,
      version: 2,
      modRevision,
    });
    expect(await keysOfLease(store(), 1n)).toEqual(["k"]);
  });

  test("S-072 a put without a lease detaches the key", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().put("k", "w");
    expect(await keysOfLease(store(), 1n)).toEqual([]);
    await revoke(store(), 1n);
    expect(await store().get("k")).toMatchObject({ value: "w", lease: 0n });
  });

  test("S-073 keeping only the value detaches the key", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().put("k", "", { ignoreValue: true });
    expect(await store().get("k")).toMatchObject({ value: "v", lease: 0n });
    expect(await keysOfLease(store(), 1n)).toEqual([]);
  });

  test("S-074 a put with another lease moves the key", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().put("k", "v", { lease: 2n });
    expect(await keysOfLease(store(), 1n)).toEqual([]);
    await revoke(store(), 1n);
    expect(await store().get("k")).toMatchObject({ lease: 2n });
    await revoke(store(), 2n);
    expect(await store().get("k")).toBeUndefined();
  });

  test("S-077 value and lease can both be kept", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().put("k", "", { ignoreValue: true, ignoreLease: true });
    expect(await store().get("k")).toMatchObject({ value: "v", lease: 1n, version: 2 });
    expect(await keysOfLease(store(), 1n)).toEqual(["k"]);
  });

  test("S-086 a deleted key leaves its lease alive", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().del("k");
    expect(await keysOfLease(store(), 1n)).toEqual([]);
    expect(await leaseIds(store())).toContain(1n);
    await store().put("k", "v");
    await revoke(store(), 1n);
    expect(await store().get("k")).toMatchObject({ value: "v", version: 1 });
  });

  test("O-lease-2 an unknown lease is told before a missing key", async () => {
    const put = store().put("none", "", { ignoreValue: true, lease: 99n });
    await expectRefusal(put, refused.leaseNotFound);
  });

  test("O-lease-3 within one txn the last write of a key decides", async () => {
    await store().put("k", "v", { lease: 1n });
    await store().txn({ success: [op.del("k"), op.put("l", "v", { lease: 2n })] });
    await store().txn({
      compare: [when.lease("l", "=", 2n)],
      success: [op.put("l", "v", { lease: 1n })],
    });
    expect(await keysOfLease(store(), 1n)).toEqual(["l"]);
    expect(await keysOfLease(store(), 2n)).toEqual([]);
  });

  test("O-lease-4 a key of thousands of bytes belongs to its lease too", async () => {
    const long = "k".repeat(5000);
    await store().put(long, "v", { lease: 1n });
    await store().put("k", "v", { lease: 1n });
    expect(await keysOfLease(store(), 1n)).toEqual(["k", long]);
    await revoke(store(), 1n);
    expect(await store().get(long)).toBeUndefined();
  });
});
