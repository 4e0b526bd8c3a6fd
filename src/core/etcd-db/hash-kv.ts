// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../base/crc32c.ts";
import { invariant } from "../../base/invariant.ts";
import type { BoltReader } from "../bolt/index.ts";
import { KeyRows } from "./key-rows.ts";
import { KeyTable, TABLE_VALUE_MAX } from "./key-table.ts";
import { LiveKeys } from "./live-keys.ts";
import { readRevisions } from "./revisions.ts";

const BUCKET = new TextEncoder().encode("key");

export type DatabaseHashKv =
  | {
      readonly kind: "hash";
      readonly hash: number;
      readonly hashRevision: number;
      /** -1 when the database was never compacted. */
      readonly compactRevision: number;
    }
  | { readonly kind: "compacted" }
  | { readonly kind: "future-revision" };

/**
 * What the call HashKV of a member with this database answers for a revision, 0 for the current
 * one; a negative one has no rows. A row at or below the compact revision counts only as what its key had at the revision; if
 * no key existed then, all rows count that the compaction leaves, whether or not the others have
 * been removed yet. A tombstone at the compact revision never counts.
 *
 * Reads the bucket once, twice where there was a compaction; the table of `KeyTable` then holds
 * the keys that have rows from before the compaction.
 */
export function hashKv(reader: BoltReader, revision: number): DatabaseHashKv {
  const { current, compact } = readRevisions(reader);
  if (revision > 0 && revision < compact) return { kind: "compacted" };
  if (revision > current) return { kind: "future-revision" };
  const upTo = revision === 0 ? current : revision;
  const keep = compact < 0 ? undefined : findKept(reader, upTo, compact);
  let hash = crc32c(BUCKET);
  let ordinal = 0;
  const rows = new KeyRows(reader);
  for (let found = rows.first(); found && rows.main <= upTo; found = rows.next()) {
    ordinal++;
    if (rows.main <= compact) {
      if (rows.main === compact && rows.isTombstone) continue;
      if (keep !== undefined && !isKept(rows, keep, ordinal)) continue;
    }
    hash = crc32c(rows.bytes, hash, rows.start, rows.end);
  }
  return { kind: "hash", hash, hashRevision: upTo, compactRevision: compact };
}

function isKept(rows: KeyRows, keep: KeyTable, ordinal: number): boolean {
  if (rows.isTombstone) return false;
  rows.readUserKey();
  return keep.get(rows.bytes, rows.userKeyStart, rows.userKeyEnd) === ordinal;
}

/** Stands for a key that has a later row, or was deleted. */
const SUPERSEDED = TABLE_VALUE_MAX;

/**
 * For every key with a row at or below `compact`: the ordinal of that row if it is what the key
 * has at `upTo`, or, where no key exists then, what it has at `compact`.
 */
function findKept(reader: BoltReader, upTo: number, compact: number): KeyTable {
  const table = new KeyTable();
  const rows = new KeyRows(reader);
  let ordinal = 0;
  let endsWithPut = false;
  for (let found = rows.first(); found && rows.main <= upTo; found = rows.next()) {
    ordinal++;
    invariant(ordinal < SUPERSEDED, "a bucket has less than 2^32 rows");
    endsWithPut = !rows.isTombstone;
    rows.readUserKey();
    const { bytes, userKeyStart, userKeyEnd } = rows;
    if (rows.main <= compact) {
      table.set(bytes, userKeyStart, userKeyEnd, rows.isTombstone ? SUPERSEDED : ordinal);
    } else if (table.get(bytes, userKeyStart, userKeyEnd) !== 0) {
      table.set(bytes, userKeyStart, userKeyEnd, SUPERSEDED);
    }
  }
  const hasKeys = endsWithPut || hasNumber(table) || hasLiveKey(reader, upTo);
  return hasKeys || upTo <= compact ? table : findKept(reader, compact, compact);
}

function hasNumber(table: KeyTable): boolean {
  let has = false;
  table.each((value) => {
    has = value !== SUPERSEDED;
    return !has;
  });
  return has;
}

/** Whether any key exists at a revision; asked when the last row there is a deletion. */
function hasLiveKey(reader: BoltReader, upTo: number): boolean {
  const live = new LiveKeys();
  const rows = new KeyRows(reader);
  for (let found = rows.first(); found && rows.main <= upTo; found = rows.next()) live.take(rows);
  return live.count > 0;
}
