// SPDX-License-Identifier: Apache-2.0

import { dirname, join } from "node:path";
import { type Disk, DiskError } from "../../base/contracts/disk.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import { LayoutError, StoreSpaceError } from "../../core/backend/index.ts";
import type { DataPaths } from "../../member/index.ts";

export { type DataPaths, dataPaths } from "../../member/index.ts";

const CALLER = "bootstrap/data-dir.ts";
const DATA_FLAG = "--data-dir";
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** What to do when writing into a directory fails for another reason than its rights. */
const WRITE_FIXES: Readonly<Record<string, string>> = {
  EEXIST: "a link on the path leads nowhere: remove it",
  ENOTDIR: "a part of the path is a file: move that away",
  EROFS: "the file system is read-only: mount it for writing",
  ENOSPC: "the disk is full: make room",
  EDQUOT: "the quota is used up: make room",
  EIO: "the disk is broken: replace it",
};

/** A data directory that cannot be used; the message names the cause and the fix. */
export class DataDirError extends Error {
  override readonly name = "DataDirError";
}

/** Makes the directories, and refuses what another kind of member left. */
export function prepareDataDir(disk: Disk, paths: DataPaths, logger: Logger): void {
  if (exists(disk, paths.data)) checkKind(disk, paths, logger);
  for (const directory of [paths.data, paths.member, paths.snap]) {
    makeDirectory(disk, directory, logger);
    probe(disk, directory);
  }
  // A new log is built under another name: its directory is made only then.
  if (disk.stat(paths.wal) === undefined) return;
  const flag = dirname(paths.wal) === paths.member ? DATA_FLAG : "--wal-dir";
  makeDirectory(disk, paths.wal, logger, flag);
  probe(disk, paths.wal, flag);
}

/** The same for the store's own directory, once nothing of Go etcd has to become it. */
export function prepareStore(disk: Disk, paths: DataPaths, logger: Logger): void {
  makeDirectory(disk, paths.store, logger);
  probe(disk, paths.store);
}

/** Why the live store could not be opened, and what to do. */
export function storeError(paths: DataPaths, cause: unknown): DataDirError {
  if (cause instanceof StoreSpaceError) return new DataDirError(cause.message, { cause });
  if (cause instanceof LayoutError) {
    const text = `the store ${paths.storeFile} is of a later version: ${cause.message}`;
    return new DataDirError(text, { cause });
  }
  const reason = errorText(cause);
  return new DataDirError(
    `cannot open the store ${paths.storeFile} (${reason}); make it readable and writable for ` +
      "this user, or, if the file is damaged, restore the whole data directory from a copy",
    { cause },
  );
}

function exists(disk: Disk, path: string): boolean {
  try {
    return disk.stat(path) !== undefined;
  } catch (cause) {
    throw new DataDirError(`${errorText(cause)}; give ${DATA_FLAG} another path`, { cause });
  }
}

function checkKind(disk: Disk, paths: DataPaths, logger: Logger): void {
  const known = new Set(["member", "proxy", "fixtures"]);
  const names = listDirectory(disk, paths.data);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    logger.log("warn", CALLER, "found invalid file under data directory", {
      "data-dir": paths.data,
      filenames: unknown,
    });
  }
  if (!names.includes("proxy")) return;
  const kind = names.includes("member") ? "a member and a v2 proxy" : "a v2 proxy";
  throw new DataDirError(
    `data directory ${paths.data} is that of ${kind}, which etcd 3.7 does not run; ` +
      "give --data-dir another directory, or remove its proxy folder",
  );
}

function listDirectory(disk: Disk, path: string): string[] {
  if (disk.stat(path)?.isDirectory !== true) throw notDirectory(path, DATA_FLAG);
  try {
    return disk.list(path);
  } catch (error) {
    throw notWritable(path, error, DATA_FLAG);
  }
}

function notDirectory(path: string, flag: string): DataDirError {
  return new DataDirError(`${path} is not a directory; give ${flag} another path`);
}

function makeDirectory(disk: Disk, path: string, logger: Logger, flag = DATA_FLAG): void {
  const before = disk.stat(path);
  if (before !== undefined && !before.isDirectory) {
    throw notDirectory(path, flag);
  }
  try {
    if (before === undefined) disk.makeDirectory(path, DIRECTORY_MODE);
  } catch (error) {
    throw notWritable(path, error, flag);
  }
  const mode = (before?.mode ?? DIRECTORY_MODE) & 0o777;
  if (mode === DIRECTORY_MODE) return;
  logger.log("warn", CALLER, "check file permission", {
    error:
      `directory "${path}" exist, but the permission is "${mode.toString(8)}". ` +
      'The recommended permission is "-rwx------" to prevent possible unprivileged access ' +
      "to the data",
  });
}

function probe(disk: Disk, directory: string, flag = DATA_FLAG): void {
  const path = join(directory, ".touch");
  try {
    disk.open(path, "create", FILE_MODE).close();
    disk.removeFile(path);
  } catch (error) {
    throw notWritable(directory, error, flag);
  }
}

function notWritable(path: string, cause: unknown, flag: string): DataDirError {
  const code = cause instanceof DiskError ? cause.code : undefined;
  const reason = code ?? errorText(cause);
  const fix = WRITE_FIXES[code ?? ""] ?? "make it writable for this user";
  return new DataDirError(
    `cannot write into ${path} (${reason}); ${fix} or give ${flag} another directory`,
    { cause },
  );
}
