// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { type Disk, DiskError, type DiskFile } from "../base/contracts/disk.ts";
import { type EtcdTable, etcdValue, LmdbDamage, LmdbFile } from "../core/backend/index.ts";
import { BoltError, BoltReader, checkBolt } from "../core/bolt/index.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";
import { diskCause, diskRemedy } from "./wal-place.ts";

/** What a member's log has made of the state, whichever program keeps it. */
export interface StoreRows {
  readonly path: string;
  readonly get: (table: EtcdTable, key: Uint8Array) => Uint8Array | undefined;
  /** Rows in key order, lent for the call; `false` ends the walk. */
  readonly each: (
    table: EtcdTable,
    visit: (key: Uint8Array, value: Uint8Array) => boolean | undefined,
  ) => void;
  /** The file of our own store, with the tables that only it has. */
  readonly lmdb: LmdbFile | undefined;
}

/** Whether every page is looked at before the store is handed over. */
export type StoreDepth = "all-pages" | "as-needed";

/**
 * Opens the store of a member, hands it over when it is sound, and closes it. What is wrong goes
 * into `findings`.
 */
export async function withStore(
  disk: Disk,
  snap: string,
  findings: Findings,
  depth: StoreDepth,
  use: (store: StoreRows) => Promise<void>,
): Promise<"none" | "found"> {
  const own = join(snap, "store.lmdb", "data.mdb");
  const database = join(snap, "db");
  try {
    const hasOwn = (disk.stat(own)?.size ?? 0) > 0;
    const path = hasOwn ? own : database;
    if (!hasOwn && disk.stat(database) === undefined) return "none";
    const file = disk.open(path, "read");
    try {
      if (hasOwn) await useLmdb(file, findings, depth, use);
      else await useBolt(file, findings, depth, use);
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    findings.error(error.path, `it cannot be read: ${diskCause(error)}`, diskRemedy(error));
  }
  return "found";
}

async function useLmdb(
  file: DiskFile,
  findings: Findings,
  depth: StoreDepth,
  use: (store: StoreRows) => Promise<void>,
): Promise<void> {
  const { path } = file;
  try {
    const lmdb = new LmdbFile(file);
    const before = findings.errors;
    if (depth === "all-pages") {
      lmdb.check((problem) => findings.error(path, problem, REMEDY_RESTORE));
    }
    if (findings.errors > before) return;
    await use({
      path,
      get: (table, key) => {
        const row = lmdb.get(table, key);
        return row === undefined ? undefined : etcdValue(table, row);
      },
      each: (table, visit) => {
        lmdb.each(table, (key, row) => visit(key, etcdValue(table, row)));
      },
      lmdb,
    });
  } catch (error) {
    if (!(error instanceof LmdbDamage)) throw error;
    findings.error(path, error.message, REMEDY_RESTORE);
  }
}

async function useBolt(
  file: DiskFile,
  findings: Findings,
  depth: StoreDepth,
  use: (store: StoreRows) => Promise<void>,
): Promise<void> {
  const { path } = file;
  try {
    const reader = new BoltReader(file);
    const wrong = depth === "all-pages" ? checkBolt(reader).findings : [];
    for (const { page, problem } of wrong) {
      findings.error(
        path,
        page === undefined ? problem : `page ${page} ${problem}`,
        REMEDY_RESTORE,
      );
    }
    if (wrong.length > 0) return;
    await use({
      path,
      get: (table, key) => reader.bucket(table)?.get(key),
      each: (table, visit) => {
        const cursor = reader.bucket(table)?.cursor();
        for (let found = cursor?.first(); cursor !== undefined && found; found = cursor.next()) {
          if (visit(cursor.key, cursor.value) === false) return;
        }
      },
      lmdb: undefined,
    });
  } catch (error) {
    if (!(error instanceof BoltError)) throw error;
    const page = error.page === undefined ? "" : `page ${error.page} `;
    findings.error(path, `${page}${error.problem}`, REMEDY_RESTORE);
  }
}
