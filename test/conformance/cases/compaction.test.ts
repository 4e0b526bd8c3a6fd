// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { KVService } from "../../../src/api/gen/etcdserverpb.ts";
import { expectRefusal, refusalOf, refused } from "../subjects/refusal.ts";
import { everything, keysOf, pair, rangeRequest, valuesOf } from "../subjects/requests.ts";
import { Store, sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("compaction", () => {
  const store = sharedStore();

  test("S-145 compacting at the current revision succeeds and takes no revision", async () => {
    const [, , now = 0] = await store().putAll("a", "b", "c");
    expect((await store().compact(now)).header?.revision).toBe(now);
    expect(await store().revision()).toBe(now);
  });

  test("S-146 what is compacted cannot be compacted again", async () => {
    const [first = 0, , now = 0] = await store().putAll("a", "b", "c");
    await store().compact(now);
    await expectRefusal(store().compact(now), refused.compacted);
    await expectRefusal(store().compact(first), refused.compacted);
  });

  test("S-147 compacting in the future is refused", async () => {
    await store().putAll("a");
    await expectRefusal(store().compact((await store().revision()) + 94), refused.future);
  });

  test("S-148 keys that were not touched since keep everything", async () => {
    const [created = 0, modified] = await store().putAll("a", "a");
    const [, now = 0] = await store().putAll("b", "b");
    await store().compact(now, true);
    expect(await store().get("a")).toEqual({
      key: "a",
      value: "a",
      createRevision: created,
      modRevision: modified,
      version: 2,
      lease: 0n,
    });
    expect(created).toBeGreaterThan(0);
  });

  test("S-149 a key deleted before is absent and its past is gone", async () => {
    const [written = 0] = await store().putAll("a");
    await store().del("a");
    const [now = 0] = await store().putAll("b");
    await store().compact(now, true);
    expect(keysOf(await store().range("a", { revision: now }))).toEqual([]);
    await expectRefusal(store().range("a", { revision: written }), refused.compacted);
  });

  test("S-151 a physical compaction answers when the past is gone", async () => {
    for (let index = 0; index < 200; index += 1) await store().put("a", String(index));
    const now = await store().revision();
    const answer = await store().compact(now, true);
    expect(answer.header?.revision).toBe(now);
    await expectRefusal(store().range("a", { revision: now - 1 }), refused.compacted);
    expect(valuesOf(await store().range("a"))).toEqual(["199"]);
  });

  test("S-157 the put at the compacted revision survives", async () => {
    const [, now = 0] = await store().putAll("a", "a");
    await store().compact(now, true);
    const answer = await store().range("a", { revision: now });
    expect(answer.kvs.map((kv) => pair(kv)?.version)).toEqual([2]);
    expect(keysOf(await store().range("a"))).toEqual(["a"]);
  });
});

describeCases("compaction and the life of a server", () => {
  test("S-150 after a restart the past is still compacted", async () => {
    const before = await Store.open();
    try {
      const [first = 0, second = 0] = await before.putAll("a", "a");
      await before.compact(second, true);
      await before.server.kill("SIGTERM");
      const { dataDir, ports } = before.server;
      const after = await Store.open({ dataDir, ports });
      try {
        await expectRefusal(after.range("a", { revision: first }), refused.compacted);
        expect((await after.get("a"))?.modRevision).toBe(second);
      } finally {
        await after.close();
      }
    } finally {
      await before.close();
    }
  });

  test("S-155 periodic auto-compaction compacts once its period has passed", () =>
    withFreshStore(
      async (store) => {
        const [first = 0] = await store.putAll("a", "a", "a");
        const deadline = Date.now() + 20_000;
        const request = rangeRequest("a", { revision: first });
        for (;;) {
          const failure = await store.client.unary(KVService.range, request).then(
            () => undefined,
            (error: unknown) => refusalOf(error),
          );
          if (failure !== undefined) {
            expect(failure).toEqual(refused.compacted);
            break;
          }
          expect(Date.now(), "nothing was compacted").toBeLessThan(deadline);
          await delay(50);
        }
        expect(keysOf(await store.range("\0", everything))).toEqual(["a"]);
      },
      { args: ["--auto-compaction-mode=periodic", "--auto-compaction-retention=1s"] },
    ));
});
