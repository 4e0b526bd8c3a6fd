// SPDX-License-Identifier: Apache-2.0

/** etcd's buckets, in byte order of their names. */
export const ETCD_TABLES = [
  "alarm",
  "auth",
  "authRoles",
  "authUsers",
  "cluster",
  "key",
  "lease",
  "members",
  "members_removed",
  "meta",
] as const;

/** Our own table of the keys by lease. It goes to disk with etcd's, in the same transactions. */
export const LEASE_KEY_TABLES = ["leaseKeys", "leaseKeysLong", "leaseKeysLinks"] as const;

/**
 * Our own tables: the key index. It never leaves the member, and what it lacks after a crash is
 * made up from `key`, see `Backend.indexRevision`.
 */
export const INDEX_TABLES = [
  "head",
  "headLong",
  "headLinks",
  "grave",
  "graveLong",
  "graveLinks",
  "indexState",
] as const;

export const TABLES = [...ETCD_TABLES, ...LEASE_KEY_TABLES, ...INDEX_TABLES] as const;

export type Table = (typeof TABLES)[number];
export type EtcdTable = (typeof ETCD_TABLES)[number];

/** The number that stands for a table in packed operations. */
export const TABLE_NUMBERS: Readonly<Record<Table, number>> = Object.freeze(
  Object.fromEntries(TABLES.map((table, number) => [table, number])) as Record<Table, number>,
);

/** Whether a table, by number, belongs to the index. */
export function isIndexTable(number: number): boolean {
  return number >= ETCD_TABLES.length + LEASE_KEY_TABLES.length;
}

/**
 * What etcd stores under the key of a row. A row of `key` is etcd's value followed by a trailer
 * of our own whose last byte gives the length of the rest of it; all others are stored as they
 * are. The result shares memory with the row.
 */
export function etcdValue(table: Table, row: Uint8Array): Uint8Array {
  return table === "key" ? row.subarray(0, etcdValueEnd(row, 0, row.length)) : row;
}

/** The end of etcd's value in a row of `key` that lies in `buffer` from `start` to `end`. */
export function etcdValueEnd(buffer: Uint8Array, start: number, end: number): number {
  if (end === start) return end;
  return Math.max(start, end - 1 - (buffer[end - 1] ?? 0));
}
