// SPDX-License-Identifier: Apache-2.0

import { basename, join, resolve } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import {
  ETCD_TABLES,
  type EtcdTable,
  etcdValue,
  type LmdbFile,
  lmdbFormat,
  WholeHash,
} from "../core/backend/index.ts";
import { type BoltReader, scanLeafPages } from "../core/bolt/index.ts";
import { databaseHash, type RowRevision, readRevisionKey } from "../core/etcd-db/index.ts";
import { type OpenDatabase, readDatabase, readOwnStore } from "./database-file.ts";
import { OfflineError } from "./errors.ts";

const OWN_FILE = lmdbFormat.DATA_FILE;

/** A file with etcd's buckets: a database of Go etcd, or our own store. */
export interface BucketsFile extends OpenDatabase {
  readonly kind: "go" | "etcdx";
}

/**
 * The file that a user means: one whose path ends in `db` is a database, and of a data directory
 * it is the member's store, of whichever program.
 */
export function findBuckets(options: OpenDatabase): BucketsFile {
  const { disk, path } = options;
  if (basename(path) === OWN_FILE) return { ...options, kind: "etcdx" };
  for (const own of [join(path, OWN_FILE), join(path, "member/snap/store.lmdb", OWN_FILE)]) {
    if (isFile(disk, own)) return { ...options, path: own, kind: "etcdx" };
  }
  return {
    ...options,
    path: path.endsWith("db") ? path : join(path, "member/snap/db"),
    kind: "go",
  };
}

function isFile(disk: Disk, path: string): boolean {
  try {
    return disk.stat(resolve(path))?.isDirectory === false;
  } catch {
    // A file stands where a directory would have to be, or it may not be looked at; whoever reads
    // the path says so.
    return false;
  }
}

function read<T>(
  file: BucketsFile,
  ofDatabase: (reader: BoltReader) => T,
  ofStore: (store: LmdbFile) => T,
): Promise<T> {
  return file.kind === "go" ? readDatabase(file, ofDatabase) : readOwnStore(file, ofStore);
}

/** The names of the buckets, in byte order. */
export function listBuckets(file: BucketsFile): Promise<readonly string[]> {
  return read<readonly string[]>(file, (reader) => [...reader.bucketNames()], tablesOf);
}

/** Tables of our own are left out: they are made of the others. */
function tablesOf(store: LmdbFile): readonly EtcdTable[] {
  return ETCD_TABLES.filter((name) => store.tables.has(name));
}

/** Called per pair of a bucket; what it gets is valid during the call. */
export type TakePair = (key: Uint8Array, value: Uint8Array) => void;

/** Hands over the pairs of a bucket, the last key first, at most `limit` of them if it is not 0. */
export function eachRow(
  file: BucketsFile,
  bucket: string,
  limit: number,
  take: TakePair,
): Promise<void> {
  let count = 0;
  const takeMore = (key: Uint8Array, value: Uint8Array): boolean => {
    take(key, value);
    count++;
    return count !== limit;
  };
  return read(
    file,
    (reader) => {
      const found = reader.bucket(bucket);
      if (found === undefined) throw missingBucket(file, bucket, [...reader.bucketNames()]);
      const cursor = found.cursor();
      for (let more = cursor.last(); more; more = cursor.previous()) {
        if (!takeMore(cursor.key, cursor.value)) return;
      }
    },
    (store) => {
      const table = tablesOf(store).find((name) => name === bucket);
      if (table === undefined) throw missingBucket(file, bucket, tablesOf(store));
      store.eachBackwards(table, (key, row) => takeMore(key, etcdValue(table, row)));
    },
  );
}

function missingBucket({ path }: BucketsFile, bucket: string, names: readonly string[]) {
  return new OfflineError(`${path} has no bucket "${bucket}"; it has ${names.join(", ")}`);
}

/** Where a row was found: element `index` of the `count` that the page has. */
export interface RowPlace {
  readonly page: number;
  readonly index: number;
  readonly count: number;
}

/**
 * Hands over every row of the key space at or above a revision that is on any page, free ones too:
 * so also rows that were deleted or written again since.
 */
export function scanRows(
  file: BucketsFile,
  fromRevision: number,
  take: (place: RowPlace, key: Uint8Array, value: Uint8Array) => void,
): Promise<void> {
  const revision: RowRevision = { main: 0, sub: 0, isTombstone: false };
  const isWanted = (bytes: Uint8Array, start: number, end: number): boolean =>
    readRevisionKey(bytes, start, end, revision) && revision.main >= fromRevision;
  return read(
    file,
    (reader) =>
      scanLeafPages(reader, (pair) => {
        const { bytes, keyStart, keyEnd, valueEnd } = pair;
        if (pair.isBucket || !isWanted(bytes, keyStart, keyEnd)) return;
        take(pair, bytes.subarray(keyStart, keyEnd), bytes.subarray(keyEnd, valueEnd));
      }),
    (store) =>
      store.scan((place, key, row) => {
        if (isWanted(key, 0, key.length)) take(place, key, etcdValue("key", row));
      }),
  );
}

/** The hash over everything but what members differ in. */
export function wholeHash(file: BucketsFile): Promise<number> {
  return read(file, databaseHash, storeHash);
}

function storeHash(store: LmdbFile): number {
  const whole = new WholeHash({
    scan: (table, _from, _to, visit) =>
      store.each(table, (key, row) => visit(key, 0, key.length, row, 0, row.length)),
    close: () => {},
  });
  for (;;) {
    const hash = whole.step(Number.POSITIVE_INFINITY);
    if (hash !== undefined) return hash;
  }
}
