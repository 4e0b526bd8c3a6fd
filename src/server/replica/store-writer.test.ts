// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SimClock } from "../../../test/harness/sim-clock.ts";
import {
  type Backend,
  COMMIT_INTERVAL_MS,
  COMMIT_OPERATIONS,
  MemoryDisk,
  openMemoryBackend,
} from "../../core/backend/index.ts";
import { StoreWriter } from "./store-writer.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

class Bench {
  readonly backend: Backend;
  readonly writer: StoreWriter;
  readonly failures: unknown[] = [];
  readonly durations: number[] = [];
  afterCommits = 0;
  /** Makes every later write to the disk fail. */
  isBroken = false;

  constructor(clock = new SimClock()) {
    const beforeWrite = async (): Promise<void> => {
      clock.advance(7);
      if (this.isBroken) throw new Error("disk gone");
    };
    this.backend = openMemoryBackend(new MemoryDisk(), { beforeWrite });
    this.writer = new StoreWriter({
      backend: this.backend,
      clock,
      observer: { committed: (ms) => this.durations.push(ms) },
      failed: (error) => this.failures.push(error),
      afterCommit: () => {
        this.afterCommits++;
      },
    });
  }

  entry(index: number, key = `k${index}`): void {
    this.backend.put("meta", bytes(key), bytes("v"));
    this.backend.setConsistentIndex(index, 1);
  }
}

test("a commit takes everything along and tells how long it took", async () => {
  const bench = new Bench();
  bench.entry(1);
  expect(await bench.writer.commit()).toBe(true);
  expect(bench.backend.durable).toEqual({ consistentIndex: 1, term: 1 });
  expect([bench.durations, bench.afterCommits]).toEqual([[7], 1]);
});

test("a commit that is asked for during another one covers what came meanwhile", async () => {
  const bench = new Bench();
  bench.entry(1);
  const first = bench.writer.commit();
  bench.entry(2);
  const second = bench.writer.commit();
  await Promise.all([first, second]);
  expect(bench.backend.durable.consistentIndex).toBe(2);
});

test("what is pending is committed an interval later; while nothing is, no timer runs", async () => {
  const bench = new Bench();
  bench.writer.check();
  expect(vi.getTimerCount()).toBe(0);
  for (const index of [1, 2]) {
    bench.entry(index);
    bench.writer.check();
    await vi.advanceTimersByTimeAsync(COMMIT_INTERVAL_MS - 1);
    bench.writer.check();
    expect(bench.afterCommits).toBe(index - 1);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.resolve();
    expect(bench.backend.durable.consistentIndex).toBe(index);
  }
  bench.writer.check();
  expect(vi.getTimerCount()).toBe(0);
  await bench.writer.close();
});

test("between turns a commit begins when enough has gathered", async () => {
  const bench = new Bench();
  bench.entry(1);
  bench.writer.check();
  expect(bench.backend.pendingOperations).toBeGreaterThan(0);
  for (let at = 0; at < COMMIT_OPERATIONS; at++) {
    bench.backend.put("meta", bytes(`row${at}`), bytes("v"));
  }
  bench.backend.setConsistentIndex(2, 1);
  bench.writer.check();
  await vi.waitFor(() => expect(bench.backend.durable.consistentIndex).toBe(2));
  await bench.writer.close();
});

test("a failed commit is reported once, and nothing is written any more", async () => {
  const bench = new Bench();
  bench.entry(1);
  bench.isBroken = true;
  expect(await bench.writer.commit()).toBe(false);
  expect(bench.failures).toHaveLength(1);
  bench.isBroken = false;
  bench.entry(2);
  bench.writer.check();
  expect(await bench.writer.commit()).toBe(false);
  await bench.writer.close();
  expect(bench.backend.durable.consistentIndex).toBe(0);
  expect([bench.failures.length, bench.afterCommits]).toEqual([1, 0]);
});

test("closing commits the rest, abandoning does not", async () => {
  const closed = new Bench();
  closed.entry(1);
  await closed.writer.close();
  expect(closed.backend.durable.consistentIndex).toBe(1);
  const abandoned = new Bench();
  abandoned.entry(1);
  abandoned.writer.check();
  abandoned.writer.abandon();
  abandoned.writer.check();
  await vi.advanceTimersByTimeAsync(2 * COMMIT_INTERVAL_MS);
  expect(abandoned.backend.durable.consistentIndex).toBe(0);
});
