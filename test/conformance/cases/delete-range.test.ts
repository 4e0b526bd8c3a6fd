// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, keysOf, pair } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("delete", () => {
  const store = sharedStore();
  const left = async (): Promise<string[]> => keysOf(await store().range("\0", everything));

  test("S-079 a delete without a key is refused", () =>
    expectRefusal(store().del(""), refused.noKey));

  test("S-080 only keys from the beginning of the range on are deleted", async () => {
    await store().putAll("foo", "foo/abc", "fop");
    expect((await store().del("foo/", { rangeEnd: "fop" })).deleted).toBe(1);
    expect(await left()).toEqual(["foo", "fop"]);
  });

  test("S-081 only keys before the end of the range are deleted", async () => {
    await store().putAll("foo", "foo/abc", "fop");
    expect((await store().del("fo", { rangeEnd: "fop" })).deleted).toBe(2);
    expect(await left()).toEqual(["fop"]);
  });

  test("S-082 from NUL to NUL deletes every key and counts them", async () => {
    await store().putAll("a", "b", "c", "d");
    expect((await store().del("\0", everything)).deleted).toBe(4);
    expect(await left()).toEqual([]);
  });

  test("S-083 an end of NUL deletes up to the last key", async () => {
    await store().putAll("a", "b", "c", "d");
    expect((await store().del("b", everything)).deleted).toBe(3);
    expect(await left()).toEqual(["a"]);
  });

  test("S-084 the deleted pairs come back in key order when asked for", async () => {
    const [b, a, c] = await store().putAll("b", "a", "c");
    const { deleted, prevKvs } = await store().del("a", { rangeEnd: "d", prevKv: true });
    expect(deleted).toBe(3);
    expect(prevKvs.map(pair)).toEqual([
      { key: "a", value: "a", createRevision: a, modRevision: a, version: 1, lease: 0n },
      { key: "b", value: "b", createRevision: b, modRevision: b, version: 1, lease: 0n },
      { key: "c", value: "c", createRevision: c, modRevision: c, version: 1, lease: 0n },
    ]);
  });

  test("S-085 the deleted pairs stay away when nobody asks", async () => {
    await store().putAll("a", "b", "c");
    const { deleted, prevKvs } = await store().del("a", { rangeEnd: "d" });
    expect([deleted, prevKvs]).toEqual([3, []]);
  });

  test("S-087 before its deletion a key can still be read", async () => {
    const [written = 0] = await store().putAll("a");
    const { header } = await store().del("a");
    expect(header?.revision).toBe(written + 1);
    expect(keysOf(await store().range("a", { revision: written }))).toEqual(["a"]);
    expect(keysOf(await store().range("a", { revision: written + 1 }))).toEqual([]);
  });

  test("S-088 deleting nothing gives nothing back and takes no revision", async () => {
    const before = await store().revision();
    const answer = await store().del("a", { rangeEnd: "z", prevKv: true });
    expect([answer.deleted, answer.prevKvs, answer.header?.revision]).toEqual([0, [], before]);
  });

  test("O-delete-1 a key written after its deletion starts anew", async () => {
    await store().putAll("a", "a");
    await store().del("a");
    const [again] = await store().putAll("a");
    const found = await store().get("a");
    expect([found?.version, found?.createRevision]).toEqual([1, again]);
  });
});
