// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { ELEMENT_BUCKET } from "./format.ts";
import { encodeMeta, type Meta } from "./meta.ts";
import { type ByteSink, PageOutput } from "./page-output.ts";
import type { BoltReader } from "./reader.ts";
import { TreeWriter } from "./tree-writer.ts";
import { FILL_PERCENT_DEFAULT } from "./writer.ts";

const encoder = new TextEncoder();

/** What a bucket is to hold instead: puts pairs in ascending order of their keys. */
export type BucketContent = (put: (key: Uint8Array, value: Uint8Array) => void) => void;

/**
 * Gives buckets at the top a new content within the file, as one commit: new pages are written
 * behind those in use and made durable, then the meta that is not current, then that is durable. A
 * failure in between leaves the state of before. All other buckets keep their pages, so this costs
 * what the new content costs; the pages of the old one become free. No free list is stored, as
 * etcd does it on Linux: whoever opens the file finds the free pages.
 *
 * The reader's file and the sink are the same file; the reader still shows the old state.
 */
export function replaceBuckets(
  reader: BoltReader,
  sink: ByteSink,
  contents: ReadonlyMap<string, BucketContent>,
): Meta {
  const { meta } = reader;
  const { pageBytes } = meta;
  const output = new PageOutput(sink, pageBytes, meta.highWater);
  const newTree = () =>
    new TreeWriter(output, { pageBytes, fillPercent: FILL_PERCENT_DEFAULT, sequence: 0n });
  const root = newTree();
  const putBucket = (name: Uint8Array, value: Uint8Array) =>
    root.put(name, 0, name.length, value, 0, value.length, ELEMENT_BUCKET);
  for (const { name, kept, content } of mergeBuckets(reader, contents)) {
    if (content === undefined) {
      putBucket(name, kept);
      continue;
    }
    const tree = newTree();
    content((key, value) => tree.put(key, 0, key.length, value, 0, value.length, 0));
    putBucket(name, tree.finishBucket());
  }
  const rootPage = root.finish();
  output.flush();
  return commit(reader, sink, { ...meta, rootPage, highWater: output.nextPage });
}

interface MergedBucket {
  readonly name: Uint8Array;
  /** The bucket's value as it is in the file. */
  readonly kept: Uint8Array;
  readonly content: BucketContent | undefined;
}

/** The buckets of the file and those with a new content, in the order of their names. */
function mergeBuckets(
  reader: BoltReader,
  contents: ReadonlyMap<string, BucketContent>,
): MergedBucket[] {
  const merged = new Map<string, MergedBucket>();
  const cursor = reader.root.cursor();
  for (let found = cursor.first(); found; found = cursor.next()) {
    invariant(cursor.isBucket, "the root holds buckets only");
    const name = Uint8Array.prototype.slice.call(cursor.key);
    const kept = Uint8Array.prototype.slice.call(cursor.value);
    merged.set(Buffer.from(name).toString("latin1"), { name, kept, content: undefined });
  }
  for (const [text, content] of contents) {
    const name = encoder.encode(text);
    const kept = new Uint8Array(0);
    merged.set(Buffer.from(name).toString("latin1"), { name, kept, content });
  }
  return [...merged.values()].sort((a, b) => compareBytes(a.name, b.name));
}

function commit(reader: BoltReader, sink: ByteSink, state: Meta): Meta {
  const meta = { ...state, freelistPage: undefined, txid: state.txid + 1n };
  sink.datasyncNow();
  const page = reader.metaPage === 0 ? 1 : 0;
  sink.write(encodeMeta(page, meta), page * meta.pageBytes);
  sink.datasyncNow();
  return meta;
}
