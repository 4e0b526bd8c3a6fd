// SPDX-License-Identifier: Apache-2.0

import { join, resolve } from "node:path";

/** Where a member keeps its state. All paths are absolute. */
export interface DataPaths {
  readonly data: string;
  readonly member: string;
  readonly snap: string;
  readonly wal: string;
  /** The live store. */
  readonly store: string;
  /** The one file of the live store that holds data. */
  readonly storeFile: string;
  /** The database in place of the store, where Go etcd has the directory. */
  readonly goDatabase: string;
}

export function dataPaths(dataDir: string, walDir: string | undefined): DataPaths {
  const data = resolve(dataDir);
  const member = join(data, "member");
  const snap = join(member, "snap");
  const store = join(snap, "store.lmdb");
  return {
    data,
    member,
    snap,
    wal: walDir === undefined ? join(member, "wal") : resolve(walDir),
    store,
    storeFile: join(store, "data.mdb"),
    goDatabase: join(snap, "db"),
  };
}
