// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLmdbBackend } from "../../../src/core/backend/index.ts";
import { BoltReader, checkBolt } from "../../../src/core/bolt/index.ts";
import { hashKv, revisionKey } from "../../../src/core/etcd-db/index.ts";
import { KeyHistory } from "../../../src/core/etcd-db/testing/key-history.ts";
import { MvccStore } from "../../../src/core/mvcc/index.ts";
import { dataPaths } from "../../../src/member/index.ts";
import { checkDirectory } from "../../../src/offline/index.ts";
import { NodeDisk } from "../../../src/platform/node-disk.ts";
import { beginUtil } from "./kill-kind.ts";

const disk = new NodeDisk();
const HASH_ROWS_PER_STEP = 10_000;
/** Far above every revision that there is. */
const PASSING_REVISION = 1_000_000;

/** What the kinds of work start from; all directories hold the same keys. */
export class Sources {
  readonly folder = mkdtempSync(join(tmpdir(), "etcdx-kills-"));
  readonly snapshot = join(this.folder, "snapshot.db");
  /** A data directory of etcdx, and one whose store has room to gain. */
  readonly member = join(this.folder, "member");
  readonly loose = join(this.folder, "loose");
  /** A data directory of Go etcd. */
  readonly goMember = join(this.folder, "go-member");
  readonly revisions: number;
  hash = -1;

  constructor(revisions: number) {
    this.revisions = revisions;
  }

  async prepare(): Promise<void> {
    const made = new KeyHistory();
    const keys = Math.ceil(this.revisions / 3);
    for (let at = 0; at < this.revisions; at++) {
      made.change([[`key/${at % keys}`, "v".repeat(200)]]);
    }
    const { bytes } = made.file({ isFinished: true });
    const trailer = createHash("sha256").update(bytes).digest();
    writeFileSync(this.snapshot, Buffer.concat([bytes, trailer]));
    this.hash = databaseHash(this.snapshot);
    const restore = ["snapshot", "restore", this.snapshot, "--data-dir"];
    await (await beginUtil([...restore, this.member])).finish();
    await (await beginUtil([...restore, this.goMember, "--format=go"])).finish();
    cpSync(this.member, this.loose, { recursive: true });
    await loosen(dataPaths(this.loose, undefined).store, this.revisions);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Fills a store with as many rows again and removes them, which leaves the room they took. */
async function loosen(store: string, rows: number): Promise<void> {
  const backend = await openLmdbBackend(store);
  const value = Buffer.alloc(300, "x");
  const keys = Array.from({ length: rows }, (_, at) => revisionKey(PASSING_REVISION + at, 0));
  for (const key of keys) backend.put("key", key, value);
  await backend.commit();
  for (const key of keys) backend.delete("key", key);
  await backend.commit();
  await backend.close();
}

export function fileHash(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** HashKV of a sound database file. */
export function databaseHash(path: string): number {
  const file = disk.open(path, "read");
  try {
    const reader = new BoltReader(file);
    const { findings } = checkBolt(reader);
    if (findings.length > 0) throw new Error(`${path}: ${JSON.stringify(findings)}`);
    const answer = hashKv(reader, 0);
    return answer.kind === "hash" ? answer.hash : -1;
  } finally {
    file.close();
  }
}

/** HashKV of a store of our own, which is opened for that as a member would. */
export async function storeHash(store: string): Promise<number> {
  const backend = await openLmdbBackend(store);
  try {
    const answer = new MvccStore(backend).hashByRevision(0);
    if (answer.kind === "hash") return answer.hash;
    if (answer.kind !== "job") return -1;
    let step = answer.step(HASH_ROWS_PER_STEP);
    while (!step.done) step = answer.step(HASH_ROWS_PER_STEP);
    return step.result.hash;
  } finally {
    await backend.close();
  }
}

/** Throws unless log, `.snap` files and store of a directory are sound and agree. */
export async function checkSound(dataDir: string): Promise<void> {
  const { findings } = await checkDirectory({ disk, dataDir, walDir: "" });
  if (findings.errors > 0) throw new Error(`${dataDir}: ${JSON.stringify(findings.list)}`);
}

/** Throws unless the HashKV is that of all sources. */
export function checkHash(sources: Sources, hash: number, of: string): void {
  if (hash !== sources.hash) throw new Error(`${of} has hash ${hash}, not ${sources.hash}`);
}

/** Copies a directory over whatever was at its target. */
export function copyFresh(from: string, to: string): void {
  if (existsSync(to)) rmSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}
