// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import {
  type BoltReader,
  type BucketContent,
  type ByteSink,
  type Meta,
  replaceBuckets,
} from "../bolt/index.ts";
import { type BucketEdit, editedPairs } from "./bucket-edit.ts";
import { ETCD_BUCKETS } from "./buckets.ts";
import type { DatabaseWriter } from "./database-writer.ts";

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
    editedPairs(reader, name, edits.get(name), (bytes, start, middle, end) =>
      writer.putRange(bytes, start, middle, end),
    );
  }
}

/**
 * Edits buckets in the file itself, as one commit. An edited bucket is written anew, so this is
 * for the small ones; a file whose bucket `key` changes is better copied. The sink is the reader's
 * own file.
 */
export function editDatabase(
  reader: BoltReader,
  sink: ByteSink,
  edits: ReadonlyMap<string, BucketEdit>,
): Meta {
  const contents = [...edits].map(([name, edit]): [string, BucketContent] => [
    name,
    (put) =>
      editedPairs(reader, name, edit, (bytes, start, middle, end) =>
        put(bytes.subarray(start, middle), bytes.subarray(middle, end)),
      ),
  ]);
  return replaceBuckets(reader, sink, new Map(contents));
}
