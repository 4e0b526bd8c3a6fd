// SPDX-License-Identifier: Apache-2.0
//
// What no server of this version serves is restored all the same: a cluster of several members, and
// users with authentication enabled. A restore is about files.

import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { Role, User } from "../api/gen/authpb.ts";
import { LmdbFile } from "../core/backend/index.ts";
import { BoltReader } from "../core/bolt/index.ts";
import { copyDatabase, writeDatabase } from "../core/etcd-db/index.ts";
import { readLog } from "../core/wal/index.ts";
import { type DataPaths, dataPaths, decodeMetadata } from "../member/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { checkDirectory } from "./check.ts";
import { type RestoreRequest, restoredMembers, restoreSnapshot } from "./restore.ts";
import { buildRestored, type DirectoryFormat } from "./restore-build.ts";

/** It has users. */
const fixture = new URL("../../test/fixtures/etcd-3.4.23/snapshot.db", import.meta.url).pathname;
const ROOT = Buffer.from("root");
const AUTH_ENABLED = { key: new TextEncoder().encode("authEnabled"), value: Uint8Array.of(1) };
const disk = new NodeDisk();
const outside = { report: () => {}, note: () => {}, signal: new AbortController().signal };

/** What genuine etcdutl 3.7.1 makes of the same flags. */
const CLUSTER_ID = 0x2a017201d58189f1n;
const MEMBER_IDS = { a: 0x7466de5a231a0b51n, b: 0xa5952c585d6e18bfn, c: 0xe4212f7dc62de4ddn };
const NAMES = ["a", "b", "c"] as const;
const urlOf = (name: string): string => `http://127.0.0.1:${name.charCodeAt(0) - 96}`;

/** The fixture with a root, and authentication enabled. */
function protectedSnapshot(): string {
  const path = join(tempDir(), "protected.db");
  const source = disk.open(fixture, "read");
  const target = disk.open(path, "create", 0o600);
  const edits = new Map([
    ["auth", { puts: [AUTH_ENABLED] }],
    ["authUsers", { puts: [{ key: ROOT, value: User.encode({ name: ROOT, roles: ["root"] }) }] }],
    ["authRoles", { puts: [{ key: ROOT, value: Role.encode({ name: ROOT }) }] }],
  ]);
  writeDatabase(target, (writer) => copyDatabase(new BoltReader(source), writer, edits));
  source.close();
  target.close();
  return path;
}

async function restored(
  snapshot: string,
  name: string,
  format: DirectoryFormat,
): Promise<DataPaths> {
  const dataDir = join(tempDir(), name);
  const request: RestoreRequest = {
    ...{ snapshot, dataDir, walDir: "", format, name, token: "three", bumpRevision: 0 },
    initialCluster: NAMES.map((each) => `${each}=${urlOf(each)}`).join(","),
    advertisePeerUrls: urlOf(name),
    skipsHashCheck: true,
  };
  await restoreSnapshot(disk, request, await restoredMembers(request), outside, async (order) => {
    if (order.kind !== "restore") throw new Error("a hash is looked for that is not there");
    await buildRestored(disk, order, { progress: () => {}, note: () => {} });
  });
  return dataPaths(dataDir, undefined);
}

type Rows = readonly (readonly [key: string, value: string])[];

const TABLES = ["auth", "authUsers", "authRoles", "members", "members_removed"] as const;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function ownRows({ storeFile }: DataPaths): readonly Rows[] {
  const file = disk.open(storeFile, "read");
  const store = new LmdbFile(file);
  const tables = TABLES.map((table) => {
    const rows: [string, string][] = [];
    store.each(table, (key, value) => {
      rows.push([hex(key), hex(value)]);
      return undefined;
    });
    return rows;
  });
  file.close();
  return tables;
}

function goRows({ goDatabase }: DataPaths): readonly Rows[] {
  const file = disk.open(goDatabase, "read");
  const reader = new BoltReader(file);
  const tables = TABLES.map((table) => {
    const rows: [string, string][] = [];
    const cursor = reader.bucket(table)?.cursor();
    for (let found = cursor?.first(); cursor !== undefined && found; found = cursor.next()) {
      rows.push([hex(cursor.key), hex(cursor.value)]);
    }
    return rows;
  });
  file.close();
  return tables;
}

test.each(NAMES)(
  "member %s of three has etcd's IDs, and the rows of a Go directory",
  async (name) => {
    const snapshot = protectedSnapshot();
    const own = await restored(snapshot, name, "etcdx");
    const { metadata, entries, hardState } = readLog(disk, own.wal, { index: 3, term: 1 });
    expect(decodeMetadata(metadata ?? new Uint8Array(0))).toEqual({
      clusterId: CLUSTER_ID,
      memberId: MEMBER_IDS[name],
    });
    expect([entries.length, hardState.commit, hardState.vote]).toEqual([0, 3, MEMBER_IDS.a]);
    const rows = ownRows(own);
    expect(rows).toEqual(goRows(await restored(snapshot, name, "go")));
    const [auth = [], users = [], , members = []] = rows;
    expect(auth).toContainEqual([hex(AUTH_ENABLED.key), hex(AUTH_ENABLED.value)]);
    expect(users.length).toBeGreaterThan(0);
    const ids = members.map(([key]) => Buffer.from(key, "hex").toString());
    expect(ids).toEqual(NAMES.map((each) => MEMBER_IDS[each].toString(16)));
    const { findings } = await checkDirectory({ disk, dataDir: own.data, walDir: "" });
    expect(findings.list).toEqual([]);
  },
);
