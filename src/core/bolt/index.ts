// SPDX-License-Identifier: Apache-2.0
//
// bbolt's database file, in which etcd keeps its data and sends its snapshots: a reader, a
// sequential writer and a checker.
//
// The file is pages of one size, by default 4096 bytes, numbered from 0; numbers are
// little-endian. Pages 0 and 1 are metas: magic number, page size, root page, free list page,
// high-water mark (the first page behind those in use), transaction number, FNV-1a 64 over all
// that. A commit writes the one that is not current, so the valid meta with the higher
// transaction number counts. All other pages begin with their number, kind, count of elements and
// how many pages follow as part of them. Leaves hold keys and values, branches the first key and
// the number of each page below; keys ascend. A bucket is a value: the number of its root page, or
// 0 and a small leaf right behind. The tree at the root holds buckets only.
//
// What holds:
// - Whatever the bytes, reading ends: with pairs in ascending order, or with a `BoltError` that
//   names file, page and deviation. Values carry no checksum, so a changed value is not noticed
//   here; the SHA-256 behind a snapshot is for that.
// - Memory does not grow with the file. A cursor keeps one page per level, up to 256 kB where it
//   reads in order; a writer keeps the leaf and the branches that are being filled; the checker
//   two bits per page.
// - What is written is equal for equal input, and is no database before it is whole.
// - A file is changed in place only by giving whole buckets a new content, as one commit.
//
// Left to others: what is in the buckets (`core/etcd-db`), locks (`platform`).

export { type BoltCheck, type BoltFinding, checkBolt } from "./check.ts";
export { BoltCursor } from "./cursor.ts";
export { BoltError } from "./errors.ts";
export type { ByteSource, Meta } from "./meta.ts";
export type { ByteSink } from "./page-output.ts";
export { type ScannedPair, scanLeafPages } from "./page-scan.ts";
export { type BucketContent, replaceBuckets } from "./patch.ts";
export { BoltBucket, BoltReader } from "./reader.ts";
export {
  BoltWriter,
  type BoltWriterOptions,
  type FinishedBolt,
  writeBoltFile,
} from "./writer.ts";
