// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SimClock } from "../../../test/harness/sim-clock.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { sampleEntries, WAL_DIRECTORY } from "../../../test/harness/wal-builder.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import { type Backend, MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { EMPTY_CONF_STATE, MemoryStorage } from "../../core/raft/index.ts";
import { lastValidSnapshot, Wal } from "../../core/wal/index.ts";
import { type SnapshotParts, SnapshotWork } from "./snapshot-work.ts";

const COUNT = 10;
const CONF_STATE = { ...EMPTY_CONF_STATE, voters: [7n] };

class Bench {
  readonly disk = new SimDisk();
  readonly wal = Wal.create(this.disk, WAL_DIRECTORY, Buffer.from("m"), { segmentBytes: 512 });
  readonly storage = new MemoryStorage();
  readonly clock = new SimClock();
  readonly backend: Backend = openMemoryBackend(new MemoryDisk());
  readonly steps: string[] = [];
  readonly failures: unknown[] = [];
  readonly work: SnapshotWork;
  #last = 0;

  constructor(parts: Partial<SnapshotParts> = {}) {
    this.work = new SnapshotWork(
      {
        backend: this.backend,
        storage: this.storage,
        wal: this.wal,
        clock: this.clock,
        logger: silentLogger,
        confState: () => CONF_STATE,
        membership: () => new Uint8Array(0),
        commit: async () => {
          this.steps.push("commit");
          await this.backend.commit();
          return true;
        },
        saveFile: async ({ index, term }) => {
          this.steps.push(`file ${index} of term ${term}`);
        },
        record: async (write) => {
          this.steps.push("record");
          write();
          await this.wal.sync();
        },
        release: (index) => {
          this.steps.push(`release ${index}`);
        },
        failed: (error) => this.failures.push(error),
        ...parts,
      },
      { snapshotCount: COUNT, lastIndex: 0 },
    );
  }

  /** Logs and applies so many entries. */
  async apply(count: number): Promise<void> {
    const entries = sampleEntries(this.#last + 1, this.#last + count + 1);
    this.#last += count;
    this.storage.append(entries);
    this.wal.append({ term: 1, vote: 7n, commit: this.#last }, entries);
    await this.wal.sync();
    this.backend.setConsistentIndex(this.#last, 1);
  }

  async check(): Promise<void> {
    this.work.check(this.#last);
    await this.work.settle();
  }

  get recorded(): number | undefined {
    return lastValidSnapshot(this.disk, WAL_DIRECTORY)?.index;
  }
}

test("the store is safe first, then the file, then the log's record; then files may go", async () => {
  const bench = new Bench();
  await bench.apply(COUNT + 1);
  await bench.check();
  expect(bench.steps).toEqual(["commit", "file 11 of term 1", "record", "release 11"]);
  expect(bench.recorded).toBe(11);
  expect(bench.failures).toEqual([]);
});

test("nothing happens before the count is passed, nor twice within a second", async () => {
  const bench = new Bench();
  await bench.apply(COUNT);
  await bench.check();
  expect(bench.steps).toEqual([]);
  await bench.apply(1);
  await bench.check();
  await bench.apply(COUNT + 1);
  await bench.check();
  expect(bench.recorded).toBe(11);
  bench.clock.advance(1000);
  await bench.check();
  expect(bench.recorded).toBe(22);
});

test("the snapshot stands where the store is durable, not where the log has come to", async () => {
  const bench: Bench = new Bench({
    commit: async () => {
      await bench.backend.commit();
      await bench.apply(5);
      return true;
    },
  });
  await bench.apply(COUNT + 1);
  await bench.check();
  expect(bench.recorded).toBe(11);
});

test("the members in a snapshot are those of its entry, not of one applied meanwhile", async () => {
  let voters = [7n];
  const saved: unknown[] = [];
  const bench: Bench = new Bench({
    confState: () => ({ ...EMPTY_CONF_STATE, voters }),
    membership: () => Buffer.from(`members ${voters.join(" ")}`),
    commit: async () => {
      await bench.apply(5);
      voters = [7n, 8n];
      await bench.backend.commit();
      return true;
    },
    saveFile: async ({ index, confState, data }) => {
      saved.push([index, confState.voters, data.toString()]);
    },
  });
  await bench.apply(COUNT + 1);
  await bench.check();
  expect(saved).toEqual([[11, [7n], "members 7"]]);
  expect(lastValidSnapshot(bench.disk, WAL_DIRECTORY)).toMatchObject({ index: 11 });
});

test("segments that lie wholly before the snapshot are released", async () => {
  const bench: Bench = new Bench({ release: () => bench.wal.purge(1) });
  const count = (): number =>
    bench.disk.list(WAL_DIRECTORY).filter((n) => n.endsWith(".wal")).length;
  for (let batch = 0; batch < 8; batch++) await bench.apply(COUNT);
  expect(count()).toBeGreaterThan(3);
  await bench.check();
  expect(count()).toBeLessThanOrEqual(2);
  bench.wal.close();
  const start = { index: bench.recorded ?? 0, term: 1 };
  expect(() => Wal.open(bench.disk, WAL_DIRECTORY, start).wal.close()).not.toThrow();
});

test.each(["saveFile", "record"] as const)(
  "when %s fails the member does, and the log is kept",
  async (step) => {
    const problem = new Error("disk gone");
    const bench = new Bench({ [step]: () => Promise.reject(problem) });
    await bench.apply(COUNT + 1);
    await bench.check();
    expect(bench.failures).toEqual([problem]);
    expect(bench.recorded).toBe(0);
    expect(bench.steps.filter((at) => at.startsWith("release"))).toEqual([]);
  },
);

test("a store that has failed gets no snapshot", async () => {
  const bench = new Bench({ commit: async () => false });
  await bench.apply(COUNT + 1);
  await bench.check();
  expect([bench.steps, bench.failures]).toEqual([[], []]);
});
