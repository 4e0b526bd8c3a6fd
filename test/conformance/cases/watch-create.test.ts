// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { WatchResponse } from "../../../src/api/gen/etcdserverpb.ts";
import { everything } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { type WatchStream, withWatch } from "../subjects/watch-stream.ts";

/** A refused create leaves the stream open, and nothing about the refused watcher follows. */
const refusedCreate = { created: true, canceled: true, watchId: -1n, events: [] } as const;

describeCases("creating watchers", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-158 the first answer announces the watcher at the current revision", () =>
    watching(async (watch) => {
      const now = await store().revision();
      const answer = await watch.create("foo");
      expect(answer).toMatchObject({ created: true, canceled: false, watchId: 0n, events: [] });
      expect(answer.header?.revision).toBe(now);
    }));

  test("S-159 the server counts watch ids from zero on each stream", async () => {
    for (let stream = 0; stream < 2; stream += 1) {
      await watching(async (watch) => {
        expect((await watch.create("foo")).watchId).toBe(0n);
        expect((await watch.create("foo")).watchId).toBe(1n);
      });
    }
  });

  test("S-160 a free watch id can be asked for", () =>
    watching(async (watch) => {
      expect(await watch.create("foo", { watchId: 7n })).toMatchObject({
        created: true,
        canceled: false,
        watchId: 7n,
      });
    }));

  test("S-161 a watch id in use is refused and its watcher goes on", () =>
    watching(async (watch) => {
      await watch.create("foo", { watchId: 7n });
      expect(await watch.create("foo", { watchId: 7n })).toMatchObject({
        ...refusedCreate,
        cancelReason: "mvcc: duplicate watch ID provided on the WatchStream",
      });
      const [revision] = await store().putAll("foo");
      expect(await watch.events(1)).toEqual([`PUT foo=foo@${revision}`]);
      expect(watch.received.at(-1)?.watchId).toBe(7n);
    }));

  test("S-162 watch ids given by the server step over those in use", () =>
    watching(async (watch) => {
      await watch.create("foo", { watchId: 1n });
      const ids = [(await watch.create("foo")).watchId, (await watch.create("foo")).watchId];
      expect(ids).toEqual([0n, 2n]);
    }));

  test("S-163 an empty key watches the one key NUL", () =>
    watching(async (watch) => {
      await watch.create("");
      await store().put("a");
      const { header } = await store().put("\0", "nul");
      expect(await watch.events(1)).toEqual([`PUT \0=nul@${header?.revision}`]);
    }));

  test("S-164 a range is watched up to its end", () =>
    watching(async (watch) => {
      await watch.create("foo", { rangeEnd: "fop" });
      const [foo, , foo1, foozz] = await store().putAll("foo", "fop", "foo1", "foozz");
      expect(await watch.events(3)).toEqual([
        `PUT foo=foo@${foo}`,
        `PUT foo1=foo1@${foo1}`,
        `PUT foozz=foozz@${foozz}`,
      ]);
    }));

  test("S-165 an end of NUL watches up to the last key", () =>
    watching(async (watch) => {
      await watch.create("foo", everything);
      const [, foo, zz] = await store().putAll("a", "foo", "zz");
      expect(await watch.events(2)).toEqual([`PUT foo=foo@${foo}`, `PUT zz=zz@${zz}`]);
    }));

  test.each(["foo", "abc"])(
    "S-166 a range that ends at %j and so is empty is refused",
    (rangeEnd) =>
      watching(async (watch) => {
        expect(await watch.create("foo", { rangeEnd })).toMatchObject({
          ...refusedCreate,
          cancelReason: "mvcc: watcher range is empty",
        });
        expect(await watch.create("foo")).toMatchObject({ created: true, canceled: false });
      }),
  );

  test("S-167 a negative start is refused as compacted", () =>
    watching(async (watch) => {
      expect(await watch.create("foo", { startRevision: -1 })).toMatchObject({
        ...refusedCreate,
        cancelReason: "etcdserver: mvcc: required revision has been compacted",
      });
      expect(await watch.create("foo")).toMatchObject({ created: true, canceled: false });
    }));
});

describeCases("canceling watchers", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-168 a canceled watcher says so and is told nothing more", () =>
    watching(async (watch) => {
      await watch.create("foo", { watchId: 1n });
      watch.cancel(1n);
      const answer = await watch.next();
      expect(answer).toMatchObject({ watchId: 1n, canceled: true, created: false, events: [] });
      await watch.create("foo", { watchId: 2n });
      await store().putAll("foo", "foo");
      await watch.events(2);
      const later = watch.received.slice(watch.received.indexOf(answer) + 1);
      expect(later.filter((each) => each.watchId === 1n)).toEqual([]);
    }));

  test("S-169 canceling an unknown watcher is answered by nothing", () =>
    watching(async (watch) => {
      watch.cancel(99n);
      expect(await watch.create("foo")).toMatchObject({ created: true, watchId: 0n });
      await store().putAll("foo");
      await watch.events(1);
      expect(watch.received).toHaveLength(2);
    }));

  test("S-170 the id of a canceled watcher is free again", () =>
    watching(async (watch) => {
      await watch.create("foo", { watchId: 5n });
      watch.cancel(5n);
      await watch.next();
      expect(await watch.create("bar", { watchId: 5n })).toMatchObject({
        created: true,
        canceled: false,
        watchId: 5n,
      });
      const [, bar] = await store().putAll("foo", "bar");
      expect(await watch.events(1)).toEqual([`PUT bar=bar@${bar}`]);
    }));

  test("S-171 the other watchers of a stream lose nothing", () =>
    watching(async (watch) => {
      await watch.create("foo", { watchId: 1n });
      await watch.create("foo", { watchId: 2n });
      const before = await store().putAll("foo", "foo");
      expect(await watch.events(4)).toHaveLength(4);
      watch.cancel(1n);
      expect((await watch.next()).canceled).toBe(true);
      const after = await store().putAll("foo", "foo");
      expect(await watch.events(2)).toEqual(after.map((revision) => `PUT foo=foo@${revision}`));
      const seen = watch.received
        .filter((each) => each.watchId === 2n)
        .flatMap((each) => each.events.map((event) => event.kv?.modRevision));
      expect(seen).toEqual([...before, ...after]);
    }));

  test("S-172 a thousand watchers leave the gauge where it was", async () => {
    const gauge = async (): Promise<number> => {
      const answer = await fetch(`${store().server.url}/metrics`);
      const found = /^etcd_debugging_mvcc_watcher_total (\S+)$/m.exec(await answer.text());
      if (found?.[1] === undefined) throw new Error("the gauge is not there");
      return Number(found[1]);
    };
    const before = await gauge();
    await watching(async (watch) => {
      for (let index = 0; index < 1000; index += 1) await watch.create(`k${index}`);
      expect(await gauge()).toBe(before + 1000);
      for (let index = 0; index < 1000; index += 1) watch.cancel(BigInt(index));
      for (let index = 0; index < 1000; index += 1) {
        expect((await watch.next()).canceled).toBe(true);
      }
    });
    const deadline = Date.now() + 10_000;
    while ((await gauge()) !== before) {
      expect(Date.now(), "the gauge did not come back").toBeLessThan(deadline);
      await delay(20);
    }
  });
});

describeCases("seen on the running etcd: watch", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("O-watch-1 a watcher that starts in the compacted past is canceled without a reason", () =>
    watching(async (watch) => {
      const [first = 0, , third = 0] = await store().putAll("foo", "foo", "foo");
      await store().compact(third);
      expect(await watch.create("foo", { startRevision: first })).toMatchObject({ created: true });
      expect(await watch.next()).toMatchObject({
        watchId: 0n,
        created: false,
        canceled: true,
        compactRevision: third,
        cancelReason: "",
        events: [],
      });
    }));

  test("O-watch-2 progress of a whole stream is reported at once under id -1", () =>
    watching(async (watch) => {
      await watch.create("foo");
      const [now] = await store().putAll("bar");
      watch.send({ progressRequest: {} });
      const answer = await watch.next();
      expect(answer).toMatchObject({ watchId: -1n, created: false, canceled: false, events: [] });
      expect(answer.header?.revision).toBe(now);
    }));

  test("O-watch-3 a watcher that starts in the past gets the past first", () =>
    watching(async (watch) => {
      const past = await store().putAll("foo", "foo");
      await watch.create("foo", { startRevision: past[0] ?? 0 });
      const [, now] = [await store().del("foo"), await store().revision()];
      expect(await watch.events(3)).toEqual([
        ...past.map((revision) => `PUT foo=foo@${revision}`),
        `DELETE foo@${now}`,
      ]);
    }));
});

describeCases("seen on the running etcd: fragments", () => {
  const requestBytesMax = 100_000;
  /** What etcd allows a message beyond the request that it carries. */
  const overheadBytes = 512 * 1024;
  const store = sharedStore({ args: [`--max-request-bytes=${requestBytesMax}`] });

  test("O-watch-4 a watcher that allows it gets a large answer in fragments", () =>
    withWatch(store().client, async (watch) => {
      const value = new Uint8Array(90_000);
      const [start = 0] = await store().putAll("foo");
      for (let index = 1; index < 16; index += 1) await store().put("foo", value);
      await watch.create("foo", { startRevision: start, fragment: true });
      const seen: (number | undefined)[] = [];
      const flags: boolean[] = [];
      while (seen.length < 16) {
        const answer = await watch.next();
        seen.push(...answer.events.map((event) => event.kv?.modRevision));
        flags.push(answer.fragment);
        expect(WatchResponse.encode(answer).length).toBeLessThan(requestBytesMax + overheadBytes);
      }
      expect(seen).toEqual(Array.from({ length: 16 }, (_, index) => start + index));
      expect(flags).toEqual([true, true, false]);
    }));
});
