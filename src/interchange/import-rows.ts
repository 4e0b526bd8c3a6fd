// SPDX-License-Identifier: Apache-2.0

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../base/contracts/clock.ts";
import type { DiskFile } from "../base/contracts/disk.ts";
import type { Logger } from "../base/contracts/logger.ts";
import { type Backend, ETCD_TABLES, type EtcdTable } from "../core/backend/index.ts";
import type { BoltReader } from "../core/bolt/index.ts";
import { type BucketEdit, editedPairs, KeyRows, META_KEYS } from "../core/etcd-db/index.ts";
import { KeyRowImporter } from "../core/mvcc/index.ts";
import { drainStaged, stagedBackend } from "./staged-backend.ts";
import { StagedRows } from "./staged-rows.ts";

const CALLER = "interchange/import-rows.ts";
const PROGRESS_INTERVAL_MS = 2000;

/** So many rows are worth a sync. */
const ROWS_PER_COMMIT = 16_384;
/** How to open the store that is filled: rows of the index come last and are committed at once. */
export const IMPORT_BACKEND_OPTIONS = { indexOperations: ROWS_PER_COMMIT } as const;
/** As many as a commit has pieces of 1 MiB, those of the index included. */
const HAND_OVER_TURNS = 96;

/** Tables whose rows a member of 3.4 or 3.5 does not read itself. */
const MEMBERSHIP_TABLES: ReadonlySet<EtcdTable> = new Set([
  "members",
  "members_removed",
  "cluster",
]);

export interface ImportOptions {
  /** An empty file that nobody else uses; it is of no use afterwards. */
  readonly scratch: DiskFile;
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
 * Copies the rows of etcd's buckets into an empty store and builds the key index. The store is
 * committed as it fills; one commit runs while the next is gathered. Resolves with the count.
 */
export async function importRows(
  reader: BoltReader,
  backend: Backend,
  options: ImportOptions,
  outside: ImportOutside,
): Promise<number> {
  const pace = new Pace(backend, outside);
  for (const table of ETCD_TABLES) {
    if (table === "key") continue;
    if (!options.withMembership && MEMBERSHIP_TABLES.has(table)) continue;
    const edit = options.edits?.get(table);
    if (edit === undefined) await copyTable(reader, backend, table, pace);
    else putEdited(reader, backend, table, edit);
  }
  const staged = new StagedRows(options.scratch);
  const importer = new KeyRowImporter(stagedBackend(backend, staged));
  const rows = new KeyRows(reader);
  for (let found = rows.first(); found; found = rows.next()) {
    const { bytes, start, valueStart, end } = rows;
    importer.add(bytes.subarray(start, valueStart), bytes.subarray(valueStart, end));
    if (pace.isDue) await pace.pause();
  }
  for (const { key, value } of options.edits?.get("key")?.puts ?? []) {
    if (value !== undefined) importer.add(key, value);
  }
  const { rows: count } = pace;
  await drainStaged(staged, backend, () => (pace.isDue ? pace.pause() : undefined));
  await pace.finish();
  return count;
}

/** Edited tables are small. */
function putEdited(reader: BoltReader, backend: Backend, table: EtcdTable, edit: BucketEdit): void {
  editedPairs(reader, table, edit, (bytes, start, middle, end) => {
    const key = bytes.subarray(start, middle);
    if (!isBoundary(table, key)) backend.put(table, key, bytes.subarray(middle, end));
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
  backend: Backend,
  table: EtcdTable,
  pace: Pace,
): Promise<void> {
  const cursor = reader.bucket(table)?.cursor();
  if (cursor === undefined) return;
  for (let found = cursor.first(); found; found = cursor.next()) {
    if (!isBoundary(table, cursor.key)) backend.put(table, cursor.key, cursor.value);
    if (pace.isDue) await pace.pause();
  }
}

/** Commits on the way, and tells how far the import is. */
class Pace {
  rows = 0;
  readonly #backend: Backend;
  readonly #outside: ImportOutside;
  #committing: Promise<unknown> = Promise.resolve();
  #toldMs: number;

  constructor(backend: Backend, outside: ImportOutside) {
    this.#backend = backend;
    this.#outside = outside;
    this.#toldMs = outside.clock.monotonicMs();
  }

  /** One more row is in; whether to pause before the next. */
  get isDue(): boolean {
    this.rows++;
    return this.rows % ROWS_PER_COMMIT === 0;
  }

  async pause(): Promise<void> {
    const { clock, logger } = this.#outside;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#toldMs >= PROGRESS_INTERVAL_MS) {
      this.#toldMs = nowMs;
      logger.log("info", CALLER, "importing the database of Go etcd", { rows: this.rows });
    }
    await this.#committing;
    this.#committing = this.#backend.commit();
    // A failure is met at the next pause; until then nobody waits for it.
    this.#committing.catch(() => {});
    // The backend hands its buffer over in a piece per turn; until the last one the disk waits.
    for (let turn = 0; turn < HAND_OVER_TURNS; turn++) await nextTurn();
  }

  async finish(): Promise<void> {
    await this.#committing;
    await this.#backend.commit();
  }
}
