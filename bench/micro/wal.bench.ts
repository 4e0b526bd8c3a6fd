// SPDX-License-Identifier: Apache-2.0
//
// What the log costs per entry: appended in batches, and read again when a member starts. Run with
// `node bench/micro/wal.bench.ts [entries]`. CPU is that of the main thread; of appends the write into
// the page cache is included and the syncs are left out. Readings find the file in the page cache.
// The best of several rounds counts: others share the machine.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../src/core/raft/index.ts";
import { lastValidSnapshot, readLog, Wal } from "../../src/core/wal/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";

const ENTRIES = 300_000;
const ROUNDS = 5;
const ENTRY_BYTES = 300;
/** Entries between two syncs, which are not counted. */
const ENTRIES_PER_SYNC = 4096;
const RULER_STEPS = 100_000_000;
const START = { index: 0, term: 0 };

/** Of one row, per entry in microseconds, each the best of all rounds. */
export interface WalFigures {
  readonly row: string;
  /** CPU of the main thread. */
  readonly cpu: number;
  /** What passes on the clock. */
  readonly wall: number;
}

export interface WalBench {
  readonly figures: readonly WalFigures[];
  /** Entries and bytes of their data that a reading has found. */
  readonly entriesRead: number;
  readonly bytesRead: number;
}

/** Entries of which each has data of its own, as requests have; `count` at most is appended. */
function entriesFrom(first: number, count: number): Entry[] {
  return Array.from({ length: count }, (_, at): Entry => {
    const data = new Uint8Array(ENTRY_BYTES);
    for (let place = 0; place < ENTRY_BYTES; place++) data[place] = (first + at + place * 7) & 0xff;
    return { type: 0, term: 3, index: first + at, data };
  });
}

function mainThreadMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Adds up what pieces of work take. */
class Watch {
  cpu = 0;
  wall = 0;

  run<T>(work: () => T): T {
    const cpu = mainThreadMicros();
    const wall = performance.now();
    const result = work();
    this.wall += (performance.now() - wall) * 1000;
    this.cpu += mainThreadMicros() - cpu;
    return result;
  }
}

/** The rows of all rounds. */
class Best {
  readonly #rows = new Map<string, WalFigures>();

  note(row: string, watch: Watch, entries: number): void {
    const before = this.#rows.get(row);
    const cpu = Math.min(watch.cpu / entries, before?.cpu ?? Number.POSITIVE_INFINITY);
    const wall = Math.min(watch.wall / entries, before?.wall ?? Number.POSITIVE_INFINITY);
    this.#rows.set(row, { row, cpu, wall });
  }

  rows(): WalFigures[] {
    return [...this.#rows.values()];
  }
}

/** Appends so many entries, some at once, and closes. */
async function append(wal: Wal, entries: number, atOnce: number): Promise<Watch> {
  const watch = new Watch();
  let appended = 0;
  while (appended < entries) {
    const group = entriesFrom(appended + 1, Math.min(ENTRIES_PER_SYNC, entries - appended));
    const batches: Entry[][] = [];
    for (let at = 0; at < group.length; at += atOnce) batches.push(group.slice(at, at + atOnce));
    watch.run(() => {
      for (const batch of batches) {
        appended += batch.length;
        wal.append({ term: 3, vote: 7n, commit: appended }, batch);
      }
    });
    await wal.sync();
  }
  wal.close();
  return watch;
}

function timed(read: () => void): Watch {
  const watch = new Watch();
  watch.run(read);
  return watch;
}

/** Measures in new directories under `parent`. */
export async function runWalBench(
  parent: string,
  entries: number,
  rounds: number,
): Promise<WalBench> {
  const disk = new NodeDisk();
  const directory = join(parent, "wal");
  const best = new Best();
  const read = { entries: 0, bytes: 0 };
  for (let round = 0; round < rounds; round++) {
    for (const atOnce of [1, 64]) {
      rmSync(directory, { recursive: true, force: true });
      const wal = Wal.create(disk, directory, new Uint8Array(20));
      best.note(`append, ${atOnce} at once`, await append(wal, entries, atOnce), entries);
    }
    const replay = timed(() => readLog(disk, directory));
    best.note("replay: checksum, record, entry", replay, entries);
    const find = timed(() => lastValidSnapshot(disk, directory));
    best.note("find the snapshot to start from", find, entries);
    const open = timed(() => {
      const opened = Wal.open(disk, directory, START);
      read.entries = opened.entries.length;
      read.bytes = opened.entries.reduce((sum, { data }) => sum + data.length, 0);
      opened.wal.close();
    });
    best.note("open: replay, write the last segment anew", open, entries);
  }
  return { figures: best.rows(), entriesRead: read.entries, bytesRead: read.bytes };
}

/** How fast the machine is now: dependent multiplications, a good four cycles each. */
function rulerNanos(): number {
  let state = 1;
  const start = process.threadCpuUsage();
  for (let i = 0; i < RULER_STEPS; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  const { user } = process.threadCpuUsage(start);
  return state === 0 ? Number.NaN : (user * 1000) / RULER_STEPS;
}

async function main(): Promise<void> {
  const entries = Number(process.argv[2] ?? ENTRIES);
  const parent = mkdtempSync(join(tmpdir(), "wal-bench-"));
  console.log(`integer loop: ${rulerNanos().toFixed(2)} ns a step`);
  try {
    const { figures } = await runWalBench(parent, entries, ROUNDS);
    console.log("| entries of 300 bytes | CPU, µs | clock, µs | entries/s |");
    console.log("| --- | --: | --: | --: |");
    for (const { row, cpu, wall } of figures) {
      const perSecond = Math.round(1e6 / wall).toLocaleString("en");
      console.log(`| ${row} | ${cpu.toFixed(2)} | ${wall.toFixed(2)} | ${perSecond} |`);
    }
  } finally {
    rmSync(parent, { recursive: true });
  }
  console.log(`integer loop: ${rulerNanos().toFixed(2)} ns a step`);
}

if (import.meta.main) await main();
