// SPDX-License-Identifier: Apache-2.0

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../../test/harness/temp-dir.ts";
import { silentLogger } from "../../../base/contracts/logger.ts";
import { openLmdbBackend } from "../../../core/backend/index.ts";
import { BoltReader } from "../../../core/bolt/index.ts";
import { type BucketEdit, copyDatabase, writeDatabase } from "../../../core/etcd-db/index.ts";
import { ClusterMembership } from "../../../core/membership/index.ts";
import { MvccStore } from "../../../core/mvcc/index.ts";
import {
  decodeMembershipV2,
  encodeMembershipV2,
  encodeSnapFile,
  Snapshotter,
} from "../../../core/snap/index.ts";
import { NodeDisk } from "../../../platform/node-disk.ts";
import { systemClock } from "../../../platform/system-clock.ts";
import { type DataPaths, dataPaths } from "../data-dir.ts";
import { isGoDataDirectory, takeOverGoDirectory } from "./index.ts";

const disk = new NodeDisk();
const fixtures = new URL("../../../../test/fixtures/etcd-3.4.23/", import.meta.url).pathname;
const outside = { clock: systemClock, logger: silentLogger };
const utf8 = new TextEncoder();

/** A data directory of etcd 3.4.23, its database edited, and what it had just before. */
function goDirectory(edits: Record<string, Record<string, string>> = {}): DataPaths {
  const paths = dataPaths(tempDir(), undefined);
  for (const part of ["wal", "snap"]) {
    mkdirSync(join(paths.member, part), { recursive: true });
    for (const name of readdirSync(join(fixtures, "member", part))) {
      copyFileSync(join(fixtures, "member", part, name), join(paths.member, part, name));
    }
  }
  const source = disk.open(join(fixtures, "snapshot.db"), "read");
  const target = disk.open(join(paths.snap, "db"), "create", 0o600);
  const edit = (puts: Record<string, string>): BucketEdit => ({
    puts: Object.entries(puts).map(([key, value]) => ({
      key: utf8.encode(key),
      value: utf8.encode(value),
    })),
  });
  writeDatabase(target, (writer) =>
    copyDatabase(
      new BoltReader(source),
      writer,
      new Map([
        ["auth", edit({ authEnabled: "\0" })],
        ...Object.entries(edits).map(([name, puts]) => [name, edit(puts)] as const),
      ]),
    ),
  );
  source.close();
  target.close();
  return paths;
}

function filesIn(paths: DataPaths): Map<string, string> {
  const names = readdirSync(paths.snap).filter((name) => !name.startsWith("store"));
  return new Map(names.map((name) => [name, readFileSync(join(paths.snap, name)).toString("hex")]));
}

test("the database of etcd 3.4.23 becomes a store with the same hash, members and place", async () => {
  const paths = goDirectory();
  expect(isGoDataDirectory(disk, paths)).toBe(true);
  await takeOverGoDirectory(disk, paths, outside);
  expect(isGoDataDirectory(disk, paths)).toBe(false);
  expect(readdirSync(paths.snap)).toContain("db.imported");
  const expected: { mvcc: { hashkv: { revision: number; hash: number }[] } } = JSON.parse(
    readFileSync(join(fixtures, "expected.json"), "utf8"),
  );
  const backend = await openLmdbBackend(paths.store);
  try {
    expect(backend.boundary).toEqual({ consistentIndex: 27, term: 2 });
    const store = new MvccStore(backend);
    for (const { revision, hash } of expected.mvcc.hashkv) {
      const job = store.hashByRevision(revision);
      if (!("step" in job)) throw new Error(`no hash at ${revision}`);
      let step = job.step(1000);
      while (!step.done) step = job.step(1000);
      expect(step.result).toMatchObject({ hash });
    }
    const membership = new ClusterMembership(backend);
    expect(membership.members().map(({ name }) => name)).toEqual(["s1"]);
    expect(membership.clusterVersion).toBe("3.4.0");
  } finally {
    await backend.close();
  }
});

test("a second start finds nothing to take over, and finishes what a crash left", async () => {
  const paths = goDirectory();
  const database = join(paths.snap, "db");
  copyFileSync(database, `${database}.copy`);
  await takeOverGoDirectory(disk, paths, outside);
  // As if the process had died before the database got its other name.
  copyFileSync(`${database}.copy`, database);
  await takeOverGoDirectory(disk, paths, outside);
  expect(readdirSync(paths.snap)).toEqual(
    expect.arrayContaining(["db.imported", "db.imported-2", "store.lmdb"]),
  );
});

/** A disk on which nothing can be made: what is refused is refused before that. */
class SettledDisk extends NodeDisk {
  override makeDirectory(path: string): void {
    throw new Error(`${path} is made`);
  }
}

test.each([
  ["authentication is enabled", { auth: { authEnabled: "\u0001" } }, "authentication enabled"],
  ["a later version wrote it", { meta: { storageVersion: "3.8.0" } }, 'storage version "3.8.0"'],
  [
    "it belongs to a cluster of several",
    {
      meta: { storageVersion: "3.6.0" },
      members: { "1": '{"id":1,"peerURLs":["http://a"]}', "2": '{"id":2,"peerURLs":["http://b"]}' },
    },
    "is that of a cluster of 3 members, which is not supported yet; go on with Go etcd, or restore",
  ],
  [
    "its members do not parse",
    { meta: { storageVersion: "3.6.0" }, members: { "1": "{" } },
    /snap\/db is damaged \(.*\); restore the data directory/,
  ],
  [
    "the log adds users that it does not have yet",
    { meta: { consistent_index: "\0\0\0\0\0\0\0\u0018" } },
    /^entry 25 of the log in .*wal is about users, roles or authentication, .*; start Go etcd on/,
  ],
])("when %s, the start is refused before anything is made", async (_case, edits, text) => {
  const paths = goDirectory(edits);
  const before = filesIn(paths);
  await expect(takeOverGoDirectory(new SettledDisk(), paths, outside)).rejects.toThrow(text);
  expect(filesIn(paths)).toEqual(before);
  expect(isGoDataDirectory(disk, paths)).toBe(true);
});

test("before 3.6 the .snap file says that there are several members", async () => {
  const paths = goDirectory();
  const snapshotter = new Snapshotter(disk, paths.snap);
  const [name = ""] = snapshotter.list();
  const { data, metadata } = snapshotter.read(name);
  const { members, removedIds, version } = decodeMembershipV2(data);
  const other = { id: 9n, name: "other", peerUrls: ["http://o"], isLearner: false, clientUrls: [] };
  const both = encodeMembershipV2({ members: [...members, other], removedIds, version });
  writeFileSync(join(paths.snap, name), encodeSnapFile({ data: both, metadata }));
  const before = filesIn(paths);
  const text = "is that of a cluster of 2 members";
  await expect(takeOverGoDirectory(new SettledDisk(), paths, outside)).rejects.toThrow(text);
  expect(filesIn(paths)).toEqual(before);
});

test("a database that is cut off is named with the place, and nothing changes", async () => {
  const paths = goDirectory();
  truncateSync(join(paths.snap, "db"), 9000);
  const before = filesIn(paths);
  await expect(takeOverGoDirectory(disk, paths, outside)).rejects.toThrow(/snap\/db is damaged \(/);
  expect(filesIn(paths)).toEqual(before);
});

test("a database without a log is refused", async () => {
  const paths = goDirectory();
  disk.removeTree(paths.wal);
  await expect(takeOverGoDirectory(disk, paths, outside)).rejects.toThrow(`no log in ${paths.wal}`);
});

test("a database older than the snapshot is refused, unless the newer one came with it", async () => {
  const old = { meta: { consistent_index: "\0\0\0\0\0\0\0\u0003" } };
  const paths = goDirectory(old);
  await expect(takeOverGoDirectory(disk, paths, outside)).rejects.toThrow(
    "snap: snapshot file doesn't exist",
  );
  const newer = goDirectory();
  writeFileSync(join(paths.snap, "0000000000000015.snap.db"), readFileSync(join(newer.snap, "db")));
  await takeOverGoDirectory(disk, paths, outside);
  const backend = await openLmdbBackend(paths.store);
  expect(backend.boundary.consistentIndex).toBe(27);
  await backend.close();
});
