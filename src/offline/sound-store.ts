// SPDX-License-Identifier: Apache-2.0
//
// LMDB maps its file and trusts every number in it: at damage, it ends the process without a word.
// So a store is read as bytes, all of it, before a tool opens it.

import type { Disk } from "../base/contracts/disk.ts";
import { LmdbDamage, LmdbFile } from "../core/backend/index.ts";
import { OfflineError } from "./errors.ts";
import { MeteredDisk } from "./metered-disk.ts";
import { type ReportProgress, seldom } from "./progress.ts";

const REMEDY =
  "`util check` lists all that is wrong; restore the data directory from a copy or a snapshot";

/**
 * Throws an `OfflineError` unless every page of the store's file is what LMDB has written. Tells now
 * and then how much has been read.
 */
export function requireSoundStore(
  disk: Disk,
  path: string,
  report: ReportProgress = () => {},
): void {
  if (disk.stat(path)?.isDirectory === true) {
    throw new OfflineError(`${path} is a directory where the store's file should be; ${REMEDY}`);
  }
  const metered = new MeteredDisk(disk, [{ path, times: 1 }], seldom(report));
  const file = metered.open(path, "read");
  try {
    new LmdbFile(file).check((problem) => {
      throw damaged(path, problem);
    });
  } catch (cause) {
    if (!(cause instanceof LmdbDamage)) throw cause;
    throw damaged(path, cause.message);
  } finally {
    file.close();
  }
}

function damaged(path: string, problem: string): OfflineError {
  return new OfflineError(`the store ${path} is damaged: ${problem}; ${REMEDY}`);
}
