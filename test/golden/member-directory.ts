// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Backend, openLmdbBackend } from "../../src/core/backend/index.ts";
import { BoltReader } from "../../src/core/bolt/index.ts";
import { type BucketEdit, copyDatabase, writeDatabase } from "../../src/core/etcd-db/index.ts";
import { ClusterMembership } from "../../src/core/membership/index.ts";
import { MvccStore } from "../../src/core/mvcc/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { tempDir } from "../harness/temp-dir.ts";

/** Buckets, keys and values to put; a value of undefined takes the key away. */
export type Edits = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

const fixtures = join(import.meta.dirname, "../fixtures");
const disk = new NodeDisk();

const REVISION = 16;
const CONSISTENT_INDEX = 27;
/** The one member of the fixture, as its .snap file has it. */
const MEMBER = {
  id: 0x4f8256cd80bf41can,
  peerUrls: ["http://127.0.0.1:31580"],
  isLearner: false,
  name: "s1",
  clientUrls: ["http://127.0.0.1:31579"],
};

function editOf(rows: Readonly<Record<string, string | undefined>>): BucketEdit {
  const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
  return {
    puts: Object.entries(rows).map(([key, value]) => ({
      key: bytes(key),
      value: value === undefined ? undefined : bytes(value),
    })),
  };
}

/** A data directory of genuine etcd, its database edited; texts are one character per byte. */
export function goDirectory(version: string, edits: Edits = {}): string {
  const source = join(fixtures, `etcd-${version}`);
  const directory = tempDir();
  for (const part of ["wal", "snap"]) {
    mkdirSync(join(directory, "member", part), { recursive: true });
    for (const name of readdirSync(join(source, "member", part))) {
      copyFileSync(join(source, "member", part, name), join(directory, "member", part, name));
    }
  }
  const from = disk.open(join(source, "snapshot.db"), "read");
  const to = disk.open(join(directory, "member/snap/db"), "create", 0o600);
  const changes = Object.entries(edits).map(([name, rows]) => [name, editOf(rows)] as const);
  writeDatabase(to, (writer) => copyDatabase(new BoltReader(from), writer, new Map(changes)));
  from.close();
  to.close();
  return directory;
}

/** Makes a store from nothing; `changes` is to end every transaction that it begins. */
async function makeStore(
  snap: string,
  changes: (keys: MvccStore, backend: Backend) => void | Promise<void>,
): Promise<void> {
  rmSync(join(snap, "db"));
  const store = join(snap, "store.lmdb");
  mkdirSync(store);
  const backend = await openLmdbBackend(store);
  await changes(new MvccStore(backend), backend);
  new ClusterMembership(backend).change({ kind: "add", member: MEMBER });
  backend.setConsistentIndex(CONSISTENT_INDEX, 2);
  await backend.commit();
  // As a crash would leave it: closing writes the rest of the index.
  const crashed = readFileSync(join(store, "data.mdb"));
  await backend.close();
  writeFileSync(join(store, "data.mdb"), crashed);
}

/** A data directory of etcdx: the log of genuine etcd, and a store as it might have made of it. */
export async function ownDirectory(): Promise<string> {
  const directory = goDirectory("3.4.23");
  await makeStore(join(directory, "member/snap"), (keys, backend) => {
    for (let revision = 2; revision <= REVISION; revision++) {
      const txn = keys.write();
      if (revision % 5 === 0) txn.deleteRange(Buffer.from("k2"), new Uint8Array(0));
      else txn.put(Buffer.from(`k${revision % 3}`), Buffer.from(`v${revision}`), 0n);
      txn.end();
    }
    backend.wantIndex();
  });
  return directory;
}

/** The same with a key that a lease has taken with it, which its index has not heard of. */
export async function laggingDirectory(): Promise<string> {
  const directory = goDirectory("3.4.23");
  await makeStore(join(directory, "member/snap"), async (keys, backend) => {
    const put = keys.write();
    put.put(Buffer.from("leased"), Buffer.from("v"), 9n);
    put.end();
    backend.setConsistentIndex(CONSISTENT_INDEX - 1, 2);
    backend.wantIndex();
    await backend.commit();
    const end = keys.write();
    end.deleteRange(Buffer.from("leased"), new Uint8Array(0));
    end.end();
  });
  return directory;
}
