// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { silentLogger } from "../../src/base/contracts/logger.ts";
import { BoltReader } from "../../src/core/bolt/index.ts";
import { type BucketEdit, copyDatabase, writeDatabase } from "../../src/core/etcd-db/index.ts";
import { dataPaths } from "../../src/member/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { systemClock } from "../../src/platform/system-clock.ts";
import { takeOverGoDirectory } from "../../src/server/bootstrap/takeover/index.ts";
import { tempDir } from "../harness/temp-dir.ts";

/** Buckets, keys and values to put; a value of undefined takes the key away. */
export type Edits = Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;

const fixtures = join(import.meta.dirname, "../fixtures");
const disk = new NodeDisk();

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

/** The same after etcdx has taken it over: its rows are in a store of our own. */
export async function ownDirectory(version: string): Promise<string> {
  const directory = goDirectory(version, { auth: { authEnabled: "\0" } });
  const outside = { clock: systemClock, logger: silentLogger };
  await takeOverGoDirectory(disk, dataPaths(directory, undefined), outside);
  return directory;
}
