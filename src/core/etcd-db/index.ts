// SPDX-License-Identifier: Apache-2.0
//
// What etcd keeps in a bbolt file: its buckets, and what its offline tools compute from them. The
// same file is a Go member's `member/snap/db`, the body of a snapshot, and what one member sends
// another.
//
// Buckets: `key` maps revisions to encoded `mvccpb.KeyValue`s; a revision is the request's number,
// `_`, the number of the change in it, and `t` behind a deletion. `meta` says up to which entry of
// the log everything is in here, and which compactions were asked for and completed. `lease`,
// `alarm`, `auth`, `authUsers`, `authRoles`, `members`, `members_removed` and `cluster` hold the
// rest of the replicated state. All ten exist, empty or not.
//
// What holds:
// - Nothing here changes a file, but for `editDatabase`, which is told to.
// - Databases are read and written in one pass, whatever their size. What has to know every key
//   (counting them, HashKV after a compaction) keeps a fingerprint of 96 bits per key.
// - A snapshot's hash is checked over every byte of the database before it.
//
// Left to others: pages (`core/bolt`), files and hashing (`platform`), what a member does with the
// rows (`core/mvcc`, `core/lease`, `core/auth`).

export { type BucketEdit, editedPairs } from "./bucket-edit.ts";
export { ETCD_BUCKETS, type EtcdBucket, META_KEYS } from "./buckets.ts";
export { copyDatabase, editDatabase } from "./database-copy.ts";
export { DatabaseWriter, writeDatabase } from "./database-writer.ts";
export { EtcdDbError } from "./errors.ts";
export { type DatabaseHashKv, hashKv } from "./hash-kv.ts";
export { KeyRows } from "./key-rows.ts";
export { KeyTable, keyFingerprint } from "./key-table.ts";
export {
  type RestoredMember,
  type RestoreOptions,
  type RestoreOutcome,
  restoreDatabase,
  restoreEdits,
} from "./restore.ts";
export { type RowRevision, readRevisionKey, revisionKey } from "./revision-key.ts";
export { type DatabaseRevisions, readRevisions } from "./revisions.ts";
export {
  readTrailer,
  SNAPSHOT_HASH_BYTES,
  type SnapshotTrailer,
  type SnapshotVerdict,
  verifyingSteps,
  verifySnapshot,
} from "./snapshot-file.ts";
export { type DatabaseStatus, databaseHash, databaseStatus } from "./status.ts";
