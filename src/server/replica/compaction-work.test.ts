// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { MvccStore } from "../../core/mvcc/index.ts";
import { CompactionWork } from "./compaction-work.ts";

const KEY = Buffer.from("k");
/** More than one slice of removals. */
const REVISIONS = 2500;

class Bench {
  readonly #backend = openMemoryBackend(new MemoryDisk());
  readonly store = new MvccStore(this.#backend);
  readonly work: CompactionWork;
  commits = 0;
  steps = 0;
  nowMs = 0;
  /** What each step takes on the clock; a slice ends after 1.5 ms. */
  stepMs = 1;
  readonly sliced: number[] = [];
  readonly finished: [number, number][] = [];
  requests = 0;
  readonly pauses: number[] = [];
  /** Resolved: pauses end at once. */
  paused = Promise.withResolvers<void>();
  isFull = false;
  /** What commits answer with. */
  isCommitGood = true;

  constructor() {
    const { store } = this;
    this.work = new CompactionWork({
      clock: {
        monotonicMs: () => this.nowMs,
        unixMs: () => 1_000_000,
      },
      observer: {
        sliced: (durationMs) => this.sliced.push(durationMs),
        finished: (durationMs, unixMs) => this.finished.push([durationMs, unixMs]),
      },
      store: {
        get isCompacting() {
          return store.isCompacting;
        },
        compactStep: (budget) => {
          this.steps++;
          this.nowMs += this.stepMs;
          return store.compactStep(budget);
        },
      },
      requests: () => this.requests,
      pause: async (ms) => {
        this.pauses.push(ms);
        await this.paused.promise;
      },
      isStoreFull: () => this.isFull,
      commit: async () => {
        this.commits++;
        if (!this.isCommitGood) return false;
        this.isFull = false;
        await this.#backend.commit();
        return true;
      },
    });
    for (let count = 0; count < REVISIONS; count++) {
      const txn = this.store.write();
      txn.put(KEY, KEY, 0n);
      txn.end();
    }
  }

  compact(): void {
    expect(this.store.compact(this.store.currentRevision)).not.toBe("future");
  }

  /** Whether one who asks now has been called back; to be looked at after some turns. */
  askDone(): { isDone: boolean } {
    const asked = { isDone: false };
    this.work.whenDone(() => {
      asked.isDone = true;
    });
    return asked;
  }

  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("removing takes several turns, and whoever waits is told when it is on disk", async () => {
  const bench = new Bench();
  bench.compact();
  const asked = bench.askDone();
  await bench.turns(1);
  expect([bench.store.isCompacting, asked.isDone]).toEqual([true, false]);
  await bench.turns(40);
  expect([bench.store.isCompacting, asked.isDone]).toEqual([false, true]);
  expect(bench.commits).toBeGreaterThan(0);
});

test("without a compaction one who waits is called back all the same", async () => {
  const bench = new Bench();
  const asked = bench.askDone();
  await bench.turns(5);
  expect([asked.isDone, bench.commits]).toEqual([true, 1]);
});

test("a slice that needs a commit gets one instead of asking again and again", async () => {
  const bench = new Bench();
  bench.compact();
  bench.work.wake();
  await bench.turns(40);
  expect(bench.store.isCompacting).toBe(false);
  expect(bench.commits).toBeGreaterThan(0);
  expect(bench.steps).toBeLessThan(32);
});

test("a full store is committed before more is removed", async () => {
  const bench = new Bench();
  bench.compact();
  bench.isFull = true;
  bench.work.wake();
  await bench.turns(40);
  expect([bench.store.isCompacting, bench.isFull]).toEqual([false, false]);
});

test("nobody is told of a compaction whose commit failed", async () => {
  const bench = new Bench();
  bench.isCommitGood = false;
  bench.compact();
  const asked = bench.askDone();
  await bench.turns(40);
  expect([asked.isDone, bench.commits]).toEqual([false, 1]);
});

test("a full store that cannot be committed ends the work", async () => {
  const bench = new Bench();
  bench.isCommitGood = false;
  bench.isFull = true;
  bench.compact();
  bench.work.wake();
  await bench.turns(40);
  expect([bench.store.isCompacting, bench.commits]).toEqual([true, 1]);
});

test("after a stop no slice and no commit follows, and nobody is called back", async () => {
  const bench = new Bench();
  bench.compact();
  const asked = bench.askDone();
  bench.work.stop();
  await bench.turns(40);
  bench.work.wake();
  await bench.turns(5);
  expect([asked.isDone, bench.store.isCompacting, bench.commits]).toEqual([false, true, 0]);
});

test("a slice ends when its time is over, and after so many steps at most", async () => {
  const slow = new Bench();
  slow.stepMs = 0.4;
  slow.compact();
  slow.work.wake();
  await slow.turns(80);
  const sliced = slow.sliced.map((tookMs) => Math.round(tookMs * 10) / 10);
  expect(Math.max(...sliced)).toBe(1.6);
  expect(sliced.filter((tookMs) => tookMs === 1.6).length).toBeGreaterThan(3);
  const held = new Bench();
  held.stepMs = 0;
  held.store.hashByRevision(0);
  held.compact();
  held.work.wake();
  await held.turns(20);
  const { steps } = held;
  const slices = held.sliced.length;
  await held.turns(20);
  expect(held.store.isCompacting).toBe(true);
  expect((held.steps - steps) / (held.sliced.length - slices)).toBe(20);
});

test("metrics hear of every slice and of the end", async () => {
  const bench = new Bench();
  bench.stepMs = 1;
  bench.compact();
  bench.work.wake();
  await bench.turns(80);
  expect(bench.sliced.reduce((sum, tookMs) => sum + tookMs)).toBe(bench.steps);
  expect(bench.finished).toEqual([[bench.steps, 1_000_000]]);
});

test("while requests come, slices are 5 ms apart; a while after the last one they follow", async () => {
  const bench = new Bench();
  bench.stepMs = 2;
  bench.compact();
  bench.requests = 1;
  bench.work.wake();
  await bench.turns(5);
  expect([bench.steps, bench.pauses]).toEqual([1, [5]]);
  bench.nowMs += 10;
  bench.paused.resolve();
  bench.paused = Promise.withResolvers();
  await bench.turns(5);
  expect([bench.steps, bench.pauses]).toEqual([2, [5, 5]]);
  bench.nowMs += 50;
  bench.paused.resolve();
  await bench.turns(80);
  expect([bench.store.isCompacting, bench.pauses]).toEqual([false, [5, 5]]);
});

test("without requests there is no pause", async () => {
  const bench = new Bench();
  bench.compact();
  bench.work.wake();
  await bench.turns(80);
  expect([bench.store.isCompacting, bench.pauses]).toEqual([false, []]);
});
