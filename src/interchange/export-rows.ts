// SPDX-License-Identifier: Apache-2.0

import { ETCD_TABLES, etcdValueEnd, type PinnedView } from "../core/backend/index.ts";
import type { DatabaseWriter } from "../core/etcd-db/index.ts";

const START = new Uint8Array(0);

/** Rows that the database has in place of the store's or beside them, by table. */
export type ExportEdits = ReadonlyMap<
  string,
  readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]
>;

/**
 * Writes the rows of one committed state as the buckets of a database, as etcd has them. Edited
 * tables are small; `key` is not edited.
 */
export function exportRows(
  view: Pick<PinnedView, "scan">,
  writer: DatabaseWriter,
  edits: ExportEdits = new Map(),
): void {
  for (const table of ETCD_TABLES) {
    writer.openBucket(table);
    const edited = edits.get(table);
    if (edited !== undefined) {
      putEdited(view, writer, table, edited);
      continue;
    }
    const hasTrailers = table === "key";
    view.scan(table, START, undefined, (keys, keyStart, keyEnd, values, start, end) => {
      const valueEnd = hasTrailers ? etcdValueEnd(values, start, end) : end;
      writer.putPair(keys, keyStart, keyEnd, values, start, valueEnd);
      return true;
    });
  }
}

function putEdited(
  view: Pick<PinnedView, "scan">,
  writer: DatabaseWriter,
  table: (typeof ETCD_TABLES)[number],
  edits: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[],
): void {
  const rows = new Map<string, Uint8Array>();
  const nameOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");
  view.scan(table, START, undefined, (keys, keyStart, keyEnd, values, start, end) => {
    rows.set(nameOf(keys.subarray(keyStart, keyEnd)), values.slice(start, end));
    return true;
  });
  for (const { key, value } of edits) rows.set(nameOf(key), value);
  for (const name of [...rows.keys()].sort()) {
    writer.put(Buffer.from(name, "latin1"), rows.get(name) ?? START);
  }
}
