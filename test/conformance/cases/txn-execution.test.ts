// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { RequestOp, ResponseOp } from "../../../src/api/gen/etcdserverpb.ts";
import type { Init } from "../../../src/api/message-codec.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, keysOf, op, pair, valuesOf, when } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { withWatch } from "../subjects/watch-stream.ts";

const never = [when.version("k", ">", 1_000_000)];

describeCases("what a txn does and answers", () => {
  const store = sharedStore();

  test("S-124 an empty branch answers nothing at the current revision", async () => {
    const before = await store().revision();
    const { responses, header, succeeded } = await store().txn({
      compare: never,
      success: [op.put("a")],
    });
    expect([responses, header?.revision, succeeded]).toEqual([[], before, false]);
  });

  test("S-125 all writes of a txn share one revision", async () => {
    const [, , before = 0] = await store().putAll("a", "b", "gone");
    const success = [op.put("a", "1"), op.put("c", "2"), op.del("gone")];
    const { header, responses } = await store().txn({ success });
    expect(header?.revision).toBe(before + 1);
    expect((await store().get("a"))?.modRevision).toBe(before + 1);
    expect((await store().get("c"))?.modRevision).toBe(before + 1);
    expect(responses[2]?.responseDeleteRange?.deleted).toBe(1);
    expect(await store().get("gone")).toBeUndefined();
  });

  test("S-126 a read sees the writes before it", async () => {
    await store().put("a", "old");
    const { responses } = await store().txn({ success: [op.put("a", "new"), op.range("a")] });
    expect(valuesOf(responses[1]?.responseRange)).toEqual(["new"]);
  });

  test("S-127 a read does not see the writes after it", async () => {
    await store().put("a", "old");
    const { responses } = await store().txn({ success: [op.range("a"), op.put("a", "new")] });
    expect(valuesOf(responses[0]?.responseRange)).toEqual(["old"]);
  });

  test("S-128 deletes that delete nothing take no revision", async () => {
    const before = await store().revision();
    const success = [op.del("a"), op.del("b", { rangeEnd: "z" })];
    expect((await store().txn({ success })).header?.revision).toBe(before);
  });

  test("S-129 a range in the future undoes the whole txn", async () => {
    const before = await store().revision();
    const success = [op.put("a"), op.range("b", { revision: before + 100 })];
    await expectRefusal(store().txn({ success }), refused.future);
    expect(await store().get("a")).toBeUndefined();
    expect(await store().revision()).toBe(before);
  });

  test("S-130 a range at a compacted revision undoes the whole txn", async () => {
    const [first = 0, second = 0] = await store().putAll("x", "x");
    await store().compact(second);
    const success = [op.put("a"), op.range("x", { revision: first })];
    await expectRefusal(store().txn({ success }), refused.compacted);
    expect(await store().get("a")).toBeUndefined();
    expect(await store().revision()).toBe(second);
  });

  test("S-131 a bad range in the branch not taken does not matter", async () => {
    const bad = [op.range("a", { revision: (await store().revision()) + 100 })];
    expect((await store().txn({ success: [op.put("a")], failure: bad })).succeeded).toBe(true);
  });

  test("S-132 an unknown lease in the branch not taken does not matter", async () => {
    const bad = [op.put("a", "v", { lease: 99_999n })];
    expect((await store().txn({ success: [op.put("a")], failure: bad })).succeeded).toBe(true);
  });

  test("O-txn-3 an unknown lease in the branch taken undoes the whole txn", async () => {
    const before = await store().revision();
    const success = [op.put("a"), op.put("b", "v", { lease: 99_999n })];
    await expectRefusal(store().txn({ success }), refused.leaseNotFound);
    expect(await store().revision()).toBe(before);
    expect(await store().get("a")).toBeUndefined();
  });

  test("S-133 keeping the value of a missing key undoes the whole txn", async () => {
    const before = await store().revision();
    const success = [op.put("a"), op.put("b", "", { ignoreValue: true })];
    await expectRefusal(store().txn({ success }), refused.keyNotFound);
    expect(await store().get("a")).toBeUndefined();
    expect(await store().revision()).toBe(before);
  });

  test("S-134 each of ten nested levels reports its own outcome", async () => {
    const plan = [true, false, false, true, true, false, true, false, true, false];
    const nest = (level: number): Init<RequestOp>[] => {
      const isTrue = plan[level];
      if (isTrue === undefined) return [op.put("bottom", "reached")];
      const taken = nest(level + 1);
      const compare = [when.version("k", isTrue ? "=" : ">", 0)];
      const [success, failure] = isTrue ? [taken, [op.put("wrong")]] : [[op.put("wrong")], taken];
      return [op.txn({ compare, success, failure })];
    };
    const { responses } = await store().txn({ success: nest(0) });
    const outcomes: (boolean | undefined)[] = [];
    let level: ResponseOp | undefined = responses[0];
    while (level?.responseTxn !== undefined) {
      outcomes.push(level.responseTxn.succeeded);
      level = level.responseTxn.responses[0];
    }
    expect(outcomes).toEqual(plan);
    const revision = await store().revision();
    expect(level?.responsePut).toMatchObject({ header: { revision }, prevKv: undefined });
    expect(keysOf(await store().range("\0", everything))).toEqual(["bottom"]);
  });

  test("S-135 writes of outer and nested txns are one step for readers and watchers", () =>
    withWatch(store().client, async (watch) => {
      await watch.create("\0", everything);
      const nested = op.txn({ success: [op.put("b")] });
      const { header } = await store().txn({ success: [op.put("a"), nested, op.put("c")] });
      const { events, header: seen } = await watch.next();
      expect(events.map((event) => event.kv?.modRevision)).toEqual([
        header?.revision,
        header?.revision,
        header?.revision,
      ]);
      expect(events.map((event) => pair(event.kv)?.key)).toEqual(["a", "b", "c"]);
      expect(seen?.revision).toBe(header?.revision);
    }));

  test("S-136 a delete in a txn gives the deleted pairs when asked", async () => {
    await store().putAll("a", "b");
    const success = [op.del("a", { rangeEnd: "z", prevKv: true })];
    const { responses } = await store().txn({ success });
    const deleted = responses[0]?.responseDeleteRange;
    expect(deleted?.prevKvs.map((kv) => pair(kv)?.key)).toEqual(["a", "b"]);
  });

  test("O-txn-5 a delete without an upper bound may stand beside a put behind its key", async () => {
    await store().putAll("a", "b", "c");
    const clearFirst = [op.del("\0", everything), op.put("b", "new")];
    await store().txn({ success: clearFirst });
    const all = await store().range("\0", everything);
    expect([keysOf(all), valuesOf(all)]).toEqual([["b"], ["new"]]);
    await store().txn({ success: [op.put("c"), op.del("b", everything)] });
    expect((await store().range("\0", everything)).count).toBe(0);
  });

  test("O-txn-4 a put in a txn gives the previous pair when asked", async () => {
    await store().put("a", "old");
    const { responses } = await store().txn({ success: [op.put("a", "new", { prevKv: true })] });
    expect(pair(responses[0]?.responsePut?.prevKv)?.value).toBe("old");
  });

  test("S-140 two ranges in one txn always see the same store", async () => {
    let isDone = false;
    const writer = (async () => {
      for (let value = 0; !isDone; value += 1) await store().put("a", String(value));
    })();
    try {
      for (let round = 0; round < 50; round += 1) {
        const { responses } = await store().txn({ success: [op.range("a"), op.range("a")] });
        const [first, second] = responses.map((each) => each.responseRange);
        expect(valuesOf(first)).toEqual(valuesOf(second));
      }
    } finally {
      isDone = true;
      await writer;
    }
  });

  test("S-141 answers inside a txn have a header with only the revision", async () => {
    await store().put("a");
    const nested = op.txn({ success: [op.range("a")] });
    const success = [op.range("a"), op.put("b"), op.del("c"), nested];
    const { header, responses } = await store().txn({ success });
    expect(header?.clusterId).not.toBe(0n);
    expect(header?.memberId).not.toBe(0n);
    expect(header?.raftTerm).toBeGreaterThan(0);
    const bare = { clusterId: 0n, memberId: 0n, raftTerm: 0 };
    expect(responses[0]?.responseRange?.header).toMatchObject(bare);
    expect(responses[0]?.responseRange?.header?.revision).toBeGreaterThan(0);
    const inner = responses[3]?.responseTxn?.responses[0]?.responseRange;
    expect(inner?.header).toMatchObject(bare);
    expect(inner?.header?.revision).toBeGreaterThan(0);
  });
});

describeCases("negative revisions inside a txn", () => {
  const store = sharedStore();

  test("S-144 on a store never compacted, -1 is the latest and below that is refused", async () => {
    await store().put("a", "v");
    const { responses } = await store().txn({ success: [op.range("a", { revision: -1 })] });
    expect(valuesOf(responses[0]?.responseRange)).toEqual(["v"]);
    for (const revision of [-2, -100]) {
      const success = [op.range("a", { revision })];
      await expectRefusal(store().txn({ success }), refused.compacted);
    }
  });
});
