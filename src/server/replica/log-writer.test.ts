// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SimClock } from "../../../test/harness/sim-clock.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import type { Entry } from "../../core/raft/index.ts";
import type { AppendEffect } from "../../core/replica/index.ts";
import { Wal } from "../../core/wal/index.ts";
import { LogWriter } from "./log-writer.ts";

class Bench {
  readonly disk = new SimDisk();
  readonly clock = new SimClock();
  readonly wal: Wal;
  readonly log: LogWriter;
  readonly done: number[] = [];
  readonly failures: unknown[] = [];
  wakes = 0;
  reads = 0;
  #index = 0;

  constructor() {
    this.disk.makeDirectory("/m");
    this.wal = Wal.create(this.disk, "/m/wal", Uint8Array.of(8, 1, 16, 1), {
      segmentBytes: 1 << 16,
    });
    this.log = new LogWriter({
      wal: this.wal,
      clock: this.clock,
      observer: { wrote: () => {}, synced: () => {} },
      reads: () => this.reads,
      done: (append) => this.done.push(append.entries[0]?.index ?? 0),
      wake: () => {
        this.wakes++;
      },
      failed: (error) => this.failures.push(error),
    });
  }

  append(count: number, mustSync = true): AppendEffect {
    const entries = Array.from({ length: count }, (): Entry => {
      const data = Uint8Array.of(1);
      return { type: 0, term: 1, index: ++this.#index, data };
    });
    const effect: AppendEffect = {
      kind: "append",
      snapshot: undefined,
      hardState: undefined,
      entries,
      mustSync,
      responses: [],
    };
    this.log.append(effect);
    return effect;
  }
}

test("a small batch is synced on the spot", () => {
  const bench = new Bench();
  bench.append(1);
  expect(bench.log.flush()).toBe(true);
  expect(bench.done).toEqual([1]);
});

test("small batches are synced aside while reads come, and for a second after the last", async () => {
  const bench = new Bench();
  const flushAfterRead = (): boolean => {
    bench.reads++;
    bench.append(1);
    return bench.log.flush();
  };
  expect(flushAfterRead(), "a read by itself").toBe(true);
  bench.clock.advance(1000);
  expect(flushAfterRead(), "one that is far from it").toBe(true);
  bench.clock.advance(999);
  expect(flushAfterRead(), "reads that keep coming").toBe(false);
  expect(bench.done).toEqual([1, 2]);
  await bench.log.settle();
  expect(bench.done).toEqual([1, 2, 3]);
  bench.clock.advance(999);
  bench.append(1);
  expect(bench.log.flush()).toBe(false);
  await bench.log.settle();
  bench.clock.advance(1);
  bench.append(1);
  expect(bench.log.flush()).toBe(true);
});

test("a large batch is synced aside, and what comes meanwhile waits for its turn", async () => {
  const bench = new Bench();
  bench.disk.holdSyncs();
  bench.append(10);
  expect(bench.log.flush()).toBe(false);
  bench.append(1);
  expect(bench.log.flush()).toBe(false);
  expect(bench.done).toEqual([]);
  bench.disk.releaseSyncs();
  await bench.log.settle();
  expect(bench.done).toEqual([1]);
  expect(bench.wakes).toBe(1);
  expect(bench.log.flush()).toBe(true);
  expect(bench.done).toEqual([1, 11]);
});

test("gathered appends share one sync and are reported in their order", () => {
  const bench = new Bench();
  bench.append(1);
  bench.append(1);
  const syncs = bench.disk.counts.datasync;
  bench.log.flush();
  expect(bench.disk.counts.datasync).toBe(syncs + 1);
  expect(bench.done).toEqual([1, 2]);
});

test("a record of its own takes its turn, and no batch is synced beside it", async () => {
  const bench = new Bench();
  bench.disk.holdSyncs();
  bench.append(10);
  bench.log.flush();
  let written = false;
  const recorded = bench.log.record(() => {
    written = true;
  });
  expect(written).toBe(false);
  bench.disk.releaseSyncs();
  await recorded;
  expect(written).toBe(true);
  bench.append(1);
  expect(bench.log.flush()).toBe(true);
});

test("while a record is being synced, a small batch waits", async () => {
  const bench = new Bench();
  bench.disk.holdSyncs();
  const recorded = bench.log.record(() => {});
  await Promise.resolve();
  bench.append(1);
  expect(bench.log.flush()).toBe(false);
  bench.disk.releaseSyncs();
  await recorded;
  expect(bench.log.flush()).toBe(true);
});

test.each(["write", "datasync"] as const)(
  "after a failed %s nothing is reported, and nothing is tried again",
  (operation) => {
    const bench = new Bench();
    bench.disk.fail({ operation, code: operation === "write" ? "ENOSPC" : "EIO" });
    bench.append(1);
    expect(bench.log.flush()).toBe(false);
    expect(bench.failures).toHaveLength(1);
    bench.append(1);
    expect(bench.log.flush()).toBe(false);
    expect(bench.done).toEqual([]);
    expect(bench.failures).toHaveLength(1);
  },
);

test("a failed sync aside is reported once, and its batch never", async () => {
  const bench = new Bench();
  bench.disk.fail({ operation: "datasync", code: "EIO" });
  bench.append(10);
  bench.log.flush();
  await bench.log.settle();
  expect(bench.failures).toHaveLength(1);
  expect(bench.done).toEqual([]);
});
