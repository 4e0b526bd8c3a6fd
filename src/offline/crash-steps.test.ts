// SPDX-License-Identifier: Apache-2.0
//
// The power fails before every single step of the disk that a restore takes, or a defragmentation of
// Go's database. LMDB writes our own store by itself: kills show what its defragmentation leaves.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crashEverywhere } from "../../test/harness/every-crash.ts";
import { HalfRealDisk } from "../../test/harness/half-real-disk.ts";
import { isThorough } from "../../test/harness/thorough.ts";
import { LmdbFile } from "../core/backend/index.ts";
import { BoltReader, checkBolt } from "../core/bolt/index.ts";
import { databaseStatus } from "../core/etcd-db/index.ts";
import { lastValidSnapshot } from "../core/wal/index.ts";
import { dataPaths } from "../member/index.ts";
import type { buildAside } from "./build.ts";
import { defragmentMember } from "./defragment.ts";
import { buildDefragmented } from "./defragment-build.ts";
import { type RestoreRequest, restoredMembers, restoreSnapshot } from "./restore.ts";
import { buildRestored, type DirectoryFormat } from "./restore-build.ts";

const snapshot = readFileSync(
  new URL("../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url),
);
const outside = { report: () => {}, note: () => {}, signal: new AbortController().signal };
const DATABASE_BYTES = 57_344;
const TIMEOUT_MS = 300_000;

class World {
  readonly disk = new HalfRealDisk();
  readonly folder: string;
  readonly format: DirectoryFormat;

  constructor(folder: string, format: DirectoryFormat) {
    this.folder = folder;
    this.format = format;
    rmSync(folder, { recursive: true, force: true });
    this.disk.makeDirectory(folder);
    this.disk.placeFile(join(folder, "s.db"), snapshot);
  }

  async restore(): Promise<void> {
    const { disk, folder, format } = this;
    const request: RestoreRequest = {
      ...{ snapshot: join(folder, "s.db"), dataDir: join(folder, "made"), walDir: "", format },
      ...{ name: "default", initialCluster: "default=http://localhost:2380", token: "t" },
      advertisePeerUrls: "http://localhost:2380",
      ...{ skipsHashCheck: true, bumpRevision: 0 },
    };
    const build: typeof buildAside = async (order) => {
      if (order.kind !== "restore") throw new Error("nothing else is ordered");
      await buildRestored(disk, order, { progress: () => {}, note: () => {} });
    };
    await restoreSnapshot(disk, request, await restoredMembers(request), outside, build);
  }

  /** Whether the directory is there; it is whole then. */
  isMade(): boolean {
    const { disk, folder, format } = this;
    const paths = dataPaths(join(folder, "made"), undefined);
    expect(Buffer.from(disk.readFile(join(folder, "s.db"))).equals(snapshot)).toBe(true);
    if (disk.stat(paths.data) === undefined) return false;
    expect(lastValidSnapshot(disk, paths.wal)).toMatchObject({ index: 1, term: 1 });
    expect(disk.list(paths.snap).filter((name) => name.endsWith(".snap"))).toHaveLength(1);
    if (format === "go") {
      const reader = new BoltReader(disk.open(paths.goDatabase, "read"));
      expect(checkBolt(reader).findings).toEqual([]);
    } else {
      const problems: string[] = [];
      new LmdbFile(disk.open(paths.storeFile, "read")).check((problem) => problems.push(problem));
      expect(problems).toEqual([]);
    }
    return true;
  }
}

test.each(["go", "etcdx"] as const)(
  "a restore in format %s leaves all or nothing, and can be done again",
  async (format) => {
    const folder = mkdtempSync(join(tmpdir(), "restore-crash-"));
    const found = new Set<boolean>();
    const steps = await crashEverywhere(
      {
        prepare: () => new World(folder, format),
        run: (world) => world.restore(),
        check: async (world) => {
          const isMade = world.isMade();
          found.add(isMade);
          if (!isMade) await world.restore();
          expect(world.isMade()).toBe(true);
          expect(world.disk.list(folder)).toEqual(["made", "s.db"]);
        },
      },
      isThorough ? { seeds: 3 } : { seeds: 1, stride: 13 },
    );
    rmSync(folder, { recursive: true });
    expect([...found]).toEqual([false, true]);
    expect(steps).toBeGreaterThan(20);
  },
  TIMEOUT_MS,
);

interface Prepared {
  readonly disk: HalfRealDisk;
}

test("a defragmentation of Go's database leaves the old one or the new one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "defragment-crash-"));
  const paths = dataPaths(folder, undefined);
  const stored = snapshot.subarray(0, DATABASE_BYTES);
  const statusIn = (disk: HalfRealDisk): unknown => {
    const reader = new BoltReader(disk.open(paths.goDatabase, "read"));
    expect(checkBolt(reader).findings).toEqual([]);
    return { ...databaseStatus(reader), totalSizeBytes: 0 };
  };
  const defragment = (disk: HalfRealDisk): Promise<void> =>
    defragmentMember(
      disk,
      { dataDir: folder, lockWaitMs: 1 },
      { ...outside, begun: () => {}, done: () => {} },
      async (order) => {
        if (order.kind !== "defragment") throw new Error("nothing else is ordered");
        buildDefragmented(disk, order, () => {});
      },
    );
  const prepare = (): Prepared => {
    const disk = new HalfRealDisk();
    disk.makeDirectory(paths.snap);
    disk.placeFile(paths.goDatabase, stored);
    return { disk };
  };
  const whole = statusIn(prepare().disk);
  const sizes = new Set<number | undefined>();
  const scenario = {
    prepare,
    run: ({ disk }: Prepared) => defragment(disk),
    check: async ({ disk }: Prepared) => {
      sizes.add(disk.stat(paths.goDatabase)?.size);
      expect(statusIn(disk)).toEqual(whole);
      await defragment(disk);
      expect(disk.list(paths.snap)).toEqual(["db"]);
      expect(statusIn(disk)).toEqual(whole);
    },
  };
  const steps = await crashEverywhere(scenario, isThorough ? {} : { seeds: 2 });
  rmSync(folder, { recursive: true });
  expect(sizes.size).toBe(2);
  expect(steps).toBeGreaterThan(4);
});
