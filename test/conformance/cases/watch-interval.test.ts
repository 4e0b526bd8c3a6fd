// SPDX-License-Identifier: Apache-2.0
// The cases of a timer of the server, so real time has to pass.

import { expect, test } from "vitest";
import type { WatchResponse } from "../../../src/api/gen/etcdserverpb.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { type WatchStream, withWatch } from "../subjects/watch-stream.ts";

describeCases("progress by the interval", () => {
  const intervalMs = 1000;
  const store = sharedStore({ args: [`--watch-progress-notify-interval=${intervalMs}ms`] });
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-202 a watcher that did not ask for it is told nothing", () =>
    watching(async (watch) => {
      await watch.create("foo");
      await watch.create("bar", { progressNotify: true });
      const now = await store().revision();
      for (let round = 0; round < 2; round += 1) {
        const answer = await watch.next();
        expect(answer).toMatchObject({ watchId: 1n, created: false, canceled: false, events: [] });
        expect(answer.header?.revision).toBe(now);
      }
    }));

  test("S-203 an interval with an event is left out once", () =>
    watching(async (watch) => {
      for (const key of ["foo", "bar"]) await watch.create(key, { progressNotify: true });
      const idsOf = async (count: number): Promise<bigint[]> => {
        const answers: WatchResponse[] = [];
        while (answers.length < count) answers.push(await watch.next());
        return answers.map(({ watchId }) => watchId).sort();
      };
      expect(await idsOf(2)).toEqual([0n, 1n]);
      await store().putAll("foo");
      expect(await watch.events(1)).toHaveLength(1);
      expect(await idsOf(1)).toEqual([1n]);
      expect(await idsOf(2)).toEqual([0n, 1n]);
    }));

  test("S-204 the watchers of a stream are told together, no sooner than asked for", () =>
    watching(async (watch) => {
      const askedAt = performance.now();
      for (let count = 0; count < 5; count += 1) {
        await watch.create("foo", { progressNotify: true });
      }
      const rounds: bigint[][] = [];
      for (let round = 0; round < 2; round += 1) {
        const ids: bigint[] = [];
        for (let count = 0; count < 5; count += 1) ids.push((await watch.next()).watchId);
        rounds.push(ids.sort());
      }
      expect(rounds).toEqual([
        [0n, 1n, 2n, 3n, 4n],
        [0n, 1n, 2n, 3n, 4n],
      ]);
      expect(performance.now() - askedAt).toBeGreaterThanOrEqual(2 * intervalMs);
    }));
});
