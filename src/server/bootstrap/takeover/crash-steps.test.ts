// SPDX-License-Identifier: Apache-2.0
//
// The power fails before every single step of the disk that a takeover takes: either Go etcd can go
// on with its database or the store is whole, and the next start finishes what is left.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crashEverywhere } from "../../../../test/harness/every-crash.ts";
import { HalfRealDisk } from "../../../../test/harness/half-real-disk.ts";
import { isThorough } from "../../../../test/harness/thorough.ts";
import { silentLogger } from "../../../base/contracts/logger.ts";
import { LmdbFile } from "../../../core/backend/index.ts";
import { BoltReader } from "../../../core/bolt/index.ts";
import { MemoryFile } from "../../../core/bolt/testing/memory-file.ts";
import { copyDatabase, META_KEYS, writeDatabase } from "../../../core/etcd-db/index.ts";
import { readLog } from "../../../core/wal/index.ts";
import { NodeDisk } from "../../../platform/node-disk.ts";
import { systemClock } from "../../../platform/system-clock.ts";
import { type DataPaths, dataPaths } from "../data-dir.ts";
import { isGoDataDirectory, takeOverGoDirectory } from "./index.ts";

const fixtures = new URL("../../../../test/fixtures/etcd-3.7.1/", import.meta.url).pathname;
const database = databaseAtEnd();
const outside = { clock: systemClock, logger: silentLogger };
const TIMEOUT_MS = 300_000;

/** The fixture's database as if all of its log were applied, which ends with users. */
function databaseAtEnd(): Buffer {
  const disk = new NodeDisk();
  const last = readLog(disk, join(fixtures, "member/wal")).entries.at(-1)?.index ?? 0;
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(BigInt(last));
  const source = new MemoryFile(readFileSync(join(fixtures, "snapshot.db")));
  const target = new MemoryFile();
  const edits = new Map([["meta", { puts: [{ key: META_KEYS.consistentIndex, value }] }]]);
  writeDatabase(target, (writer) => copyDatabase(new BoltReader(source), writer, edits));
  return Buffer.from(target.bytes);
}

class World {
  readonly disk = new HalfRealDisk();
  readonly paths: DataPaths;

  constructor(folder: string) {
    rmSync(folder, { recursive: true, force: true });
    this.paths = dataPaths(folder, undefined);
    for (const part of ["wal", "snap"]) {
      this.disk.makeDirectory(join(this.paths.member, part));
      for (const name of readdirSync(join(fixtures, "member", part))) {
        const bytes = readFileSync(join(fixtures, "member", part, name));
        this.disk.placeFile(join(this.paths.member, part, name), bytes);
      }
    }
    this.disk.placeFile(this.paths.goDatabase, database);
  }

  takeOver(): Promise<void> {
    return takeOverGoDirectory(this.disk, this.paths, outside);
  }

  /** Who would go on with the directory; what it would find is whole. */
  owner(): "go" | "etcdx" {
    const { disk, paths } = this;
    const kept = disk.list(paths.snap).filter((name) => /^db(\.imported)?$/.test(name));
    expect(kept).toHaveLength(1);
    expect(Buffer.from(disk.readFile(join(paths.snap, kept[0] ?? ""))).equals(database)).toBe(true);
    if (isGoDataDirectory(disk, paths)) return "go";
    const problems: string[] = [];
    const file = disk.open(paths.storeFile, "read");
    const store = new LmdbFile(file);
    store.check((problem) => problems.push(problem));
    expect(problems).toEqual([]);
    expect(revisionsOf(store)).toEqual(expectedRevisions());
    file.close();
    return "etcdx";
  }
}

const hex = (key: Uint8Array): string => Buffer.from(key).toString("hex");

function revisionsOf(store: LmdbFile): string[] {
  const keys: string[] = [];
  store.each("key", (key) => {
    keys.push(hex(key));
    return undefined;
  });
  return keys;
}

function expectedRevisions(): string[] {
  const keys: string[] = [];
  const cursor = new BoltReader(new MemoryFile(database)).bucket("key")?.cursor();
  for (let found = cursor?.first(); cursor !== undefined && found; found = cursor.next()) {
    keys.push(hex(cursor.key));
  }
  return keys;
}

test(
  "a takeover leaves one whole owner, and the next start has the store",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "takeover-crash-"));
    const found = new Set<string>();
    const steps = await crashEverywhere(
      {
        prepare: () => new World(folder),
        run: (world) => world.takeOver(),
        check: async (world) => {
          found.add(world.owner());
          await world.takeOver();
          expect(world.owner()).toBe("etcdx");
          const { disk, paths } = world;
          expect(disk.stat(paths.goDatabase)).toBeUndefined();
          const names = disk.list(paths.snap).filter((name) => !name.endsWith(".snap"));
          expect(names).toEqual(["db.imported", "store.lmdb"]);
        },
      },
      isThorough ? { seeds: 3 } : { seeds: 1, stride: 7 },
    );
    rmSync(folder, { recursive: true });
    expect([...found]).toEqual(["go", "etcdx"]);
    expect(steps).toBeGreaterThan(10);
  },
  TIMEOUT_MS,
);
