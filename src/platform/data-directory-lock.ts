// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import { DiskError } from "../base/contracts/disk.ts";
import { FileLock, LockHeldError } from "./file-lock.ts";
import { findForeignLock } from "./foreign-lock.ts";

function filesIn(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  try {
    const names = fs.readdirSync(directory).filter((name) => /\.(wal|tmp)$/.test(name));
    return names.map((name) => `${directory}/${name}`);
  } catch (cause) {
    throw new DiskError("list", directory, cause);
  }
}

/** The lock is a socket in the directory, which this user may not be allowed to make. */
async function acquire(directory: string): Promise<FileLock> {
  try {
    return await FileLock.acquire(directory);
  } catch (cause) {
    if (cause instanceof LockHeldError) throw cause;
    throw new DiskError("lock", directory, cause);
  }
}

/**
 * Takes the member directory for this process: refuses when a Go etcd has its log or database
 * locked, then excludes further processes of this program. A Go etcd that is started later does
 * not notice this lock. Throws a `LockHeldError`, or a `DiskError` where it cannot look.
 */
export async function lockMemberDirectory(paths: {
  readonly memberDirectory: string;
  readonly walDirectory: string;
}): Promise<FileLock> {
  const { memberDirectory, walDirectory } = paths;
  const lock = await acquire(memberDirectory);
  try {
    const foreign = findForeignLock([`${memberDirectory}/snap/db`, ...filesIn(walDirectory)]);
    if (foreign === undefined) return lock;
    const holder = `${foreign.holder}, which has locked ${foreign.path}`;
    throw new LockHeldError(memberDirectory, holder);
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}
