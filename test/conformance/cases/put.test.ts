// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { pair } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("put", () => {
  const store = sharedStore();

  test("S-064 a put without a key is refused", () =>
    expectRefusal(store().put("", "v"), refused.noKey));

  test("S-065 the previous pair comes back whole when asked for", async () => {
    const [created = 0] = await store().putAll("k");
    const old = await store().put("k", "v1");
    const { prevKv } = await store().put("k", "v2", { prevKv: true });
    expect(pair(prevKv)).toEqual({
      key: "k",
      value: "v1",
      createRevision: created,
      modRevision: old.header?.revision,
      version: 2,
      lease: 0n,
    });
  });

  test("S-066 there is no previous pair of a new key", async () => {
    expect((await store().put("k", "v1", { prevKv: true })).prevKv).toBeUndefined();
  });

  test("S-067 the previous pair stays away when nobody asks", async () => {
    await store().put("k", "v1");
    expect((await store().put("k", "v2")).prevKv).toBeUndefined();
  });

  test("S-068 ignoring the lease and giving one is refused, key or no key", async () => {
    const options = { ignoreLease: true, lease: 7n };
    await expectRefusal(store().put("k", "v", options), refused.leaseGiven);
    await store().put("k", "v");
    await expectRefusal(store().put("k", "v", options), refused.leaseGiven);
  });

  test("O-put-1 ignoring the value and giving one is refused", () =>
    expectRefusal(store().put("k", "v", { ignoreValue: true }), refused.valueGiven));

  test("S-069 a missing key has no value to keep", () =>
    expectRefusal(store().put("k", "", { ignoreValue: true }), refused.keyNotFound));

  test("S-070 a missing key has no lease to keep", () =>
    expectRefusal(store().put("k", "v", { ignoreLease: true }), refused.keyNotFound));

  test("S-075 a lease that does not exist is refused and nothing is written", async () => {
    const before = await store().revision();
    await expectRefusal(store().put("k", "v", { lease: 123_456n }), refused.leaseNotFound);
    expect(await store().get("k")).toBeUndefined();
    expect(await store().revision()).toBe(before);
  });

  test("S-076 writing the same value again is a modification", async () => {
    const first = await store().put("k", "v");
    const second = await store().put("k", "v");
    const found = await store().get("k");
    expect(second.header?.revision).toBe((first.header?.revision ?? 0) + 1);
    expect([found?.version, found?.modRevision]).toEqual([2, second.header?.revision]);
  });

  test("S-078 keeping the value or the lease does not bring the previous pair back", async () => {
    await store().put("k", "v");
    expect((await store().put("k", "", { ignoreValue: true })).prevKv).toBeUndefined();
    expect((await store().put("k", "w", { ignoreLease: true })).prevKv).toBeUndefined();
    const found = await store().get("k");
    expect([found?.value, found?.version]).toEqual(["w", 3]);
  });

  test("O-put-2 a kept value is written anew", async () => {
    await store().put("k", "v");
    const kept = await store().put("k", "", { ignoreValue: true });
    const found = await store().get("k");
    expect([found?.value, found?.modRevision]).toEqual(["v", kept.header?.revision]);
  });
});
