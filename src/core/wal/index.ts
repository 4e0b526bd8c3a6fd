// SPDX-License-Identifier: Apache-2.0
//
// The write-ahead log: etcd's files, byte for byte, so that either program continues what the
// other has written.
//
// Files. A log is a directory of segments named `<sequence>-<index>.wal`, both as 16 hex digits;
// index is that of the first entry that may be inside. A segment is cut when it has passed
// 64 000 000 bytes: it is truncated to its used length, and the next one opens with a checksum
// record (the chained value so far), the metadata and the last hard state. A new segment is
// extended to its full length; a length field of zero ends what is used. `0.tmp` and `1.tmp` are
// the next segment in preparation, `.broken` is a copy that a repair has left.
//
// Frames. Eight bytes of length, little-endian: the low 56 bits count the record, the top byte is
// 0x80 + p when p zero bytes of padding follow so that every frame starts at a multiple of 8.
// The record is a protobuf message of type, checksum and data. The checksum is CRC-32C over the
// data of all records so far, across segments; it covers neither type nor length.
//
// What holds:
// - What was written before a `sync` that has succeeded is there after any crash; of what came
//   later some beginning is there, whatever subset of its sectors reached the disk.
// - Later entries replace earlier ones with the same or a higher index.
// - A failed write or sync makes the log unusable. Nothing is tried again in place.
// - Opening repairs one thing only: a last record that misses a whole sector or the end of the
//   file, as a power failure leaves it, and only if nothing committed goes with it. Any other
//   deviation is refused with file, offset and number of the record. This reader is stricter than
//   etcd's: it also refuses a record that is whole but has a wrong length (etcd would cut off
//   everything after it) and a type that was changed.
// - Snapshot records vouch for snapshot files: the file is durable before its record is written.
//
// Left to others: which process may open the directory (`platform/file-lock`), when to snapshot,
// release and purge (`server/replica`), what entries mean (`core/apply`).

export type { RecordCursor } from "./decoder.ts";
export { FIX_DAMAGE, WalError, type WalErrorCode } from "./errors.ts";
export {
  parseSegmentName,
  RecordType,
  SEGMENT_BYTES,
  type SegmentName,
  type SnapshotMark,
  type SnapshotRecord,
  segmentName,
} from "./format.ts";
export { decodeSnapshotRecord, hasOnlyVarints, type LogCollector } from "./log-collector.ts";
export {
  lastValidSnapshot,
  listRecords,
  readLog,
  validSnapshotEntries,
  type WalRecord,
} from "./reader.ts";
export { cutTornTail, type WalRepair } from "./repair.ts";
export { checkSequence, listSegments } from "./segments.ts";
export { type SegmentVisit, visitSegment } from "./visit.ts";
export {
  type AppendResult,
  type OpenedWal,
  Wal,
  type WalOpenOptions,
  type WalOptions,
} from "./wal.ts";
