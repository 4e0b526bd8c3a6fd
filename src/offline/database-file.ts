// SPDX-License-Identifier: Apache-2.0

import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Disk, DiskError, type DiskFile } from "../base/contracts/disk.ts";
import { systemText } from "../base/system-error.ts";
import { LmdbDamage, LmdbFile } from "../core/backend/index.ts";
import { BoltError, BoltReader } from "../core/bolt/index.ts";
import { EtcdDbError } from "../core/etcd-db/index.ts";
import { findLockHolder } from "../platform/file-lock.ts";
import { findForeignLock } from "../platform/foreign-lock.ts";
import { OfflineError } from "./errors.ts";

const LOCK_POLL_MS = 50;

export interface OpenDatabase {
  readonly disk: Disk;
  /** The file as the user named it. */
  readonly path: string;
  /** How long to wait for another process that writes to it; 0 for as long as it takes. */
  readonly lockWaitMs: number;
}

/**
 * Opens a database file for reading only, hands it over and closes it. Whatever goes wrong with
 * the file becomes an `OfflineError`. The file is never changed.
 */
export function readDatabase<T>(
  options: OpenDatabase,
  action: (reader: BoltReader) => T,
): Promise<T> {
  const holder = async () => findForeignLock([resolve(options.path)])?.holder;
  return readFile(options, holder, (file) => action(new BoltReader(file)));
}

/** The same for the file of our own store, which a member has as long as it runs. */
export function readOwnStore<T>(options: OpenDatabase, action: (store: LmdbFile) => T): Promise<T> {
  const member = resolve(options.path, "../../..");
  return readFile(
    options,
    () => findLockHolder(member),
    (file) => action(new LmdbFile(file)),
  );
}

async function readFile<T>(
  options: OpenDatabase,
  findHolder: () => Promise<string | undefined>,
  action: (file: DiskFile) => T,
): Promise<T> {
  const { disk, path, lockWaitMs } = options;
  checkFile(disk, path);
  await waitForWriter(path, lockWaitMs, findHolder);
  let file: DiskFile | undefined;
  try {
    file = disk.open(resolve(path), "read");
    return action(file);
  } catch (error) {
    throw translate(error, path);
  } finally {
    file?.close();
  }
}

function checkFile(disk: Disk, path: string): void {
  let stat: ReturnType<Disk["stat"]>;
  try {
    stat = path === "" ? undefined : disk.stat(resolve(path));
  } catch (error) {
    throw translate(error, path);
  }
  if (stat === undefined) throw new OfflineError(`stat ${path}: no such file or directory`);
  if (stat.isDirectory) {
    throw new OfflineError(
      `invalid database: ${path} is a directory; name the database file, such as ` +
        "<data-dir>/member/snap/db",
    );
  }
}

/** A running etcd holds a lock on its database; what is read beside it may be torn. */
async function waitForWriter(
  path: string,
  waitMs: number,
  findHolder: () => Promise<string | undefined>,
): Promise<void> {
  const start = performance.now();
  for (;;) {
    const holder = await findHolder();
    if (holder === undefined) return;
    if (waitMs > 0 && performance.now() - start >= waitMs) {
      throw new OfflineError(`timeout: ${path} is locked by ${holder}; stop it first`);
    }
    await delay(LOCK_POLL_MS);
  }
}

function translate(cause: unknown, path: string): unknown {
  if (cause instanceof DiskError) {
    const text = systemText(cause.code) ?? cause.message;
    return new OfflineError(`${cause.operation} ${path}: ${text}`, { cause });
  }
  if (cause instanceof BoltError) {
    const where = cause.page === undefined ? "" : `page ${cause.page}: `;
    const text = `invalid database: ${path}: ${where}${cause.problem}; use another copy of it`;
    return new OfflineError(text, { cause });
  }
  if (cause instanceof LmdbDamage) {
    const text = `invalid store: ${path}: ${cause.message}; use another copy of it`;
    return new OfflineError(text, { cause });
  }
  if (cause instanceof EtcdDbError) {
    const text = `invalid database: ${path}: bucket ${cause.bucket}: ${cause.problem}`;
    return new OfflineError(`${text}; use another copy of it`, { cause });
  }
  return cause;
}
