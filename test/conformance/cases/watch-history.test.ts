// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { WatchResponse } from "../../../src/api/gen/etcdserverpb.ts";
import { op } from "../subjects/requests.ts";
import { Store, sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { type WatchStream, withWatch } from "../subjects/watch-stream.ts";

const megabyte = 1_000_000;

function revisionsOf(answers: readonly WatchResponse[]): number[] {
  return answers.flatMap(({ events }) => events.map(({ kv }) => kv?.modRevision ?? 0));
}

describeCases("events of the past and of the future", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-178 history comes from the start revision on, in order", () =>
    watching(async (watch) => {
      const [, second = 0, third] = await store().putAll("foo", "foo", "foo");
      await watch.create("foo", { startRevision: second });
      expect(await watch.events(2)).toEqual([`PUT foo=foo@${second}`, `PUT foo=foo@${third}`]);
    }));

  test("S-179 nothing comes before a start in the future", () =>
    watching(async (watch) => {
      const start = (await store().revision()) + 7;
      await watch.create("foo", { startRevision: start });
      await store().putAll(...Array.from({ length: 8 }, () => "foo"));
      expect(await watch.events(2)).toEqual([`PUT foo=foo@${start}`, `PUT foo=foo@${start + 1}`]);
    }));

  test("S-182 nothing is missing or twice while puts go on during the catch-up", () =>
    watching(async (watch) => {
      const start = (await store().revision()) + 1;
      const puts = Array.from({ length: 100 }, (_, index) => op.put(`k${index}`));
      for (let count = 0; count < 40; count += 1) await store().txn({ success: puts });
      await watch.create("k", { rangeEnd: "l", startRevision: start });
      for (let count = 0; count < 40; count += 1) await store().txn({ success: puts });
      const events = await watch.events(8000);
      const due = Array.from({ length: 80 }, (_, index) => start + index).flatMap((revision) =>
        puts.map((_, index) => `PUT k${index}=v@${revision}`),
      );
      expect(events).toEqual(due);
    }));

  test("S-183 a catch-up response has the store's revision, not that of its last event", () =>
    watching(async (watch) => {
      const [first = 0, second] = await store().putAll("foo", "foo");
      const [now] = await store().putAll("other");
      await watch.create("foo", { startRevision: first });
      const answer = await watch.next();
      expect(revisionsOf([answer])).toEqual([first, second]);
      expect(answer.header?.revision).toBe(now);
    }));
});

describeCases("watching over a compaction", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-195 a start below the compaction is confirmed and then canceled", () =>
    watching(async (watch) => {
      const [first = 0, , third = 0] = await store().putAll("foo", "foo", "foo");
      await store().compact(third);
      const created = await watch.create("foo", { startRevision: first });
      expect(created).toMatchObject({ watchId: 0n, created: true, canceled: false });
      expect(await watch.next()).toMatchObject({
        watchId: 0n,
        created: false,
        canceled: true,
        compactRevision: third,
        events: [],
      });
      await watch.create("foo", { watchId: 9n });
      const [next] = await store().putAll("foo");
      expect(await watch.events(1)).toEqual([`PUT foo=foo@${next}`]);
      expect(watch.received.at(-1)?.watchId).toBe(9n);
    }));

  test("S-196 such a cancel has no reason, and a header without a revision", () =>
    watching(async (watch) => {
      const [first = 0, second = 0] = await store().putAll("foo", "foo");
      await store().compact(second);
      await watch.create("foo", { startRevision: first });
      const answer = await watch.next();
      expect(answer).toMatchObject({ cancelReason: "", compactRevision: second });
      expect(answer.header?.revision).toBe(0);
    }));

  test("S-197 a start at the compaction gets its event", () =>
    watching(async (watch) => {
      const [, second = 0, third] = await store().putAll("foo", "foo", "foo");
      await store().compact(second);
      await watch.create("foo", { startRevision: second });
      expect(await watch.events(2)).toEqual([`PUT foo=foo@${second}`, `PUT foo=foo@${third}`]);
    }));
});

describeCases("watching over a restart", () => {
  test.each([["SIGTERM"], ["SIGKILL"]] as const)(
    "S-198 who resumes behind the last revision seen misses nothing and sees nothing twice (%s)",
    (signal) =>
      withFreshStore(async (before) => {
        const seen = await withWatch(before.client, async (watch) => {
          await watch.create("foo");
          await before.putAll("foo", "foo", "foo");
          return watch.events(2);
        });
        await before.server.kill(signal);
        const { dataDir, ports } = before.server;
        const after = await Store.open({ dataDir, ports });
        try {
          await withWatch(after.client, async (watch) => {
            await watch.create("foo", { startRevision: 4 });
            await after.putAll("foo");
            const events = [...seen, ...(await watch.events(2))];
            expect(events).toEqual([2, 3, 4, 5].map((revision) => `PUT foo=foo@${revision}`));
          });
        } finally {
          await after.close();
        }
      }),
  );
});

describeCases("large responses", () => {
  const requestBytesMax = 1_572_864;
  const overheadBytes = 512 * 1024;
  const store = sharedStore();
  const eventCount = 6;

  /** Puts events that are too large for one request and gives the first revision. */
  async function putMegabytes(): Promise<number> {
    const start = (await store().revision()) + 1;
    for (let index = 0; index < eventCount; index += 1) {
      await store().put("foo", new Uint8Array(megabyte));
    }
    return start;
  }
  const due = (start: number): number[] =>
    Array.from({ length: eventCount }, (_, index) => start + index);

  test("S-200 are split for a watcher that allows it, under one id and one header", () =>
    withWatch(store().client, async (watch) => {
      const start = await putMegabytes();
      await watch.create("foo", { startRevision: start, fragment: true });
      const answers: WatchResponse[] = [];
      while (revisionsOf(answers).length < eventCount) answers.push(await watch.next());
      expect(revisionsOf(answers)).toEqual(due(start));
      expect(answers.map(({ fragment }) => fragment)).toEqual(
        answers.map((_, index) => index < answers.length - 1),
      );
      for (const answer of answers) {
        expect(answer).toMatchObject({ watchId: 0n, header: answers[0]?.header });
        expect(WatchResponse.encode(answer).length).toBeLessThan(requestBytesMax + overheadBytes);
      }
    }));

  test("S-201 are sent whole to a watcher that does not", () =>
    withWatch(store().client, async (watch) => {
      const start = await putMegabytes();
      await watch.create("foo", { startRevision: start });
      const answer = await watch.next();
      expect(revisionsOf([answer])).toEqual(due(start));
      expect(answer.fragment).toBe(false);
    }));
});
