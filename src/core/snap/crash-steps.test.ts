// SPDX-License-Identifier: Apache-2.0
//
// The power fails before every single step of the disk that snapshot files take.

import { expect, test } from "vitest";
import { crashEverywhere } from "../../../test/harness/every-crash.ts";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { EMPTY_CONF_STATE, type Snapshot } from "../raft/index.ts";
import { encodeSnapFile, Snapshotter, snapFileName } from "./index.ts";

const DIRECTORY = "/m/snap";

function snapshot(index: number): Snapshot {
  const confState = { ...EMPTY_CONF_STATE, voters: [7n] };
  const data = Buffer.from(`snapshot ${index}, `.repeat(200));
  return { data: new Uint8Array(data), metadata: { confState, index, term: 1 } };
}

class World {
  readonly disk = new SimDisk();
  readonly snapshotter = new Snapshotter(this.disk, DIRECTORY);
  /** The newest snapshot that was promised. */
  saved = 0;

  constructor(...indexes: readonly number[]) {
    this.disk.makeDirectory(DIRECTORY);
    for (const index of indexes) {
      this.disk.placeFile(
        `${DIRECTORY}/${snapFileName(1, index)}`,
        encodeSnapFile(snapshot(index)),
      );
      this.saved = index;
    }
  }

  /** The newest snapshot is whole, at least as new as promised, and no file is damaged. */
  check(): number {
    const { snapshot: found, broken } = this.snapshotter.loadNewest();
    expect(broken).toEqual([]);
    const index = found?.metadata.index ?? 0;
    if (found !== undefined) expect(found).toEqual(snapshot(index));
    expect(index).toBeGreaterThanOrEqual(this.saved);
    this.snapshotter.removeLeftovers();
    const names = this.disk.list(DIRECTORY);
    expect(names.filter((name) => !/\.snap(\.db)?$/.test(name))).toEqual([]);
    return index;
  }
}

test("saving leaves the whole file or none, and those before it", async () => {
  const found = new Set<number>();
  const steps = await crashEverywhere({
    prepare: () => new World(),
    run: async (world) => {
      for (const index of [1, 2, 3]) {
        await world.snapshotter.save(snapshot(index));
        world.saved = index;
      }
    },
    check: (world) => {
      found.add(world.check());
    },
  });
  expect([...found].toSorted()).toEqual([0, 1, 2, 3]);
  expect(steps).toBe(3 * 5);
});

test("deleting old files leaves the newest ones", async () => {
  const counts = new Set<number>();
  await crashEverywhere({
    prepare: () => {
      const world = new World(1, 2, 3, 4, 5);
      for (const index of [2, 4, 5]) {
        world.disk.placeFile(world.snapshotter.databasePath(index), Uint8Array.of(1));
      }
      return world;
    },
    run: async ({ snapshotter }) => {
      await snapshotter.purge(2);
      snapshotter.removeDatabasesBefore(5);
    },
    check: (world) => {
      expect(world.check()).toBe(5);
      expect(world.disk.list(DIRECTORY)).toContain("0000000000000005.snap.db");
      counts.add(world.disk.list(DIRECTORY).length);
    },
  });
  expect(Math.max(...counts)).toBe(8);
  expect(Math.min(...counts)).toBe(3);
});

test("setting broken files aside finds the newest whole one each time", async () => {
  await crashEverywhere({
    prepare: () => {
      const world = new World(1);
      for (const index of [8, 9]) {
        const bytes = encodeSnapFile(snapshot(index)).subarray(0, 100 * index);
        world.disk.placeFile(`${DIRECTORY}/${snapFileName(1, index)}`, bytes);
      }
      return world;
    },
    run: ({ snapshotter }) => {
      snapshotter.loadNewest();
    },
    check: ({ disk, snapshotter }) => {
      expect(snapshotter.loadNewest().snapshot).toEqual(snapshot(1));
      const kept = [8, 9].map((index) => `${snapFileName(1, index)}.broken`);
      expect(disk.list(DIRECTORY)).toEqual([snapFileName(1, 1), ...kept]);
    },
  });
});
