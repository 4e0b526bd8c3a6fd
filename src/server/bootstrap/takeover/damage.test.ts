// SPDX-License-Identifier: Apache-2.0
//
// Data directories of Go etcd in which something is not as it should be: a start says what, where
// and what to do, in one line, and leaves every file as it was.

import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Fault, FaultyDisk } from "../../../../test/harness/faulty-disk.ts";
import { tempDir } from "../../../../test/harness/temp-dir.ts";
import type { Disk } from "../../../base/contracts/disk.ts";
import { silentLogger } from "../../../base/contracts/logger.ts";
import { BoltReader } from "../../../core/bolt/index.ts";
import { MemoryFile } from "../../../core/bolt/testing/memory-file.ts";
import { decodeSnapFile, encodeSnapFile } from "../../../core/snap/index.ts";
import { NodeDisk } from "../../../platform/node-disk.ts";
import { systemClock } from "../../../platform/system-clock.ts";
import { type DataPaths, dataPaths } from "../data-dir.ts";
import { takeOverGoDirectory } from "./index.ts";

const disk = new NodeDisk();
const fixtures = new URL("../../../../test/fixtures/etcd-3.4.23/", import.meta.url).pathname;
const outside = { clock: systemClock, logger: silentLogger };
const SEGMENT = "0000000000000000-0000000000000000.wal";
const SNAP = "0000000000000002-0000000000000015.snap";
const PAGE_BYTES = 4096;

function goDirectory(): DataPaths {
  const paths = dataPaths(tempDir(), undefined);
  cpSync(join(fixtures, "member"), paths.member, { recursive: true });
  cpSync(join(fixtures, "snapshot.db"), paths.goDatabase);
  return paths;
}

/** Every file of the directory with its bytes. */
function stateOf({ data }: DataPaths): Map<string, string> {
  const names = readdirSync(data, { recursive: true, encoding: "utf8" }).sort();
  return new Map(
    names.map((name) => {
      const path = join(data, name);
      return [name, statSync(path).isFile() ? readFileSync(path, "latin1") : "directory"];
    }),
  );
}

function edit(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

function asDirectory(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

/** Fills the page that leads to all buckets with zeros. */
function zeroRoot(bytes: Buffer): void {
  const { rootPage } = new BoltReader(new MemoryFile(bytes)).meta;
  bytes.fill(0, rootPage * PAGE_BYTES, (rootPage + 1) * PAGE_BYTES);
}

const wal = ({ wal: directory }: DataPaths): string => join(directory, SEGMENT);
const snap = ({ snap: directory }: DataPaths): string => join(directory, SNAP);

const cases: readonly (readonly [string, (paths: DataPaths) => void, RegExp])[] = [
  [
    "an empty database",
    (at) => truncateSync(at.goDatabase, 0),
    /snap\/db is damaged \(.*empty.*\); /,
  ],
  [
    "a database that is cut off",
    (at) => truncateSync(at.goDatabase, 9000),
    /snap\/db is damaged \(.*cut short: 9000 bytes.*\); restore/,
  ],
  [
    "a database of other content",
    (at) => writeFileSync(at.goDatabase, "no database ".repeat(2000)),
    /snap\/db is damaged \(.*is no database.*\); restore/,
  ],
  [
    "a database page of zeros",
    (at) => edit(at.goDatabase, zeroRoot),
    /snap\/db is damaged \(.*page \d+: .*\); restore/,
  ],
  ["a directory as the database", (at) => asDirectory(at.goDatabase), /snap\/db: EISDIR/],
  ["no log", (at) => rmSync(at.wal, { recursive: true }), /no log in .*wal; give --wal-dir/],
  ["a log that is empty", (at) => truncateSync(wal(at), 0), /member\/wal.*; /],
  ["a directory as a segment", (at) => asDirectory(wal(at)), /0{16}-0{16}\.wal: EISDIR/],
  [
    "a log with a flipped bit",
    (at) => edit(wal(at), (bytes) => bytes.writeUInt8(bytes.readUInt8(600) ^ 4, 600)),
    /0{16}-0{16}\.wal at offset 568 \(record 11\): the checksum.*; .*restore this file/,
  ],
  [
    "a log with a record of zeros",
    (at) => edit(wal(at), (bytes) => bytes.fill(0, 568, 640)),
    /0{16}-0{16}\.wal at offset 568 \(record 11\): .*; .*restore this file/,
  ],
  [
    "a log with a gap",
    (at) => cpSync(wal(at), join(at.wal, "0000000000000002-0000000000000020.wal")),
    /0{15}2-0{14}20\.wal: the segment before it should have number 1, .*; put the missing/,
  ],
  [
    "a log that begins behind its snapshot",
    (at) => renameSync(wal(at), join(at.wal, "0000000000000002-0000000000000020.wal")),
    /member\/wal: the log should reach back to entry 21, .*; .*put the missing files back/,
  ],
  [
    "a log that lacks its end",
    (at) => truncateSync(wal(at), 2000),
    /has applied entry 27, but the log in .*wal ends at entry \d+; .*: restore both/,
  ],
  [
    "a .snap file that is damaged, and no other",
    (at) => edit(snap(at), (bytes) => bytes.writeUInt8(bytes.readUInt8(500) ^ 1, 500)),
    /no \.snap file in .*snap is both readable and known to the log .*; restore the data/,
  ],
  [
    "a .snap file that is newer than the log, and no other",
    (at) => {
      const { data, metadata } = decodeSnapFile(readFileSync(snap(at)), snap(at));
      writeFileSync(snap(at), encodeSnapFile({ data, metadata: { ...metadata, index: 99 } }));
    },
    /no \.snap file in .*snap is both readable and known to the log .*; restore the data/,
  ],
  ["no .snap file", (at) => rmSync(snap(at)), /no \.snap file in .*; restore the data/],
];

test.each(cases)("%s is told, and nothing is changed", async (_case, harm, text) => {
  const paths = goDirectory();
  // The fixture has authentication enabled, which is looked at in its own test.
  harm(paths);
  const before = stateOf(paths);
  const problem = await problemOf(paths);
  expect(problem).toMatch(text);
  expect(problem).not.toContain("\n");
  expect(stateOf(paths)).toEqual(before);
});

test("a full disk is told, nothing is changed, and the next start goes on", async () => {
  const paths = goDirectory();
  const before = stateOf(paths);
  for (const operation of ["write", "datasync"] as const) {
    const fault: Fault = { operation, pathPart: ".importing", after: 0, code: "ENOSPC" };
    const problem = await problemOf(paths, new FaultyDisk(disk, fault));
    expect(problem).toMatch(/store\.lmdb\.importing\S*: ENOSPC/);
    expect(stateOf(paths)).toEqual(before);
  }
  expect(await problemOf(paths)).toBeUndefined();
});

/** Why the start is refused; undefined when the directory was taken over. */
async function problemOf(paths: DataPaths, on: Disk = disk): Promise<string | undefined> {
  try {
    await takeOverGoDirectory(on, paths, outside);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    expect(["DataDirError", "WalError", "DiskError"]).toContain(error.name);
    return error.message;
  }
}
