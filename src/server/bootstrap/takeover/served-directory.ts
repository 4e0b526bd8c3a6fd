// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../../base/contracts/disk.ts";
import { decodeRequest } from "../../../core/apply/index.ts";
import { type Backend, openMemoryBackend } from "../../../core/backend/index.ts";
import type { BoltReader } from "../../../core/bolt/index.ts";
import { ClusterMembership } from "../../../core/membership/index.ts";
import { type Entry, EntryType } from "../../../core/raft/index.ts";
import { DataDirError, type DataPaths } from "../data-dir.ts";
import {
  AUTH_ENABLED_KEY,
  type Content,
  membersWithLog,
  type Unserved,
  unservedContent,
} from "../served.ts";
import { damaged, type GoDatabase } from "./go-database.ts";
import { type GoLog, rebuildMembership } from "./go-log.ts";

/** Fields of `InternalRaftRequest`. */
const AUTH_FIELDS = { from: 1000, end: 1300 };
const FIXES: Readonly<Record<Unserved["kind"], string>> = {
  members: "go on with Go etcd, or restore a snapshot of it as one member",
  auth: "disable it with Go etcd (etcdctl auth disable), or go on with Go etcd",
};

/**
 * Refuses a directory of Go etcd that this version cannot serve, with a `DataDirError`: by what its
 * database says, or its `.snap` file before 3.6, and by what the log holds behind that.
 */
export async function checkServed(
  disk: Disk,
  paths: DataPaths,
  database: GoDatabase,
  log: GoLog,
): Promise<void> {
  const { reader, path, hasMembership, consistentIndex } = database;
  const backend = openMemoryBackend();
  try {
    if (hasMembership) copyMembers(reader, backend);
    else rebuildMembership(disk, paths, backend, log, consistentIndex);
    const ids = membershipIn(backend, path)
      .members()
      .map((member) => member.id);
    const authEnabled = reader.bucket("auth")?.get(AUTH_ENABLED_KEY);
    checkContent(paths, { members: ids.length, authEnabled });
    for (const entry of log.entries) {
      if (entry.index > consistentIndex) checkEntry(paths, entry);
    }
    const members = membersWithLog(ids, log.entries, consistentIndex);
    checkContent(paths, { members, authEnabled });
  } finally {
    await backend.close();
  }
}

function copyMembers(reader: BoltReader, backend: Backend): void {
  for (const table of ["members", "members_removed"] as const) {
    const cursor = reader.bucket(table)?.cursor();
    for (let found = cursor?.first(); cursor !== undefined && found; found = cursor.next()) {
      backend.put(table, cursor.key, cursor.value);
    }
  }
}

function membershipIn(backend: Backend, path: string): ClusterMembership {
  try {
    return new ClusterMembership(backend);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw damaged(path, cause);
  }
}

function checkContent({ data }: DataPaths, content: Content): void {
  const unserved = unservedContent(content);
  if (unserved === undefined) return;
  const { problem, kind } = unserved;
  throw new DataDirError(`data directory ${data} ${problem}; ${FIXES[kind]}`);
}

/** An entry that is still to be applied must be one that this version can apply. */
function checkEntry({ wal }: DataPaths, { type, index, data }: Entry): void {
  if (type !== EntryType.normal || data.length === 0) return;
  const { request } = decodeRequest(data);
  if (request.kind !== "unsupported") return;
  const isAuth = request.field >= AUTH_FIELDS.from && request.field < AUTH_FIELDS.end;
  const about = isAuth ? "about users, roles or authentication" : `a request ${request.field}`;
  throw new DataDirError(
    `entry ${index} of the log in ${wal} is ${about}, which is not supported yet, and is not in the ` +
      "database yet; start Go etcd on the directory, see that authentication is disabled, stop it " +
      "with SIGTERM and start again",
  );
}
