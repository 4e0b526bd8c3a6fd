// SPDX-License-Identifier: Apache-2.0
//
// Database files in both directions: what we write is read, restored, served, written to, compacted
// and defragmented by genuine etcd 3.7.1; what that leaves is read by us, with the same answers.

import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import {
  BoltReader,
  type BucketContent,
  checkBolt,
  replaceBuckets,
} from "../../src/core/bolt/index.ts";
import { readModel } from "../../src/core/bolt/testing/bucket-model.ts";
import {
  copyDatabase,
  databaseStatus,
  hashKv,
  restoreDatabase,
  verifySnapshot,
  writeDatabase,
} from "../../src/core/etcd-db/index.ts";
import { KeyHistory } from "../../src/core/etcd-db/testing/key-history.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { createSha256 } from "../../src/platform/sha256.ts";
import { Store } from "../conformance/subjects/store.ts";
import { freePort } from "../harness/free-port.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { genuineCommand } from "../harness/server-command.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { genuineEtcdutl, runEtcdutl } from "./etcdutl-process.ts";

const etcdutl = genuineEtcdutl() ?? "";
const etcd = genuineCommand();
const isHere = etcdutl !== "" && etcd !== undefined;
if (!isHere) console.log("database: genuine etcd 3.7.1 is missing, left out");

const disk = new NodeDisk();

/** A key space of thousands of rows with deletions, values of all sizes and a compaction. */
function history(changes: number, seed: number): KeyHistory {
  const random = new SeededRandom(seed);
  const made = new KeyHistory();
  for (let index = 0; index < changes; index++) {
    const large = random.chance(2) ? 20_000 : 300;
    const value = random.chance(85) ? "v".repeat(random.intBelow(large)) : undefined;
    made.change([
      [`key/${random.intBelow(400)}`, value],
      [`second/${random.intBelow(20)}`, random.chance(50) ? "w" : undefined],
    ]);
  }
  return made;
}

function write(path: string, bytes: Uint8Array): void {
  const file = disk.open(path, "create");
  file.write(bytes, 0);
  file.close();
}

function open(path: string): BoltReader {
  return new BoltReader(disk.open(path, "read"));
}

/** The database of a history as a snapshot file, its SHA-256 behind it. */
function writeSnapshot(path: string, made: KeyHistory): void {
  const { bytes } = made.file({ isFinished: true });
  const digest = createSha256();
  digest.update(bytes);
  write(path, Buffer.concat([bytes, digest.finish()]));
}

function statusOf(path: string): unknown {
  const { status, stdout, stderr } = runEtcdutl(etcdutl, ["snapshot", "status", path, "-w=json"]);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** Genuine hashkv writes into the file, so it gets a copy. */
function hashOf(path: string, revision: number): unknown {
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  const words = ["hashkv", copy, `--rev=${revision}`, "-w=json"];
  const { status, stdout, stderr } = runEtcdutl(etcdutl, words);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

function expectEqualAnswers(path: string, revisions: readonly number[]): void {
  const reader = open(path);
  expect(checkBolt(reader).findings).toEqual([]);
  const { hash, revision, totalKeys, totalSizeBytes, version } = databaseStatus(reader);
  const status = { hash, revision, totalKey: totalKeys, totalSize: totalSizeBytes, version };
  expect(statusOf(path)).toEqual(status);
  for (const asked of revisions) {
    expect(hashOf(path, asked)).toEqual({ ...hashKv(reader, asked), kind: undefined });
  }
}

test.runIf(isHere).each([1, 2, 3])(
  "etcdutl tells of our file what we tell of it (history %i)",
  (seed) => {
    const made = history(700, seed);
    made.compact = seed === 1 ? -1 : 300;
    if (seed === 3) made.finishCompaction();
    const path = join(tempDir(), "snapshot.db");
    writeSnapshot(path, made);
    const { current } = made;
    expectEqualAnswers(path, [0, 300, 301, 400, current - 1, current]);
  },
);

test.runIf(isHere)("etcdutl goes on with a file of which we have replaced buckets", () => {
  const dir = tempDir();
  mkdirSync(join(dir, "member/snap"), { recursive: true });
  const path = join(dir, "member/snap/db");
  write(path, history(300, 8).file({ isFinished: true }).bytes);
  const text = (value: string) => new TextEncoder().encode(value);
  for (const version of ["3.5.0", "3.6.0"]) {
    const file = disk.open(path, "write");
    const contents = new Map<string, BucketContent>([
      ["meta", (put) => put(text("storageVersion"), text(version))],
      ["members", (put) => put(text("1f"), text("{}".padEnd(9000)))],
    ]);
    replaceBuckets(new BoltReader(file), file, contents);
    file.close();
    expectEqualAnswers(path, [0]);
  }
  const before = readModel(open(path).root);
  const { status, stderr } = runEtcdutl(etcdutl, ["defrag", `--data-dir=${dir}`]);
  expect(status, stderr).toBe(0);
  expect(readModel(open(path).root)).toEqual(before);
  expect(databaseStatus(open(path)).version).toBe("3.6.0");
});

test.runIf(isHere)("etcdutl defragments our file, and we read what it leaves", () => {
  const dir = tempDir();
  mkdirSync(join(dir, "member/snap"), { recursive: true });
  const path = join(dir, "member/snap/db");
  write(path, history(500, 9).file({ isFinished: true }).bytes);
  const before = readModel(open(path).root);
  const { status, stderr } = runEtcdutl(etcdutl, ["defrag", `--data-dir=${dir}`]);
  expect(status, stderr).toBe(0);
  const after = open(path);
  expect(after.meta.txid).not.toBe(2n);
  expect(readModel(after.root)).toEqual(before);
  expect(checkBolt(after).findings).toEqual([]);
  const own = join(dir, "own");
  const copy = disk.open(own, "create");
  writeDatabase(copy, (writer) => copyDatabase(after, writer));
  // Packed by us, the same content takes about as much room.
  expect(copy.size()).toBeLessThan(after.sizeBytes * 1.1);
  copy.close();
  expectEqualAnswers(own, [0]);
});

test.runIf(isHere)(
  "etcdutl makes a data directory of our snapshot, and etcd lives on in it",
  async () => {
    if (etcd === undefined) return;
    const dir = tempDir();
    const made = history(600, 4);
    const snapshot = join(dir, "snapshot.db");
    writeSnapshot(snapshot, made);
    const ports = { client: await freePort(), peer: await freePort() };
    const peer = `http://127.0.0.1:${ports.peer}`;
    const dataDir = join(dir, "m1");
    const words = ["snapshot", "restore", snapshot, "--name=m1", `--data-dir=${dataDir}`];
    words.push(`--initial-cluster=m1=${peer}`, `--initial-advertise-peer-urls=${peer}`);
    const restored = runEtcdutl(etcdutl, words);
    expect(restored.status, restored.stderr).toBe(0);

    const store = await Store.open({ command: etcd, dataDir, ports });
    const { client } = store;
    try {
      const answer = await client.unary(MaintenanceService.hashKV, { revision: made.current });
      expect(answer.hash).toBe(made.hashKv(made.current));
      for (let index = 0; index < 300; index++)
        await store.put(`new/${index % 50}`, "x".repeat(index * 20));
      await store.del("key/", { rangeEnd: "key0" });
      await store.compact(made.current + 100, true);
      await client.unary(MaintenanceService.defragment, {});
      for (let index = 0; index < 50; index++) await store.put(`last/${index}`, "y");
      const { hash, compactRevision } = await client.unary(MaintenanceService.hashKV, {});
      expect(await store.server.kill("SIGTERM")).toMatchObject({ signal: "SIGTERM" });
      const path = join(dataDir, "member/snap/db");
      expectEqualAnswers(path, [0, made.current + 200]);
      expect(hashKv(open(path), 0)).toMatchObject({ hash, compactRevision });
    } finally {
      await store.close();
    }
  },
);

test.runIf(isHere).each([0, 500])(
  "what we restore has the content that etcdutl restores (bumped by %i)",
  (bumpRevision) => {
    const dir = tempDir();
    const snapshot = join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db");
    const words = ["snapshot", "restore", snapshot, `--data-dir=${dir}/m1`];
    if (bumpRevision > 0) words.push(`--bump-revision=${bumpRevision}`, "--mark-compacted");
    const restored = runEtcdutl(etcdutl, words);
    expect(restored.status, restored.stderr).toBe(0);
    const theirs = open(join(dir, "m1/member/snap/db"));
    const expected = readModel(theirs.root);
    const members = [...(expected.get("members") ?? [])].map(([id, json]) => ({
      ...{ id: BigInt(`0x${id}`), json: String(json) },
    }));
    expect(members.length).toBe(1);
    const target = disk.open(join(dir, "own.db"), "create");
    const outcome = restoreDatabase(disk.open(snapshot, "read"), target, {
      ...{ createSha256, skipsHashCheck: false, members, bumpRevision },
      ...{ consistentIndex: 1, term: 1 },
    });
    expect(outcome).toEqual({ kind: "restored" });
    target.close();
    expect(readModel(open(join(dir, "own.db")).root)).toEqual(expected);
    expectEqualAnswers(join(dir, "own.db"), [0]);
  },
);

test.runIf(isHere)("a revision that etcdutl has bumped counts for us as it does for it", () => {
  const dir = tempDir();
  const snapshot = join(dir, "snapshot.db");
  const made = history(200, 6);
  writeSnapshot(snapshot, made);
  const words = ["snapshot", "restore", snapshot, `--data-dir=${dir}/m1`];
  words.push("--bump-revision=1000", "--mark-compacted");
  const restored = runEtcdutl(etcdutl, words);
  expect(restored.status, restored.stderr).toBe(0);
  const path = join(dir, "m1/member/snap/db");
  const bumped = made.current + 1000;
  expect(hashKv(open(path), 0)).toMatchObject({ hashRevision: bumped, compactRevision: bumped });
  expectEqualAnswers(path, [0]);
});

test.runIf(isHere)("a damaged snapshot is refused by etcdutl and by us", () => {
  const path = join(tempDir(), "snapshot.db");
  writeSnapshot(path, history(100, 5));
  const bytes = readFileSync(path);
  bytes[9000] = (bytes[9000] ?? 0) ^ 4;
  write(path, bytes);
  const dataDir = `${path}.d`;
  const { status, stderr } = runEtcdutl(etcdutl, [
    "snapshot",
    "restore",
    path,
    `--data-dir=${dataDir}`,
  ]);
  expect([status, stderr.includes("expected sha256")]).toEqual([1, true]);
  expect(existsSync(join(dataDir, "member/wal"))).toBe(false);
  expect(verifySnapshot(disk.open(path, "read"), createSha256).kind).toBe("mismatch");
});
