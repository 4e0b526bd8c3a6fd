// SPDX-License-Identifier: Apache-2.0

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
