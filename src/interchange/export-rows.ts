// SPDX-License-Identifier: Apache-2.0

import { ETCD_TABLES, etcdValueEnd, type PinnedView } from "../core/backend/index.ts";
import type { DatabaseWriter } from "../core/etcd-db/index.ts";

const START = new Uint8Array(0);

/** Writes the rows of one committed state as the buckets of a database, as etcd has them. */
export function exportRows(view: Pick<PinnedView, "scan">, writer: DatabaseWriter): void {
  for (const table of ETCD_TABLES) {
    writer.openBucket(table);
    const hasTrailers = table === "key";
    view.scan(table, START, undefined, (keys, keyStart, keyEnd, values, start, end) => {
      const valueEnd = hasTrailers ? etcdValueEnd(values, start, end) : end;
      writer.putPair(keys, keyStart, keyEnd, values, start, valueEnd);
      return true;
    });
  }
}
