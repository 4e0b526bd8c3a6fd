// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { RangeRequest_SortTarget } from "../../../src/api/gen/etcdserverpb.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, keysOf, pair, valuesOf } from "../subjects/requests.ts";
import { sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("which keys a range selects", () => {
  const store = sharedStore();

  test("S-018 a range without a key is refused", () =>
    expectRefusal(store().range(""), refused.noKey));

  test("S-019 a sort order that does not exist is refused", () =>
    expectRefusal(store().range("a", { sortOrder: 3 }), refused.badSort));

  test("S-020 a range without an end finds the key itself and no longer one", async () => {
    await store().putAll("foo", "foobar");
    const answer = await store().range("foo");
    expect([keysOf(answer), answer.count]).toEqual([["foo"], 1]);
  });

  test("S-021 a missing key is an empty answer", async () => {
    await store().putAll("foo");
    const { kvs, count, more } = await store().range("baz");
    expect({ kvs, count, more }).toEqual({ kvs: [], count: 0, more: false });
  });

  test("S-022 the end of a range is left out", async () => {
    await store().putAll("a", "b", "c", "d", "e");
    const answer = await store().range("b", { rangeEnd: "d" });
    expect([keysOf(answer), answer.count]).toEqual([["b", "c"], 2]);
  });

  test("S-023 a range that ends where it begins is empty", async () => {
    await store().putAll("a", "b", "c", "d", "e");
    const { kvs, count } = await store().range("c", { rangeEnd: "c" });
    expect([kvs, count]).toEqual([[], 0]);
  });

  test("S-024 from NUL to NUL is every key", async () => {
    await store().putAll("a", "b", "c", "d", "e");
    expect(keysOf(await store().range("\0", everything))).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("S-025 an end of NUL means up to the last key", async () => {
    await store().putAll("a", "b", "c", "d", "e");
    expect(keysOf(await store().range("c", everything))).toEqual(["c", "d", "e"]);
  });

  test("S-026 a prefix is the range up to its successor", async () => {
    await store().putAll("foo", "foo/abc", "fop");
    expect(keysOf(await store().range("foo", { rangeEnd: "fop" }))).toEqual(["foo", "foo/abc"]);
  });

  test("S-027 a limit cuts the pairs, says so and leaves the count alone", async () => {
    await store().putAll("a", "b", "c");
    const answer = await store().range("\0", { ...everything, limit: 1 });
    expect([keysOf(answer), answer.more, answer.count]).toEqual([["a"], true, 3]);
  });

  test.each([
    ["S-028 a limit of zero is no limit", 0],
    ["S-029 a negative limit is no limit", -1],
  ])("%s", async (_, limit) => {
    await store().putAll("a", "b", "c");
    const answer = await store().range("\0", { ...everything, limit });
    expect([keysOf(answer), answer.more]).toEqual([["a", "b", "c"], false]);
  });

  test.each([
    ["S-030 counting only gives the count and no pairs", {}],
    ["S-031 counting only takes no notice of a limit", { limit: 1 }],
  ])("%s", async (_, options) => {
    await store().putAll("a", "b", "c");
    const answer = await store().range("\0", { ...everything, countOnly: true, ...options });
    expect([answer.kvs, answer.count, answer.more]).toEqual([[], 3, false]);
  });

  test("S-032 keys only leaves out the value and keeps the revisions", async () => {
    const [created] = await store().putAll("a");
    const [modified] = await store().putAll("a");
    const { kvs } = await store().range("a", { keysOnly: true });
    expect(kvs.map(pair)).toEqual([
      {
        key: "a",
        value: "",
        createRevision: created,
        modRevision: modified,
        version: 2,
        lease: 0n,
      },
    ]);
  });

  test("S-034 keys only can still be sorted by the values it leaves out", async () => {
    await store().put("a", "3");
    await store().put("b", "1");
    await store().put("c", "2");
    const answer = await store().range("\0", {
      ...everything,
      keysOnly: true,
      sortOrder: 1,
      sortTarget: RangeRequest_SortTarget.VALUE,
    });
    expect(keysOf(answer)).toEqual(["b", "c", "a"]);
    expect(valuesOf(answer)).toEqual(["", "", ""]);
  });

  test("S-035 version counts writes since creation, which the create revision keeps", async () => {
    const [created] = await store().putAll("a");
    const overwritten = await store().putAll("a", "a", "a");
    const found = await store().get("a");
    expect([found?.version, found?.createRevision]).toEqual([4, created]);
    expect(found?.modRevision).toBe(overwritten.at(-1));
  });
});

describeCases("ranges in the past", () => {
  const store = sharedStore();

  test("S-036 an old revision shows the keys as they were, under today's header", async () => {
    const [, second] = await store().putAll("a", "b", "c", "d");
    const last = await store().put("a", "changed");
    const answer = await store().range("\0", { ...everything, revision: second ?? 0 });
    expect([keysOf(answer), valuesOf(answer)]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(answer.header?.revision).toBe(last.header?.revision);
  });

  test("S-037 a revision that is yet to come is refused", async () => {
    const now = await store().revision();
    await expectRefusal(store().range("a", { revision: now + 1 }), refused.future);
    await expectRefusal(store().range("a", { revision: now + 1000 }), refused.future);
  });

  test("S-038 a revision below the compacted one is refused", async () => {
    const [first = 0, second = 0] = await store().putAll("a", "a");
    await store().compact(second);
    await expectRefusal(store().range("a", { revision: first }), refused.compacted);
  });

  test("S-039 the compacted revision itself can be read", async () => {
    await store().put("a", "old");
    const compacted = (await store().put("a", "kept")).header?.revision ?? 0;
    await store().put("a", "new");
    await store().compact(compacted);
    expect(valuesOf(await store().range("a", { revision: compacted }))).toEqual(["kept"]);
  });

  test("S-040 a negative revision is the latest, compacted or not", async () => {
    const [, second = 0] = await store().putAll("a", "a");
    await store().compact(second);
    expect(keysOf(await store().range("a", { revision: -1 }))).toEqual(["a"]);
    expect(keysOf(await store().range("a", { revision: -7 }))).toEqual(["a"]);
  });

  test("S-041 revision 1 of a new store is readable and empty", () =>
    withFreshStore(async (fresh) => {
      await fresh.putAll("a", "b");
      const { kvs, count } = await fresh.range("\0", { ...everything, revision: 1 });
      expect([kvs, count]).toEqual([[], 0]);
    }));
});
