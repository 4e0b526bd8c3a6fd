// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../base/crc32c.ts";
import type { BoltReader } from "../bolt/index.ts";
import { META_KEYS } from "./buckets.ts";
import { EtcdDbError } from "./errors.ts";
import { KeyRows } from "./key-rows.ts";
import { LiveKeys } from "./live-keys.ts";

/** What `etcdutl snapshot status` tells of a database. */
export interface DatabaseStatus {
  /** CRC-32C over names, keys and values of all buckets. */
  readonly hash: number;
  /** The revision of the last row; 0 when there is none. */
  readonly revision: number;
  /** Keys that exist at the end. */
  readonly totalKeys: number;
  readonly totalSizeBytes: number;
  /** The storage version, such as `3.7.0`; empty before 3.6. */
  readonly version: string;
}

/** Reads the whole database once. Does not check its pages first, see `checkBolt`. */
export function databaseStatus(reader: BoltReader): DatabaseStatus {
  const hash = hashBuckets(reader, () => false);
  const { revision, totalKeys } = countKeys(reader);
  const version = readText(reader, "meta", META_KEYS.storageVersion);
  return { hash, revision, totalKeys, totalSizeBytes: reader.sizeBytes, version };
}

/** What `Maintenance.Hash` answers: the same without the keys of `meta` that members differ in. */
export function databaseHash(reader: BoltReader): number {
  const { consistentIndex, term, storageVersion } = META_KEYS;
  const ignored = [consistentIndex, term, storageVersion];
  return hashBuckets(
    reader,
    (bucket, key) => bucket === "meta" && ignored.some((other) => Buffer.compare(other, key) === 0),
  );
}

function readText(reader: BoltReader, bucket: string, key: Uint8Array): string {
  const bytes = reader.bucket(bucket)?.get(key);
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

function hashBuckets(
  reader: BoltReader,
  isIgnored: (bucket: string, key: Uint8Array) => boolean,
): number {
  let hash = 0;
  const decoder = new TextDecoder();
  const buckets = reader.root.cursor();
  for (let found = buckets.first(); found; found = buckets.next()) {
    const name = decoder.decode(buckets.key);
    if (!buckets.isBucket) {
      throw new EtcdDbError(reader.source.path, name, "is a pair where a bucket belongs");
    }
    hash = crc32c(buckets.key, hash);
    // Only keys of `meta` are ever left out, so that the key space needs no view of each key.
    const isPlain = name !== "meta";
    const pairs = reader.root.bucketAt(buckets).cursor();
    for (let pair = pairs.first(); pair; pair = pairs.next()) {
      if (!isPlain && isIgnored(name, pairs.key)) continue;
      const end = pairs.isBucket ? pairs.keyEnd : pairs.valueEnd;
      hash = crc32c(pairs.bytes, hash, pairs.keyStart, end);
    }
  }
  return hash;
}

function countKeys(reader: BoltReader): { readonly revision: number; readonly totalKeys: number } {
  const live = new LiveKeys();
  const rows = new KeyRows(reader);
  let revision = 0;
  for (let found = rows.first(); found; found = rows.next()) {
    revision = rows.main;
    live.take(rows);
  }
  return { revision, totalKeys: live.count };
}
