// SPDX-License-Identifier: Apache-2.0

import fs from "node:fs";
import { FileLock, LockHeldError } from "./file-lock.ts";
import { findForeignLock } from "./foreign-lock.ts";

function filesIn(directory: string): string[] {
  if (!fs.existsSync(directory)) return [];
  const names = fs.readdirSync(directory).filter((name) => /\.(wal|tmp)$/.test(name));
  return names.map((name) => `${directory}/${name}`);
}

/**
 * Takes the member directory for this process: refuses when a Go etcd has its log or database
 * locked, then excludes further processes of this program. A Go etcd that is started later does
 * not notice this lock. Throws a `LockHeldError`.
 */
export async function lockMemberDirectory(paths: {
  readonly memberDirectory: string;
  readonly walDirectory: string;
}): Promise<FileLock> {
  const { memberDirectory, walDirectory } = paths;
  const lock = await FileLock.acquire(memberDirectory);
  const foreign = findForeignLock([`${memberDirectory}/snap/db`, ...filesIn(walDirectory)]);
  if (foreign === undefined) return lock;
  await lock.release();
  throw new LockHeldError(memberDirectory, `${foreign.holder}, which has locked ${foreign.path}`);
}
