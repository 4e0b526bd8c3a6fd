// SPDX-License-Identifier: Apache-2.0
//
// Snapshot files: where the log may begin and who was a member there. The user's data is not in
// them; it is in the backend.
//
// Files, in the member's `snap` directory. `<term>-<index>.snap`, both as 16 hex digits, is a
// protobuf message of a CRC-32C and the bytes it sums up: a raft snapshot with index, term and
// configuration. Its data is a JSON dump of etcd's version 2 store that holds the membership,
// made afresh each time: members of 3.4 to 3.6 need it, 3.7 writes it and reads nothing of it.
// `<index>.snap.db` is a database that came from a leader and has not become the backend yet.
// `.broken` marks a file that could not be read.
//
// What holds:
// - A file has its name only when it is whole and durable.
// - The log's record of a snapshot is written after the file, never before; so a file without a
//   record is harmless, and a record implies the file.
// - Reading starts with the largest name; what cannot be read is renamed, never deleted.
//
// Left to others: when to snapshot and what to keep (`server/replica`), the database itself
// (`core/backend`, `core/bolt`), the log's records (`core/wal`).

export { SnapError } from "./errors.ts";
export {
  databaseFileName,
  decodeSnapFile,
  encodeSnapFile,
  parseDatabaseFileName,
  snapFileName,
} from "./format.ts";
export {
  encodeMembershipV2,
  type SnapshotMember,
  type SnapshotMembership,
} from "./membership-v2.ts";
export { decodeMembershipV2 } from "./membership-v2-reader.ts";
export { type BrokenSnapshot, type LoadedSnapshot, Snapshotter } from "./snapshotter.ts";
