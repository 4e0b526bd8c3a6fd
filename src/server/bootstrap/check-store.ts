// SPDX-License-Identifier: Apache-2.0
//
// LMDB maps its file and trusts every number in it: at damage it ends the process without a word.
// So the file is read as bytes before it is opened: what leads to the rows, within a bound, and
// the few rows that say whether this version can serve them. Opening already changes the file.

import type { Disk } from "../../base/contracts/disk.ts";
import { LmdbDamage, LmdbFile } from "../../core/backend/index.ts";
import { DataDirError, type DataPaths, storeError } from "./data-dir.ts";
import { AUTH_ENABLED_KEY, unservedContent } from "./served.ts";

/**
 * Refuses a store that is damaged, or that this version cannot serve, with a `DataDirError`. One
 * that is missing or empty is a store to be.
 */
export function checkStore(disk: Disk, paths: DataPaths): void {
  const { storeFile } = paths;
  try {
    if ((disk.stat(storeFile)?.size ?? 0) === 0) return;
    const file = disk.open(storeFile, "read");
    try {
      const store = new LmdbFile(file);
      store.checkBranches();
      checkServed(paths, store);
    } finally {
      file.close();
    }
  } catch (cause) {
    if (cause instanceof DataDirError) throw cause;
    throw cause instanceof LmdbDamage ? damaged(paths, cause) : storeError(paths, cause);
  }
}

function damaged({ data, storeFile }: DataPaths, damage: LmdbDamage): DataDirError {
  return new DataDirError(
    `the store ${storeFile} is damaged: ${damage.message}; restore the whole data directory from a ` +
      `copy or a snapshot (etcdx util check --data-dir ${data} lists all that is wrong)`,
    { cause: damage },
  );
}

function checkServed({ data }: DataPaths, store: LmdbFile): void {
  let members = 0;
  store.each("members", () => {
    members++;
    return undefined;
  });
  const unserved = unservedContent({ members, authEnabled: store.get("auth", AUTH_ENABLED_KEY) });
  if (unserved === undefined) return;
  throw new DataDirError(
    `data directory ${data} ${unserved.problem}; start a release of etcdx that has it, or make a ` +
      `directory for Go etcd with etcdx util export --data-dir ${data} --to <directory>`,
  );
}
