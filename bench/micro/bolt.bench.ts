// SPDX-License-Identifier: Apache-2.0
//
// Database files: writing one of many keys, reading it, checking it, and what the offline tools
// compute from it, beside genuine etcdutl where `npm run interop:build` has built it. Run with
// `node bench/micro/bolt.bench.ts [keys]`. Keys have 16 bytes, values 256.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyValue } from "../../src/api/gen/mvccpb.ts";
import type { DiskFile } from "../../src/base/contracts/disk.ts";
import { BoltReader, checkBolt } from "../../src/core/bolt/index.ts";
import {
  copyDatabase,
  type DatabaseWriter,
  databaseStatus,
  editDatabase,
  hashKv,
  META_KEYS,
  revisionKey,
  verifySnapshot,
  writeDatabase,
} from "../../src/core/etcd-db/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { createSha256 } from "../../src/platform/sha256.ts";

const VALUE_BYTES = 256;
const etcdutl = join(import.meta.dirname, "../../test/interop/bin/etcdutl");
const utf8 = new TextEncoder();

export interface BoltFigures {
  readonly keys: number;
  readonly sizeBytes: number;
  readonly statusHash: number;
  readonly hashKv: number;
}

function fill(writer: DatabaseWriter, keys: number): void {
  const value = new Uint8Array(VALUE_BYTES).fill(0x76);
  writer.openBucket("key");
  for (let index = 0; index < keys; index++) {
    value[index % VALUE_BYTES] = index;
    const key = utf8.encode(`key${`${(index * 7919) % keys}`.padStart(13, "0")}`);
    const main = index + 2;
    const pair = { key, createRevision: main, modRevision: main, version: 1, value };
    writer.put(revisionKey(main, 0), KeyValue.encode(pair));
  }
  writer.openBucket("meta");
  writer.put(META_KEYS.storageVersion, utf8.encode("3.7.0"));
}

/** Prints how long an action took, per key, and what the process holds. */
function measure<T>(name: string, keys: number, action: () => T): T {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const result = action();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const rate = Math.round(keys / (wall / 1000)).toLocaleString("en");
  const resident = Math.round(process.memoryUsage.rss() / 1e6);
  const perKey = ((user + system) / keys).toFixed(2);
  console.log(
    `${name}: ${Math.round(wall)} ms, ${rate} keys/s, CPU ${perKey} us/key, ${resident} MB resident`,
  );
  return result;
}

/** Makes a snapshot file of a database. */
function addHash(file: DiskFile): void {
  const digest = createSha256();
  verifySnapshot(file, createSha256, (slice) => digest.update(slice));
  file.write(digest.finish(), file.size());
}

function scan(reader: BoltReader): number {
  let bytes = 0;
  const cursor = reader.bucket("key")?.cursor();
  for (let found = cursor?.first(); found && cursor !== undefined; found = cursor.next()) {
    bytes += cursor.valueEnd - cursor.keyStart;
  }
  return bytes;
}

function runGenuine(keys: number, path: string): void {
  if (!existsSync(etcdutl)) return;
  const restore = ["snapshot", "restore", path, `--data-dir=${path}.restored`];
  measure("genuine etcdutl snapshot restore", keys, () => spawnSync(etcdutl, restore));
  for (const words of [["snapshot", "status"], ["hashkv"]]) {
    // It writes into what it hashes.
    copyFileSync(path, `${path}.genuine`);
    measure(`genuine etcdutl ${words.join(" ")}`, keys, () =>
      spawnSync(etcdutl, [...words, `${path}.genuine`]),
    );
  }
}

export function runBolt(keys: number, options: { readonly withGenuine: boolean }): BoltFigures {
  const directory = mkdtempSync(join(tmpdir(), "bolt-bench-"));
  try {
    const disk = new NodeDisk();
    const path = join(directory, "db");
    const file = disk.open(path, "create");
    measure("make rows and write", keys, () => writeDatabase(file, (writer) => fill(writer, keys)));
    const reader = new BoltReader(file);
    addHash(file);
    measure("scan", keys, () => scan(reader));
    const { findings } = measure("check", keys, () => checkBolt(reader));
    if (findings.length > 0) throw new Error("what was written is not sound");
    const status = measure("status", keys, () => databaseStatus(reader));
    const hash = measure("hashkv", keys, () => hashKv(reader, 0));
    const verdict = measure("sha-256", keys, () => verifySnapshot(file, createSha256));
    if (verdict.kind !== "good") throw new Error("the hash that was added is not found");
    const copy = disk.open(`${path}.copy`, "create");
    measure("copy", keys, () => writeDatabase(copy, (writer) => copyDatabase(reader, writer)));
    measure("hash, copy and edit", keys, () => {
      verifySnapshot(file, createSha256, (slice, position) => copy.write(slice, position));
      editDatabase(new BoltReader(copy), copy, new Map([["members", { drops: true, puts: [] }]]));
    });
    copy.close();
    if (options.withGenuine) runGenuine(keys, path);
    file.close();
    const { sizeBytes } = reader;
    return {
      keys,
      sizeBytes,
      statusHash: status.hash,
      hashKv: hash.kind === "hash" ? hash.hash : 0,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (import.meta.main)
  console.log(runBolt(Number(process.argv[2] ?? 1_000_000), { withGenuine: true }));
