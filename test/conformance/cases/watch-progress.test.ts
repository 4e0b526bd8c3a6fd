// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import type { WatchResponse } from "../../../src/api/gen/etcdserverpb.ts";
import { op } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { type WatchStream, withWatch } from "../subjects/watch-stream.ts";

const wholeStream = -1n;

describeCases("progress on request", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);
  const isProgress = ({ watchId }: WatchResponse): boolean => watchId === wholeStream;

  test("S-205 one answer speaks for the whole stream", () =>
    watching(async (watch) => {
      await watch.create("foo");
      await watch.create("a", { rangeEnd: "c" });
      const [now] = await store().putAll("other");
      watch.send({ progressRequest: {} });
      const answer = await watch.next();
      expect(answer).toMatchObject({ watchId: wholeStream, created: false, canceled: false });
      expect(answer.events).toEqual([]);
      expect(answer.header?.revision).toBe(now);
      await store().putAll("foo");
      await watch.events(1);
      expect(watch.received.filter(isProgress)).toHaveLength(1);
    }));

  test("S-206 nobody answers while a watcher catches up, nor later for that request", () =>
    watching(async (watch) => {
      const start = (await store().revision()) + 1;
      const puts = Array.from({ length: 128 }, (_, index) => op.put(`k${index}`));
      for (let count = 0; count < 100; count += 1) await store().txn({ success: puts });
      const now = await store().revision();
      watch.send({
        createRequest: {
          key: new TextEncoder().encode("k"),
          rangeEnd: new TextEncoder().encode("l"),
          startRevision: start,
        },
      });
      watch.send({ progressRequest: {} });
      await watch.events(100 * puts.length);
      expect(watch.received.filter(isProgress)).toEqual([]);
      expect(await watch.progress()).toMatchObject({
        watchId: wholeStream,
        header: { revision: now },
      });
    }));

  test("S-207 nobody answers before the store has reached a watcher's start", () =>
    watching(async (watch) => {
      const now = await store().revision();
      await watch.create("foo");
      await watch.create("foo", { startRevision: now + 2 });
      watch.send({ progressRequest: {} });
      await store().putAll("other");
      watch.send({ progressRequest: {} });
      // The answer of this create shows that both requests were read.
      expect(await watch.create("bar")).toMatchObject({ watchId: 2n, created: true });
      await store().putAll("other");
      expect(await watch.progress()).toMatchObject({
        watchId: wholeStream,
        header: { revision: now + 2 },
      });
      expect(watch.received.filter(isProgress)).toHaveLength(1);
    }));

  test("S-208 every event up to the revision told came before", () =>
    watching(async (watch) => {
      const watched = ["foo", "a", "z"] as const;
      await watch.create("foo");
      await watch.create("a", { rangeEnd: "b" });
      await watch.create("a", { rangeEnd: "\0" });
      const matches = [["foo"], ["a"], ["foo", "a", "z"]];
      const written: (readonly [key: string, revision: number])[] = [];
      const write = async (key: string): Promise<void> => {
        for (let count = 0; count < 60; count += 1) {
          const { header } = await store().put(key);
          written.push([key, header?.revision ?? 0]);
          watch.send({ progressRequest: {} });
        }
      };
      await Promise.all(watched.map(write));
      const last = Math.max(...written.map(([, revision]) => revision));
      let told = 0;
      while (told < last) {
        if (watch.received.findLast(isProgress)?.header?.revision !== last) {
          watch.send({ progressRequest: {} });
        }
        const answer = await watch.next();
        if (isProgress(answer)) told = answer.header?.revision ?? 0;
      }
      const seen = new Map<bigint, number>();
      for (const answer of watch.received) {
        const { watchId, events } = answer;
        if (!isProgress(answer)) seen.set(watchId, (seen.get(watchId) ?? 0) + events.length);
        else {
          const revision = answer.header?.revision ?? 0;
          for (const [id, keys] of matches.entries()) {
            const due = written.filter(([key, at]) => at <= revision && keys.includes(key));
            expect(seen.get(BigInt(id)) ?? 0).toBeGreaterThanOrEqual(due.length);
          }
        }
      }
      expect([0n, 1n, 2n].map((id) => seen.get(id))).toEqual([60, 60, 180]);
    }));
});
