// SPDX-License-Identifier: Apache-2.0

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../base/contracts/clock.ts";
import type { Disk, DiskFile } from "../base/contracts/disk.ts";
import type { Logger } from "../base/contracts/logger.ts";
import {
  type Boundary,
  createLmdbStore,
  ETCD_TABLES,
  type EtcdTable,
  LmdbLoad,
  lmdbFormat,
} from "../core/backend/index.ts";
import type { BoltReader } from "../core/bolt/index.ts";
import { type BucketEdit, editedPairs, KeyRows, META_KEYS } from "../core/etcd-db/index.ts";
import { KeyRowImporter } from "../core/mvcc/index.ts";
import { ImportStore } from "./import-store.ts";
import { SorterHere } from "./sorter.ts";
import { SorterBeside } from "./sorter-beside.ts";
import { StagedRows } from "./staged-rows.ts";

const CALLER = "interchange/import-rows.ts";
const PROGRESS_INTERVAL_MS = 2000;

/** After so many rows the loop gets its turn: for signals, and to tell how far the import is. */
const ROWS_PER_TURN = 4096;
/** What is sorted in memory at a time; there are two of these. */
const SEGMENT_BYTES = 2 << 20;
/** From this size of a database on a second thread is worth its start and its memory. */
const BESIDE_BYTES_MIN = 32 << 20;
/** After so many bytes they are synced beside. */
const SYNC_AHEAD_BYTES = 32 << 20;
/** Where rows are sorted meanwhile, beside the store. */
const SCRATCH_NAME = "import.tmp";
const FILE_MODE = 0o600;

/** Tables whose rows a member of 3.4 or 3.5 does not read itself. */
const MEMBERSHIP_TABLES: ReadonlySet<EtcdTable> = new Set([
  "members",
  "members_removed",
  "cluster",
]);

export interface ImportOptions {
  /** The last entry whose effects the database holds. */
  readonly boundary: Boundary;
  /** Whether `members`, `members_removed` and `cluster` are taken over. */
  readonly withMembership: boolean;
  /** Changes on the way, by bucket; in `key` only pairs behind the last one. */
  readonly edits?: ReadonlyMap<string, BucketEdit>;
}

export interface ImportOutside {
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Makes a store of the rows in etcd's buckets, with its key index, durable when this resolves. The
 * directory is empty and nobody else's, and worthless until then. Gives the number of rows.
 */
export async function importRows(
  disk: Disk,
  directory: string,
  reader: BoltReader,
  options: ImportOptions,
  outside: ImportOutside,
): Promise<number> {
  await createLmdbStore(directory);
  const file = disk.open(`${directory}/${lmdbFormat.DATA_FILE}`, "write");
  const scratchPath = `${directory}/${SCRATCH_NAME}`;
  const scratch = disk.open(scratchPath, "create-exclusive", FILE_MODE);
  const ahead = new SyncAhead(file);
  const pace = new Pace(outside, ahead);
  const sorter =
    reader.sizeBytes < BESIDE_BYTES_MIN
      ? new SorterHere(scratch, SEGMENT_BYTES)
      : new SorterBeside(scratchPath, SEGMENT_BYTES);
  const store = new ImportStore(new LmdbLoad(file), new StagedRows(scratch, sorter));
  try {
    for (const table of ETCD_TABLES) {
      if (table === "key") continue;
      if (!options.withMembership && MEMBERSHIP_TABLES.has(table)) continue;
      const edit = options.edits?.get(table);
      if (edit === undefined) await copyTable(reader, store, table, pace);
      else putEdited(reader, store, table, edit);
    }
    await takeRevisions(reader, store, options, pace);
    await store.finish(options.boundary, () => (pace.isDueForIndex ? pace.pause() : undefined));
    await ahead.settle();
  } finally {
    sorter.close();
    file.close();
    scratch.close();
    disk.removeFile(scratchPath);
  }
  return pace.rows;
}

async function takeRevisions(
  reader: BoltReader,
  store: ImportStore,
  { edits }: ImportOptions,
  pace: Pace,
): Promise<void> {
  const importer = new KeyRowImporter(store);
  const rows = new KeyRows(reader);
  for (let found = rows.first(); found; found = rows.next()) {
    importer.addPair(rows, rows.bytes, rows.valueStart, rows.end);
    if (pace.isDue) await pace.pause();
  }
  for (const { key, value } of edits?.get("key")?.puts ?? []) {
    if (value !== undefined) importer.add(key, value);
  }
}

/** Edited tables are small. */
function putEdited(
  reader: BoltReader,
  store: ImportStore,
  table: EtcdTable,
  edit: BucketEdit,
): void {
  editedPairs(reader, table, edit, (bytes, start, middle, end) => {
    const key = bytes.subarray(start, middle);
    if (!isBoundary(table, key)) store.put(table, key, bytes.subarray(middle, end));
  });
}

/** The store keeps these two itself, with every commit. */
function isBoundary(table: EtcdTable, key: Uint8Array): boolean {
  if (table !== "meta") return false;
  return [META_KEYS.consistentIndex, META_KEYS.term].some(
    (boundary) => Buffer.compare(boundary, key) === 0,
  );
}

async function copyTable(
  reader: BoltReader,
  store: ImportStore,
  table: EtcdTable,
  pace: Pace,
): Promise<void> {
  const cursor = reader.bucket(table)?.cursor();
  if (cursor === undefined) return;
  for (let found = cursor.first(); found; found = cursor.next()) {
    if (!isBoundary(table, cursor.key)) store.put(table, cursor.key, cursor.value);
    if (pace.isDue) await pace.pause();
  }
}

/** Gives the disk a start, so that little is left to be made durable in the end. */
class SyncAhead {
  readonly #file: DiskFile;
  #syncedBytes = 0;
  #isRunning = false;
  /** Rejects when a sync has failed: a later one might not be told of it. */
  #synced = Promise.resolve();

  constructor(file: DiskFile) {
    this.#file = file;
  }

  check(): void {
    if (this.#isRunning) return;
    const bytes = this.#file.size();
    if (bytes - this.#syncedBytes < SYNC_AHEAD_BYTES) return;
    this.#syncedBytes = bytes;
    this.#isRunning = true;
    const sync = this.#file.datasync().finally(() => {
      this.#isRunning = false;
    });
    this.#synced = Promise.all([this.#synced, sync]).then(() => {});
    this.#synced.catch(() => {});
  }

  settle(): Promise<void> {
    return this.#synced;
  }
}

/** Gives way to the loop on the way, and tells how far the import is. */
class Pace {
  rows = 0;
  #indexRows = 0;
  readonly #outside: ImportOutside;
  readonly #ahead: SyncAhead;
  #toldMs: number;

  constructor(outside: ImportOutside, ahead: SyncAhead) {
    this.#outside = outside;
    this.#ahead = ahead;
    this.#toldMs = outside.clock.monotonicMs();
  }

  /** One more row is in; whether to pause before the next. */
  get isDue(): boolean {
    this.rows++;
    return this.rows % ROWS_PER_TURN === 0;
  }

  /** The same for a row that is put in order. */
  get isDueForIndex(): boolean {
    this.#indexRows++;
    return this.#indexRows % ROWS_PER_TURN === 0;
  }

  async pause(): Promise<void> {
    this.#ahead.check();
    const { clock, logger } = this.#outside;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#toldMs >= PROGRESS_INTERVAL_MS) {
      this.#toldMs = nowMs;
      logger.log("info", CALLER, "importing the database of Go etcd", {
        rows: this.rows,
        indexed: this.#indexRows,
      });
    }
    await nextTurn();
  }
}
