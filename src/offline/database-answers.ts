// SPDX-License-Identifier: Apache-2.0

import { checkBolt } from "../core/bolt/index.ts";
import {
  type DatabaseHashKv,
  type DatabaseStatus,
  databaseStatus,
  hashKv,
} from "../core/etcd-db/index.ts";
import { type OpenDatabase, readDatabase } from "./database-file.ts";
import { OfflineError } from "./errors.ts";

/** Checks every page, then computes what `snapshot status` shows. */
export function snapshotStatus(options: OpenDatabase): Promise<DatabaseStatus> {
  return readDatabase(options, (reader) => {
    const { findings } = checkBolt(reader);
    if (findings.length > 0) {
      const lines = findings.map(({ page, problem }) => `page ${page ?? "-"}: ${problem}`);
      const head = `snapshot file integrity check failed. ${findings.length} errors found.`;
      throw new OfflineError([head, ...lines].join("\n"));
    }
    return databaseStatus(reader);
  });
}

export type HashedKv = Extract<DatabaseHashKv, { readonly kind: "hash" }>;

/** The hash of the key-value history up to a revision; 0 for all of it. */
export async function databaseHashKv(options: OpenDatabase, revision: number): Promise<HashedKv> {
  const answer = await readDatabase(options, (reader) => hashKv(reader, revision));
  switch (answer.kind) {
    case "hash":
      return answer;
    case "compacted":
      throw new OfflineError("mvcc: required revision has been compacted");
    case "future-revision":
      throw new OfflineError("mvcc: required revision is a future revision");
  }
}
