// SPDX-License-Identifier: Apache-2.0

import { scanLeafPages } from "../core/bolt/index.ts";
import { type RowRevision, readRevisionKey } from "../core/etcd-db/index.ts";
import { type OpenDatabase, readDatabase } from "./database-file.ts";
import { OfflineError } from "./errors.ts";

/** The names of a database's buckets, in byte order. */
export function listBuckets(options: OpenDatabase): Promise<readonly string[]> {
  return readDatabase(options, (reader) => [...reader.bucketNames()]);
}

/**
 * Hands over the pairs of a bucket, the last key first, at most `limit` of them where it is not 0.
 * What `take` gets is valid during the call.
 */
export function eachRow(
  options: OpenDatabase,
  bucket: string,
  limit: number,
  take: (key: Uint8Array, value: Uint8Array) => void,
): Promise<void> {
  return readDatabase(options, (reader) => {
    const found = reader.bucket(bucket);
    if (found === undefined) {
      const names = [...reader.bucketNames()].join(", ");
      throw new OfflineError(`${options.path} has no bucket "${bucket}"; it has ${names}`);
    }
    const cursor = found.cursor();
    let count = 0;
    for (let more = cursor.last(); more && (limit === 0 || count < limit); count++) {
      take(cursor.key, cursor.value);
      more = cursor.previous();
    }
  });
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
  options: OpenDatabase,
  fromRevision: number,
  take: (place: RowPlace, key: Uint8Array, value: Uint8Array) => void,
): Promise<void> {
  return readDatabase(options, (reader) => {
    const revision: RowRevision = { main: 0, sub: 0, isTombstone: false };
    scanLeafPages(reader, (pair) => {
      const { bytes, keyStart, keyEnd, valueEnd } = pair;
      if (pair.isBucket || !readRevisionKey(bytes, keyStart, keyEnd, revision)) return;
      if (revision.main < fromRevision) return;
      take(pair, bytes.subarray(keyStart, keyEnd), bytes.subarray(keyEnd, valueEnd));
    });
  });
}
