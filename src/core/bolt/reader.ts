// SPDX-License-Identifier: Apache-2.0

import { BoltCursor, type BucketRoot } from "./cursor.ts";
import { BoltError } from "./errors.ts";
import { BUCKET_HEADER_BYTES, readUint64, viewOf } from "./format.ts";
import { type ByteSource, type FoundMeta, findMeta, type Meta } from "./meta.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A bucket: pairs in key order, some of which may be buckets. */
export class BoltBucket {
  readonly #source: ByteSource;
  readonly #meta: Meta;
  readonly root: BucketRoot;
  /** A counter that bbolt keeps for its users; etcd leaves it at 0. */
  readonly sequence: bigint;

  constructor(source: ByteSource, meta: Meta, root: BucketRoot, sequence: bigint) {
    this.#source = source;
    this.#meta = meta;
    this.root = root;
    this.sequence = sequence;
  }

  cursor(): BoltCursor {
    return new BoltCursor(this.#source, this.#meta, this.root);
  }

  /** The value of a key, copied; undefined when there is none, or a bucket in its place. */
  get(key: Uint8Array): Uint8Array | undefined {
    const cursor = this.#at(key);
    return cursor === undefined || cursor.isBucket
      ? undefined
      : Uint8Array.prototype.slice.call(cursor.value);
  }

  /** The bucket of that name in this one. */
  bucket(name: string | Uint8Array): BoltBucket | undefined {
    const cursor = this.#at(typeof name === "string" ? encoder.encode(name) : name);
    return cursor === undefined || !cursor.isBucket ? undefined : this.bucketAt(cursor);
  }

  /** The bucket that the cursor is at. */
  bucketAt(cursor: BoltCursor): BoltBucket {
    const { root, sequence } = decodeBucket(this.#source.path, cursor.page, cursor.value);
    return new BoltBucket(this.#source, this.#meta, root, sequence);
  }

  #at(key: Uint8Array): BoltCursor | undefined {
    const cursor = this.cursor();
    if (!cursor.seek(key)) return undefined;
    return Buffer.compare(cursor.key, key) === 0 ? cursor : undefined;
  }
}

/** Takes a bucket's value apart; `page` is where it is stored. An inline page is copied. */
export function decodeBucket(
  file: string,
  page: number,
  value: Uint8Array,
): { readonly root: BucketRoot; readonly sequence: bigint } {
  if (value.length < BUCKET_HEADER_BYTES) {
    throw new BoltError(file, page, `a bucket in it has ${value.length} bytes, too few`);
  }
  const view = viewOf(value);
  const root = readUint64(view, 0);
  const sequence = view.getBigUint64(8, true);
  if (root !== 0) return { root: { page: root }, sequence };
  const inline = Uint8Array.prototype.slice.call(value, BUCKET_HEADER_BYTES);
  return { root: { inline, owner: page }, sequence };
}

/** A database file, open for reading at the state of its newest commit. */
export class BoltReader {
  readonly source: ByteSource;
  readonly meta: Meta;
  /** The page with the meta that counts. */
  readonly metaPage: 0 | 1;
  /** What is wrong with the meta that does not count, where something is. */
  readonly damagedMeta: FoundMeta["damaged"];
  /** The bucket that holds all others. */
  readonly root: BoltBucket;

  /** Throws a `BoltError` when the file is not a whole database, a `DiskError` of the source. */
  constructor(source: ByteSource) {
    const { meta, page, damaged } = findMeta(source);
    this.source = source;
    this.metaPage = page;
    this.meta = meta;
    this.damagedMeta = damaged;
    this.root = new BoltBucket(source, meta, { page: meta.rootPage }, meta.rootSequence);
  }

  /** The bytes that belong to the database; the file may be longer. */
  get sizeBytes(): number {
    return this.meta.highWater * this.meta.pageBytes;
  }

  bucket(name: string | Uint8Array): BoltBucket | undefined {
    return this.root.bucket(name);
  }

  /** The names of the buckets at the top, in byte order. */
  *bucketNames(): IterableIterator<string> {
    const cursor = this.root.cursor();
    for (let found = cursor.first(); found; found = cursor.next()) {
      if (cursor.isBucket) yield decoder.decode(cursor.key);
    }
  }
}
