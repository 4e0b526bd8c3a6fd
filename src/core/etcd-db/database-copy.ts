// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import type { BoltReader } from "../bolt/index.ts";
import { ETCD_BUCKETS } from "./buckets.ts";
import type { DatabaseWriter } from "./database-writer.ts";
import { EtcdDbError } from "./errors.ts";

/** What becomes of a bucket on its way from one database to another. */
export interface BucketEdit {
  /** Whether the pairs that are there stay behind. */
  readonly drops?: boolean;
  /** Pairs to put, over those that are there; without a value the key goes. */
  readonly puts: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[];
}

const encoder = new TextEncoder();

/**
 * Copies all buckets pair by pair, edited by name, so that what comes out is densely packed: also
 * how a database is defragmented. Memory: what the cursor and the writer keep, and the edits.
 */
export function copyDatabase(
  reader: BoltReader,
  writer: DatabaseWriter,
  edits: ReadonlyMap<string, BucketEdit> = new Map(),
): void {
  const names = new Set([...reader.bucketNames(), ...ETCD_BUCKETS, ...edits.keys()]);
  const inOrder = [...names].sort((a, b) => compareBytes(encoder.encode(a), encoder.encode(b)));
  for (const name of inOrder) {
    writer.openBucket(name);
    copyBucket(reader, name, writer, edits.get(name));
  }
}

function copyBucket(
  reader: BoltReader,
  name: string,
  writer: DatabaseWriter,
  edit: BucketEdit | undefined,
): void {
  const puts = [...(edit?.puts ?? [])].sort((a, b) => compareBytes(a.key, b.key));
  let next = 0;
  const cursor = edit?.drops === true ? undefined : reader.bucket(name)?.cursor();
  for (let found = cursor?.first(); found && cursor !== undefined; found = cursor.next()) {
    if (cursor.isBucket) {
      throw new EtcdDbError(reader.source.path, name, "holds a bucket, which etcd's never do");
    }
    let isReplaced = false;
    for (; next < puts.length && !isReplaced; next++) {
      const put = puts[next];
      const order = put === undefined ? 1 : compareBytes(put.key, cursor.key);
      if (order > 0) break;
      if (put?.value !== undefined) writer.put(put.key, put.value);
      isReplaced = order === 0;
    }
    if (isReplaced) continue;
    writer.putRange(cursor.bytes, cursor.keyStart, cursor.keyEnd, cursor.valueEnd);
  }
  for (; next < puts.length; next++) {
    const put = puts[next];
    if (put?.value !== undefined) writer.put(put.key, put.value);
  }
}
