// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { sampleEntry, WAL_DIRECTORY } from "../../../test/harness/wal-builder.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { EMPTY_CONF_STATE } from "../../core/raft/index.ts";
import { Snapshotter } from "../../core/snap/index.ts";
import { Wal } from "../../core/wal/index.ts";
import { FilePurge, PURGE_INTERVAL_MS } from "./file-purge.ts";

const SNAP_DIRECTORY = "/m/snap";
const SMALL = { segmentBytes: 512 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

class Bench {
  readonly disk = new SimDisk();
  readonly snapshotter: Snapshotter;
  readonly wal: Wal;
  readonly purge: FilePurge;
  readonly lines: string[] = [];
  isBusy = false;
  #last = 0;

  constructor(limits: { readonly snapshots: number; readonly wals: number }) {
    this.disk.makeDirectory(SNAP_DIRECTORY);
    this.snapshotter = new Snapshotter(this.disk, SNAP_DIRECTORY);
    this.wal = Wal.create(this.disk, WAL_DIRECTORY, Buffer.from("m"), SMALL);
    const logger: Logger = {
      enabled: () => true,
      log: (level, _caller, message, fields) => {
        this.lines.push(`${level}: ${message} ${Object.values(fields ?? {}).join(" ")}`);
      },
    };
    const snap = () => this.snapshotter.purge(limits.snapshots);
    this.purge = new FilePurge({
      sources: [
        { directory: SNAP_DIRECTORY, purge: snap },
        { directory: WAL_DIRECTORY, purge: () => this.wal.purgeAside(limits.wals) },
      ],
      isBusy: () => this.isBusy,
      logger,
    });
  }

  /** So many segments more. */
  fill(segments: number): void {
    const end = this.#segments().length + segments;
    while (this.#segments().length < end) {
      this.#last++;
      this.wal.append({ term: 1, vote: 7n, commit: this.#last }, [
        sampleEntry(this.#last, { bytes: 300 }),
      ]);
      this.wal.syncNow();
    }
  }

  /** A snapshot of everything so far. */
  async snapshot(): Promise<void> {
    const metadata = { index: this.#last, term: 1, confState: EMPTY_CONF_STATE };
    await this.snapshotter.save({ data: Buffer.from("{}"), metadata });
    this.wal.saveSnapshot(this.#last, 1, EMPTY_CONF_STATE);
    this.wal.syncNow();
    this.wal.releaseTo(this.#last);
  }

  #segments(): string[] {
    return this.disk.list(WAL_DIRECTORY).filter((name) => name.endsWith(".wal"));
  }

  get counts(): { readonly snapshots: number; readonly wals: number } {
    return { snapshots: this.snapshotter.list().length, wals: this.#segments().length };
  }

  /** Lets a turn of the job, which gives way between files, come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  }

  async pass(ms: number): Promise<void> {
    vi.advanceTimersByTime(ms);
    await this.settle();
  }
}

test("files beyond the limits are deleted at the start and every 30 s, oldest first", async () => {
  const bench = new Bench({ snapshots: 2, wals: 3 });
  for (let round = 0; round < 4; round++) {
    bench.fill(2);
    await bench.snapshot();
  }
  expect(bench.counts).toEqual({ snapshots: 4, wals: 9 });
  bench.purge.start();
  await bench.settle();
  expect(bench.counts).toEqual({ snapshots: 2, wals: 3 });
  expect(bench.lines).toHaveLength(2 + 6);
  expect(bench.lines[2]).toBe(
    `info: purged ${WAL_DIRECTORY}/${"0".repeat(16)}-${"0".repeat(16)}.wal`,
  );
  bench.fill(2);
  await bench.snapshot();
  await bench.pass(PURGE_INTERVAL_MS - 1);
  expect(bench.counts).toEqual({ snapshots: 3, wals: 5 });
  await bench.pass(1);
  expect(bench.counts).toEqual({ snapshots: 2, wals: 3 });
  await bench.purge.stop();
});

test("segments that a snapshot has not released stay, whatever the limit", async () => {
  const bench = new Bench({ snapshots: 1, wals: 1 });
  bench.fill(3);
  await bench.snapshot();
  bench.fill(4);
  bench.purge.start();
  await bench.settle();
  // The one that ends with the entry of the snapshot, and those behind it.
  expect(bench.counts.wals).toBe(6);
  await bench.purge.stop();
});

test("a limit of 0 keeps everything", async () => {
  const bench = new Bench({ snapshots: 0, wals: 0 });
  for (let round = 0; round < 3; round++) {
    bench.fill(3);
    await bench.snapshot();
  }
  bench.purge.start();
  await bench.settle();
  expect(bench.counts).toEqual({ snapshots: 3, wals: 10 });
  await bench.purge.stop();
});

test("received databases count apart from snapshots", async () => {
  const bench = new Bench({ snapshots: 2, wals: 5 });
  for (const index of [3, 4, 5]) {
    bench.disk.placeFile(bench.snapshotter.databasePath(index), Uint8Array.of(1));
  }
  bench.purge.start();
  await bench.settle();
  expect(bench.disk.list(SNAP_DIRECTORY)).toEqual(
    [4, 5].map((index) => `000000000000000${index}.snap.db`),
  );
  await bench.purge.stop();
});

test("nothing is deleted while a snapshot is being recorded", async () => {
  const bench = new Bench({ snapshots: 1, wals: 1 });
  bench.fill(3);
  await bench.snapshot();
  bench.isBusy = true;
  bench.purge.start();
  await bench.settle();
  expect(bench.counts.wals).toBe(4);
  bench.isBusy = false;
  await bench.pass(PURGE_INTERVAL_MS);
  expect(bench.counts.wals).toBe(2);
  await bench.purge.stop();
});

test("a file that cannot be deleted is told, and tried again 30 s later", async () => {
  const bench = new Bench({ snapshots: 1, wals: 2 });
  bench.fill(5);
  await bench.snapshot();
  bench.disk.fail({ operation: "remove", code: "EIO" });
  bench.purge.start();
  await bench.settle();
  expect(bench.lines).toHaveLength(1);
  expect(bench.lines[0]).toMatch(/^warn: failed to purge files \/m\/wal remove .*\.wal: EIO/);
  expect(bench.counts.wals).toBe(6);
  await bench.pass(PURGE_INTERVAL_MS);
  expect(bench.counts.wals).toBe(2);
  await bench.purge.stop();
});

test("a stop ends it between two files", async () => {
  const bench = new Bench({ snapshots: 1, wals: 1 });
  bench.fill(5);
  await bench.snapshot();
  bench.purge.start();
  await bench.purge.stop();
  const { wals } = bench.counts;
  expect(wals).toBeGreaterThan(1);
  await bench.pass(PURGE_INTERVAL_MS);
  expect(bench.counts.wals).toBe(wals);
});
