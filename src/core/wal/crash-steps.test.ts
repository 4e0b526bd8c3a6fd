// SPDX-License-Identifier: Apache-2.0
//
// The power fails before every single write, sync, rename and removal of what a log does, and any
// subset of what was not synced is lost.

import { describe, expect, test } from "vitest";
import { crashEverywhere } from "../../../test/harness/every-crash.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  buildWal,
  lastRecord,
  sampleEntries,
  sampleEntry,
  WAL_DIRECTORY,
  withFile,
} from "../../../test/harness/wal-builder.ts";
import { EMPTY_CONF_STATE, type Entry } from "../raft/index.ts";
import { lastValidSnapshot, listSegments, Wal } from "./index.ts";

const START = { index: 0, term: 0 };
const SMALL = { segmentBytes: 4096 };
const METADATA = Buffer.from("metadata");
const CONF_STATE = { ...EMPTY_CONF_STATE, voters: [7n] };

interface World {
  readonly disk: SimDisk;
  readonly wal: Wal;
  /** The last entry that a sync has vouched for. */
  synced: number;
}

function newLog(options = SMALL): World {
  const disk = new SimDisk();
  return { disk, wal: Wal.create(disk, WAL_DIRECTORY, METADATA, options), synced: 0 };
}

function expectEntries(entries: readonly Entry[], from: number, atLeast: number): void {
  const last = from + entries.length - 1;
  expect(last).toBeGreaterThanOrEqual(atLeast);
  for (const [at, { index, data }] of entries.entries()) {
    const written = sampleEntry(from + at, { bytes: 300 });
    expect(index).toBe(from + at);
    expect(Buffer.compare(data, written.data)).toBe(0);
  }
}

/** Opening shows what was synced, and goes on showing it: also when the power fails once more. */
function checkLog({ disk, synced }: World, options = SMALL): void {
  const first = Wal.open(disk, WAL_DIRECTORY, START, options);
  expectEntries(first.entries, 1, synced);
  disk.crash({ seed: 2 });
  const { entries, wal } = Wal.open(disk, WAL_DIRECTORY, START, options);
  expect(entries).toHaveLength(first.entries.length);
  const next = entries.length + 1;
  wal.append({ term: 1, vote: 7n, commit: next }, [sampleEntry(next, { bytes: 300 })]);
  wal.close();
  expectEntries(Wal.open(disk, WAL_DIRECTORY, START, options).entries, 1, next);
  expect(disk.list(WAL_DIRECTORY).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}

describe("a power failure while appending: at any step,", () => {
  test("creating a log leaves a whole one or none, and it can be created again", async () => {
    const steps = await crashEverywhere({
      prepare: () => ({ disk: new SimDisk() }),
      run: ({ disk }) => {
        Wal.create(disk, WAL_DIRECTORY, METADATA, SMALL);
      },
      check: ({ disk }) => {
        if (!Wal.exists(disk, WAL_DIRECTORY)) Wal.create(disk, WAL_DIRECTORY, METADATA, SMALL);
        const { metadata, entries } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
        expect(Buffer.from(metadata)).toEqual(METADATA);
        expect(entries).toEqual([]);
      },
    });
    expect(steps).toBeGreaterThan(5);
  });

  test("appending keeps what was synced", async () => {
    const roomy = { segmentBytes: 1 << 16 };
    const steps = await crashEverywhere({
      prepare: () => newLog(roomy),
      run: async (world) => {
        for (let index = 1; index <= 8; index++) {
          world.wal.append({ term: 1, vote: 7n, commit: index - 1 }, [
            sampleEntry(index, { bytes: 300 }),
          ]);
          if (index % 3 === 0) continue;
          if (index % 2 === 0) world.wal.syncNow();
          else await world.wal.sync();
          world.synced = index;
        }
      },
      check: (world) => checkLog(world, roomy),
    });
    expect(steps).toBeGreaterThan(12);
  });

  test.each(["beside the caller", "blocking"])("cutting segments %s does too", async (way) => {
    let cuts = 0;
    const steps = await crashEverywhere({
      prepare: () => newLog(),
      run: async (world) => {
        for (let index = 1; index <= 36; index++) {
          world.wal.append({ term: 1, vote: 7n, commit: index - 1 }, [
            sampleEntry(index, { bytes: 300 }),
          ]);
          if (way === "blocking") world.wal.syncNow();
          else await world.wal.sync();
          world.synced = index;
        }
      },
      check: (world) => {
        cuts = Math.max(cuts, listSegments(world.disk, WAL_DIRECTORY).length - 1);
        checkLog(world);
      },
    });
    expect(cuts).toBeGreaterThan(1);
    expect(steps).toBeGreaterThan(80);
  });

  test("cutting while appends go on keeps them too", async () => {
    await crashEverywhere({
      prepare: () => newLog(),
      run: async (world) => {
        const { wal } = world;
        const syncTo = (last: number) =>
          wal.sync().then(
            () => {
              world.synced = last;
            },
            // A sync without power vouches for nothing, which is what is looked at.
            () => {},
          );
        wal.append(undefined, sampleEntries(1, 16, { bytes: 300 }));
        const first = syncTo(15);
        wal.append(undefined, sampleEntries(16, 20, { bytes: 300 }));
        await Promise.all([first, syncTo(19)]);
      },
      check: (world) => checkLog(world),
    });
  });
});

describe("a power failure around snapshots and starts: at any step,", () => {
  interface SnapshotWorld extends World {
    /** The last snapshot that a sync has vouched for. */
    recorded: number;
  }

  /** A log of 40 entries over several segments. */
  function longLog(): SnapshotWorld {
    const { disk, wal } = newLog();
    for (let index = 1; index <= 40; index++) {
      wal.append({ term: 1, vote: 7n, commit: index }, [sampleEntry(index, { bytes: 300 })]);
      wal.syncNow();
    }
    return { disk, wal, synced: 40, recorded: 0 };
  }

  function checkFromSnapshot(world: SnapshotWorld): void {
    const mark = lastValidSnapshot(world.disk, WAL_DIRECTORY);
    const index = mark?.index ?? -1;
    expect(index).toBeGreaterThanOrEqual(world.recorded);
    const start = { index, term: mark?.term ?? -1 };
    const { entries, wal } = Wal.open(world.disk, WAL_DIRECTORY, start, SMALL);
    expectEntries(entries, index + 1, world.synced);
    wal.close();
  }

  test("recording snapshots leaves the one before or the new one to start from", async () => {
    const seen = new Set<number | undefined>();
    await crashEverywhere({
      prepare: longLog,
      run: async (world) => {
        for (const index of [10, 20, 38]) {
          world.wal.saveSnapshot(index, 1, CONF_STATE);
          await world.wal.sync();
          world.recorded = index;
        }
      },
      check: (world) => {
        seen.add(lastValidSnapshot(world.disk, WAL_DIRECTORY)?.index);
        checkFromSnapshot(world);
      },
    });
    expect([...seen].toSorted()).toEqual([0, 10, 20, 38]);
  });

  test("releasing segments leaves no hole and what the snapshot needs", async () => {
    const counts = new Set<number>();
    await crashEverywhere({
      prepare: longLog,
      run: async (world) => {
        for (const index of [15, 38]) {
          world.wal.saveSnapshot(index, 1, CONF_STATE);
          await world.wal.sync();
          world.recorded = index;
          world.wal.releaseTo(index);
          while ((await world.wal.purgeAside(1)).length > 0);
        }
      },
      check: (world) => {
        counts.add(listSegments(world.disk, WAL_DIRECTORY).length);
        checkFromSnapshot(world);
      },
    });
    expect(counts.size).toBeGreaterThan(2);
  });

  test("repairing a torn tail leaves the log without it, and a copy of the file with it", async () => {
    const outcomes = new Set<string>();
    const intact = buildWal(9, { ...SMALL, bytes: 300 });
    const { wal } = Wal.open(intact, WAL_DIRECTORY, START, SMALL);
    wal.append(undefined, [sampleEntry(10, { bytes: 300 })]);
    wal.close();
    const { path, start } = lastRecord(intact);
    const torn = intact.readFile(path).subarray(0, start + 100);
    await crashEverywhere({
      prepare: () => ({ disk: withFile(intact, path, torn) }),
      run: ({ disk }) => {
        Wal.open(disk, WAL_DIRECTORY, START, SMALL);
      },
      check: ({ disk }) => {
        const { entries, repaired, wal } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
        outcomes.add(repaired === undefined ? "done" : "done again");
        expectEntries(entries, 1, 9);
        expect(entries).toHaveLength(9);
        expect(Buffer.compare(disk.readFile(`${path}.broken`), torn)).toBe(0);
        wal.close();
      },
    });
    expect([...outcomes].toSorted()).toEqual(["done", "done again"]);
  });

  test("opening keeps what a failed sync had left to be seen", async () => {
    await crashEverywhere({
      prepare: () => {
        const world = newLog();
        world.wal.append(undefined, sampleEntries(1, 7, { bytes: 300 }));
        world.disk.fail({ operation: "datasync", code: "EIO" });
        expect(() => world.wal.syncNow()).toThrow("EIO");
        world.disk.killProcess();
        return world;
      },
      run: (world) => {
        const { entries } = Wal.open(world.disk, WAL_DIRECTORY, START, SMALL);
        world.synced = entries.length;
      },
      check: (world) => checkLog(world),
    });
  });
});
