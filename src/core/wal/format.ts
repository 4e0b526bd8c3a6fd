// SPDX-License-Identifier: Apache-2.0

import type { ConfState } from "../raft/index.ts";

/** A segment is cut once it has reached this size; new ones are extended to it. */
export const SEGMENT_BYTES = 64_000_000;
/** The length field before each record. */
export const FRAME_HEADER_BYTES = 8;
/** What a disk writes whole or not at all; the torn-write rule rests on it. */
export const SECTOR_BYTES = 512;

/** The kinds of records, with their numbers on disk. */
export const RecordType = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** A position of the log that a snapshot record names. */
export interface SnapshotMark {
  readonly index: number;
  readonly term: number;
}

/** A snapshot record as it was read. */
export interface SnapshotRecord extends SnapshotMark {
  /** Absent in records of etcd 3.4 and in the first record of a log. */
  readonly confState: ConfState | undefined;
}

export interface SegmentName {
  /** The file name without its directory. */
  readonly name: string;
  readonly sequence: number;
  /** The index of the first entry that may be in the segment. */
  readonly index: number;
}

function hex16(value: number): string {
  return value.toString(16).padStart(16, "0");
}

export function segmentName(sequence: number, index: number): string {
  return `${hex16(sequence)}-${hex16(index)}.wal`;
}

const NAME_PATTERN = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/;

/** Undefined for a name that is not a segment's, among them those with numbers beyond 2^53. */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = NAME_PATTERN.exec(name);
  const sequence = Number.parseInt(match?.[1] ?? "", 16);
  const index = Number.parseInt(match?.[2] ?? "", 16);
  if (!Number.isSafeInteger(sequence) || !Number.isSafeInteger(index)) return undefined;
  return { name, sequence, index };
}

/** Zero bytes after a record of `size` bytes, so that the next frame starts 8-byte aligned. */
export function paddingBytes(size: number): number {
  return -size & 7;
}
