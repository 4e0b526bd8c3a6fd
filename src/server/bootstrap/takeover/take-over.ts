// SPDX-License-Identifier: Apache-2.0
//
// A data directory of Go etcd becomes ours in place: log and `.snap` files are used as they are,
// the rows of its database are copied into a store of our own beside it. The store gets its name
// when it is whole and durable, and only then the database gets another one; a crash at any point
// leaves a directory that either Go etcd or the next start goes on with.

import { join } from "node:path";
import type { Disk } from "../../../base/contracts/disk.ts";
import { openLmdbBackend } from "../../../core/backend/index.ts";
import { BoltError } from "../../../core/bolt/index.ts";
import { EtcdDbError } from "../../../core/etcd-db/index.ts";
import { databaseFileName } from "../../../core/snap/index.ts";
import { Wal } from "../../../core/wal/index.ts";
import { type ImportOutside, importRows } from "../../../interchange/index.ts";
import { DataDirError, type DataPaths } from "../data-dir.ts";
import { damaged, type GoDatabase, openGoDatabase } from "./go-database.ts";
import { type GoLog, readGoLog, rebuildMembership, termAt } from "./go-log.ts";
import { checkServed } from "./served-directory.ts";

const CALLER = "takeover/take-over.ts";
const DATABASE_NAME = "db";
/** Half-made stores; removed at the next start. */
const IMPORTING_SUFFIX = ".importing";
const DIRECTORY_MODE = 0o700;

/** Whether the directory was last used by Go etcd: it holds a database and no store of ours. */
export function isGoDataDirectory(disk: Disk, paths: DataPaths): boolean {
  return isThere(disk, join(paths.snap, DATABASE_NAME)) && !isThere(disk, paths.store);
}

/**
 * Takes the directory over when it is one of Go etcd. The caller holds its lock. Rejects with a
 * `DataDirError` when the directory is damaged or this version cannot serve it, and leaves it as
 * it was.
 */
export async function takeOverGoDirectory(
  disk: Disk,
  paths: DataPaths,
  outside: ImportOutside,
): Promise<void> {
  const importing = `${paths.store}${IMPORTING_SUFFIX}`;
  disk.removeTree(importing);
  if (isGoDataDirectory(disk, paths)) {
    try {
      await importStore(disk, paths, importing, outside);
    } catch (cause) {
      disk.removeTree(importing);
      throw cause;
    }
    disk.rename(importing, paths.store);
    disk.syncDirectory(paths.snap);
  }
  setAside(disk, paths, outside);
}

/** The database has become the store: it is kept, under a name that no etcd opens. */
function setAside(disk: Disk, paths: DataPaths, { logger }: ImportOutside): void {
  const database = join(paths.snap, DATABASE_NAME);
  if (!isThere(disk, database)) return;
  let kept = `${database}.imported`;
  for (let copy = 2; isThere(disk, kept); copy++) kept = `${database}.imported-${copy}`;
  disk.rename(database, kept);
  disk.syncDirectory(paths.snap);
  logger.log("info", CALLER, "the database of Go etcd is no longer used and may be removed", {
    path: kept,
  });
}

async function importStore(
  disk: Disk,
  paths: DataPaths,
  importing: string,
  outside: ImportOutside,
): Promise<void> {
  const { clock, logger } = outside;
  if (!Wal.exists(disk, paths.wal)) {
    throw new DataDirError(
      `data directory ${paths.data} holds a database of Go etcd but no log in ${paths.wal}; give ` +
        "--wal-dir as it was given to Go etcd, or restore the data directory from a snapshot",
    );
  }
  const startMs = clock.monotonicMs();
  const log = readGoLog(disk, paths);
  const path = databasePath(disk, paths, log);
  logger.log("info", CALLER, "taking over the data directory of Go etcd", { database: path });
  const file = disk.open(path, "read");
  try {
    const database = openGoDatabase(file);
    const { consistentIndex, term } = database;
    checkReach(paths, path, log, consistentIndex);
    await checkServed(disk, paths, database, log);
    disk.makeDirectory(importing, DIRECTORY_MODE);
    const boundary = { consistentIndex, term: term === 0 ? termAt(log, consistentIndex) : term };
    const options = { boundary, withMembership: database.hasMembership };
    const rows = await importRows(disk, importing, database.reader, options, outside);
    await completeMembership(disk, paths, importing, database, log);
    const tookMs = Math.round(clock.monotonicMs() - startMs);
    const fields = {
      rows,
      took: `${tookMs}ms`,
      "consistent-index": consistentIndex,
    };
    logger.log("info", CALLER, "imported the database of Go etcd", fields);
  } catch (cause) {
    if (cause instanceof BoltError || cause instanceof EtcdDbError) throw damaged(path, cause);
    throw cause;
  } finally {
    file.close();
  }
  disk.syncDirectory(importing);
}

/** What the database holds was in the log first: a log that ends before has lost its end. */
function checkReach(
  paths: DataPaths,
  database: string,
  { start, entries }: GoLog,
  consistentIndex: number,
): void {
  const last = entries.at(-1)?.index ?? start.index;
  if (consistentIndex <= last) return;
  throw new DataDirError(
    `the database ${database} has applied entry ${consistentIndex}, but the log in ${paths.wal} ` +
      `ends at entry ${last}; the log was lost or replaced: restore both from the same backup`,
  );
}

/** Adds what the rows of older databases do not say. */
async function completeMembership(
  disk: Disk,
  paths: DataPaths,
  store: string,
  { consistentIndex, hasMembership }: GoDatabase,
  log: GoLog,
): Promise<void> {
  if (hasMembership) return;
  const backend = await openLmdbBackend(store);
  try {
    rebuildMembership(disk, paths, backend, log, consistentIndex);
    await backend.commit();
  } finally {
    await backend.close();
  }
}

/**
 * The member's database; or, when that is older than the snapshot that the log starts from, the
 * one that came with the snapshot and has not yet taken its place.
 */
function databasePath(disk: Disk, paths: DataPaths, { start: { index } }: GoLog): string {
  const own = join(paths.snap, DATABASE_NAME);
  const file = disk.open(own, "read");
  try {
    const { consistentIndex } = openGoDatabase(file);
    if (consistentIndex >= index) return own;
    const received = join(paths.snap, databaseFileName(index));
    if (isThere(disk, received)) return received;
    throw new DataDirError(
      `the database ${own} ends at entry ${consistentIndex}, but the log in ${paths.wal} starts ` +
        `after the snapshot at entry ${index}, and ${received} is missing (snap: snapshot file ` +
        "doesn't exist); restore the data directory from a snapshot, or replace this member",
    );
  } finally {
    file.close();
  }
}

function isThere(disk: Disk, path: string): boolean {
  return disk.stat(path) !== undefined;
}
