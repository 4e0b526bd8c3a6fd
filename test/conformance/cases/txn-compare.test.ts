// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { type Compare, Compare_CompareTarget } from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { op, valuesOf, when } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("compares of a txn", () => {
  const store = sharedStore();
  const holds = async (...compare: readonly Init<Compare>[]): Promise<boolean> =>
    (await store().txn({ compare })).succeeded;

  test("S-107 without compares the success branch runs", async () => {
    const answer = await store().txn({
      success: [op.put("k", "yes")],
      failure: [op.put("k", "no")],
    });
    expect(answer.succeeded).toBe(true);
    expect((await store().get("k"))?.value).toBe("yes");
  });

  test.each([
    ["S-108 a missing key has version 0", when.version("k", "=", 0)],
    ["S-109 a missing key was created at 0", when.created("k", "=", 0)],
    ["S-110 a missing key was modified before 1", when.modified("k", "<", 1)],
    ["S-111 a missing key has lease 0", when.lease("k", "=", 0n)],
  ])("%s", async (_, compare) => {
    expect(await holds(compare)).toBe(true);
  });

  test("S-112 an empty value equals the empty value", async () => {
    await store().put("k", "");
    expect(await holds(when.value("k", "=", ""))).toBe(true);
  });

  test("S-113 values compare by unsigned byte", async () => {
    await store().put("k", "b");
    expect(await holds(when.value("k", ">", "a"))).toBe(true);
    await store().put("k", Uint8Array.of(0x80));
    expect(await holds(when.value("k", ">", Uint8Array.of(0x7f)))).toBe(true);
    expect(await holds(when.value("k", ">", Uint8Array.of(0xff)))).toBe(false);
  });

  test("S-114 the four relations of a version with itself", async () => {
    await store().putAll("k", "k", "k");
    const outcomes: boolean[] = [];
    for (const relation of ["=", "!=", ">", "<"] as const) {
      outcomes.push(await holds(when.version("k", relation, 3)));
    }
    expect(outcomes).toEqual([true, false, false, false]);
  });

  test("S-115 creation and modification are compared apart", async () => {
    const [created = 0, , modified = 0] = await store().putAll("k", "x", "k");
    const both = [when.created("k", "=", created), when.modified("k", "=", modified)];
    expect(await holds(...both)).toBe(true);
    expect(await holds(when.created("k", "=", modified))).toBe(false);
  });

  test("S-116 a compare without its operand takes zero or the empty value", async () => {
    const { VERSION, CREATE, MOD, VALUE, LEASE } = Compare_CompareTarget;
    for (const target of [VERSION, CREATE, MOD, LEASE]) {
      expect(await holds(when.bare("k", "=", target)), `missing key, ${target}`).toBe(true);
    }
    await store().put("k", "");
    expect(await holds(when.bare("k", "=", VALUE))).toBe(true);
    expect(await holds(when.bare("k", ">", VERSION))).toBe(true);
    await store().put("k", "v");
    expect(await holds(when.bare("k", "=", VALUE))).toBe(false);
  });

  test("S-117 a range holds when each of its keys does", async () => {
    const revisions = await store().putAll("/a/1", "/a/2", "/a/3", "/a/4");
    const last = revisions.at(-1) ?? 0;
    expect(await holds(when.created("/a/", "<", last + 1, "\0"))).toBe(true);
  });

  test("S-118 a range fails with one of its keys", async () => {
    const revisions = await store().putAll("/a/1", "/a/2", "/a/3", "/a/4");
    const last = revisions.at(-1) ?? 0;
    expect(await holds(when.created("/a/", "<", last, "\0"))).toBe(false);
  });

  test("S-119 an empty range never compares by value", async () => {
    for (const relation of ["=", "!=", "<", ">"] as const) {
      expect(await holds(when.value("/a/", relation, "", "/a0")), relation).toBe(false);
    }
  });

  test("O-txn-2 a missing key never compares by value", async () => {
    for (const relation of ["=", "!=", "<", ">"] as const) {
      expect(await holds(when.value("k", relation, "")), relation).toBe(false);
    }
  });

  test("S-120 keys without lease compare as lease 0 over a range", async () => {
    await store().putAll("/a/1", "/a/2");
    expect(await holds(when.lease("/a/", ">", 0n, "/a0"))).toBe(false);
    expect(await holds(when.lease("/a/", "=", 0n, "/a0"))).toBe(true);
  });

  test("S-121 a compare sees the store before the writes of its txn", async () => {
    const answer = await store().txn({
      compare: [when.version("k", "=", 0)],
      success: [op.put("k", "new")],
    });
    expect(answer.succeeded).toBe(true);
    expect((await store().get("k"))?.value).toBe("new");
  });

  test("S-122 a nested compare sees the store before the whole outer txn", async () => {
    const nested = op.txn({
      compare: [when.version("k", "=", 0)],
      success: [op.range("k")],
      failure: [],
    });
    const { responses } = await store().txn({ success: [op.put("k", "outer"), nested] });
    const inner = responses[1]?.responseTxn;
    expect(inner?.succeeded).toBe(true);
    // Reads, unlike compares, see what the txn has written before them.
    expect(valuesOf(inner?.responses[0]?.responseRange)).toEqual(["outer"]);
  });

  test("S-123 a compare sees a put exactly when its header is not older", async () => {
    for (let round = 0; round < 20; round += 1) {
      const key = `race-${round}`;
      const [put, txn] = await Promise.all([
        store().put(key, "v"),
        store().txn({ compare: [when.version(key, ">", 0)], success: [op.range(key)] }),
      ]);
      const isSeen = (txn.header?.revision ?? 0) >= (put.header?.revision ?? 0);
      expect(txn.succeeded, key).toBe(isSeen);
    }
  });
});
