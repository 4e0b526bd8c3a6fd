// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import type { BoltReader } from "../bolt/index.ts";
import { EtcdDbError } from "./errors.ts";

/** What becomes of a bucket. */
export interface BucketEdit {
  /** Whether the pairs that are there go. */
  readonly drops?: boolean;
  /** Pairs to put, over those that are there; without a value the key goes. */
  readonly puts: readonly { readonly key: Uint8Array; readonly value: Uint8Array | undefined }[];
}

/** Takes a pair within one buffer: key [start, middle), value [middle, end). */
export type TakePair = (bytes: Uint8Array, start: number, middle: number, end: number) => void;

/** Hands over the pairs that a bucket has after an edit, in ascending order of their keys. */
export function editedPairs(
  reader: BoltReader,
  name: string,
  edit: BucketEdit | undefined,
  take: TakePair,
): void {
  const puts = [...(edit?.puts ?? [])].sort((a, b) => compareBytes(a.key, b.key));
  let next = 0;
  /** Takes what is to be put below `key`, and at it, which is told. */
  const putUpTo = (key: Uint8Array | undefined): boolean => {
    for (; next < puts.length; next++) {
      const put = puts[next];
      const order = put === undefined || key === undefined ? -1 : compareBytes(put.key, key);
      if (put === undefined || order > 0) return false;
      if (put.value !== undefined) takeParts(put.key, put.value, take);
      if (order < 0) continue;
      next++;
      return true;
    }
    return false;
  };
  const cursor = edit?.drops === true ? undefined : reader.bucket(name)?.cursor();
  for (let found = cursor?.first(); found && cursor !== undefined; found = cursor.next()) {
    if (cursor.isBucket) {
      throw new EtcdDbError(reader.source.path, name, "holds a bucket, which etcd's never do");
    }
    if (next < puts.length && putUpTo(cursor.key)) continue;
    take(cursor.bytes, cursor.keyStart, cursor.keyEnd, cursor.valueEnd);
  }
  putUpTo(undefined);
}

function takeParts(key: Uint8Array, value: Uint8Array, take: TakePair): void {
  const bytes = new Uint8Array(key.length + value.length);
  bytes.set(key);
  bytes.set(value, key.length);
  take(bytes, 0, key.length, bytes.length);
}
