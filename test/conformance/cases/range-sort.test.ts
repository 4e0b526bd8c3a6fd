// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as Target,
} from "../../../src/api/gen/etcdserverpb.ts";
import { everything, keysOf, type RangeOptions } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("the order of a range", () => {
  const store = sharedStore();
  const all = (options: RangeOptions) => store().range("\0", { ...everything, ...options });

  test("S-042 sorting descending comes before the limit", async () => {
    await store().putAll("b", "a", "c", "d");
    const answer = await all({ sortOrder: Order.DESCEND, limit: 1 });
    expect([keysOf(answer), answer.more]).toEqual([["d"], true]);
  });

  test("S-043 the latest modified key is first by descending modification", async () => {
    await store().putAll("b", "a", "c", "d", "c");
    const options = { sortOrder: Order.DESCEND, sortTarget: Target.MOD, limit: 1 };
    expect(keysOf(await all(options))).toEqual(["c"]);
  });

  test("S-044 a target other than the key sorts ascending without an order", async () => {
    await store().putAll("b", "a", "c", "d");
    expect(keysOf(await all({ sortTarget: Target.CREATE }))).toEqual(["b", "a", "c", "d"]);
  });

  test("S-045 without an order the limit narrows what is sorted", async () => {
    await store().putAll("b", "a", "c", "d");
    const answer = await all({ sortTarget: Target.CREATE, limit: 1 });
    expect([keysOf(answer), answer.more]).toEqual([["b"], true]);
  });

  test("S-046 values sort by unsigned byte, in both directions", async () => {
    const values: Readonly<Record<string, readonly number[]>> = {
      a: [0x80],
      b: [],
      c: [0x7f, 0xff],
      d: [0xff],
      e: [0x7f],
    };
    for (const [key, value] of Object.entries(values)) {
      await store().put(key, Uint8Array.from(value));
    }
    const sorted = ["b", "e", "c", "a", "d"];
    const byValue = { sortTarget: Target.VALUE };
    expect(keysOf(await all({ ...byValue, sortOrder: Order.ASCEND }))).toEqual(sorted);
    expect(keysOf(await all({ ...byValue, sortOrder: Order.DESCEND }))).toEqual(
      sorted.toReversed(),
    );
  });

  test("O-range-1 keys sort by version too", async () => {
    await store().putAll("a", "a", "a", "b", "c", "c");
    const options = { sortTarget: Target.VERSION, sortOrder: Order.ASCEND };
    expect(keysOf(await all(options))).toEqual(["b", "c", "a"]);
  });
});

describeCases("filters by revision", () => {
  const store = sharedStore();
  const all = (options: RangeOptions) => store().range("\0", { ...everything, ...options });
  /** Five keys in five revisions; answers with the first of them. */
  const fiveKeys = async (): Promise<number> =>
    (await store().putAll("k0", "k1", "k2", "k3", "k4"))[0] ?? 0;

  test("S-047 a lower bound of modification filters the pairs and not the count", async () => {
    const first = await fiveKeys();
    const answer = await all({ minModRevision: first + 1 });
    expect([keysOf(answer), answer.count]).toEqual([["k1", "k2", "k3", "k4"], 5]);
  });

  test("S-048 an upper bound of modification", async () => {
    const first = await fiveKeys();
    expect(keysOf(await all({ maxModRevision: first + 1 }))).toEqual(["k0", "k1"]);
  });

  test("S-049 both bounds belong to what is found", async () => {
    const first = await fiveKeys();
    const bounds = { minModRevision: first + 1, maxModRevision: first + 3 };
    expect(keysOf(await all(bounds))).toEqual(["k1", "k2", "k3"]);
  });

  test("S-050 bounds of creation take no notice of later modifications", async () => {
    const [first = 0] = await store().putAll("k0", "k1", "x", "x", "k2", "k1", "k0");
    const bounds = { minCreateRevision: first + 1, maxCreateRevision: first + 3 };
    await store().del("x");
    expect(keysOf(await all(bounds))).toEqual(["k1"]);
  });

  test("S-051 the limit counts what passes the filter", async () => {
    const first = await fiveKeys();
    const answer = await all({ minModRevision: first + 1, limit: 2 });
    expect([keysOf(answer), answer.more]).toEqual([["k1", "k2"], true]);
  });

  test("S-052 a filter that nothing passes leaves the count", async () => {
    const first = await fiveKeys();
    const { kvs, more, count } = await all({ minModRevision: first + 100 });
    expect({ kvs, more, count }).toEqual({ kvs: [], more: false, count: 5 });
  });

  test("S-053 at an old revision the filter sees the pairs of then", async () => {
    const first = await fiveKeys();
    await store().putAll("k0", "k1");
    const options = { revision: first + 2, maxModRevision: first + 100 };
    expect(keysOf(await all(options))).toEqual(["k0", "k1", "k2"]);
    expect(keysOf(await all({ revision: first + 2, minModRevision: first + 5 }))).toEqual([]);
  });
});
