// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { type RecordCursor, SegmentDecoder } from "./decoder.ts";
import { WalError } from "./errors.ts";
import { RecordType, type SegmentName, type SnapshotMark, type SnapshotRecord } from "./format.ts";
import { LogCollector } from "./log-collector.ts";
import { checkSequence, listSegments, segmentsFrom } from "./segments.ts";

const ORIGIN: SnapshotMark = { index: 0, term: 0 };

/** Where reading ended: what a writer needs to go on. */
export interface ReadEnd {
  readonly segments: readonly SegmentName[];
  /** End of the last record in the last segment. */
  readonly offset: number;
  readonly crc: number;
}

/** A record with the place where it was found, for tools that list a log. */
export interface WalRecord {
  readonly type: number;
  readonly data: Uint8Array;
  readonly file: string;
  /** Offset of the record's frame in the file. */
  readonly offset: number;
}

function isTorn(error: unknown): error is WalError {
  return error instanceof WalError && error.code === "torn";
}

/**
 * Reads the given segments in order and hands over each record. Returns where it ended; throws
 * a `WalError` at the first damage. `endsLog`: the last of them is the last of the log.
 */
export function readSegments(
  disk: Disk,
  directory: string,
  segments: readonly SegmentName[],
  take: (record: RecordCursor, file: string) => void,
  endsLog = true,
): ReadEnd {
  let crc = 0;
  let offset = 0;
  for (const [at, segment] of segments.entries()) {
    const path = `${directory}/${segment.name}`;
    const file = disk.open(path, "read");
    try {
      const isLast = endsLog && at === segments.length - 1;
      const decoder = new SegmentDecoder(file, { crc, isLast });
      for (let record = decoder.next(); record !== undefined; record = decoder.next()) {
        take(record, path);
      }
      ({ crc, offset } = decoder);
    } finally {
      file.close();
    }
  }
  return { segments, offset, crc };
}

export interface CollectedLog {
  readonly log: LogCollector;
  readonly end: ReadEnd;
}

/** Reads the log after `start` for a writer, which has to repair a torn tail first. */
export function collectLog(disk: Disk, directory: string, start: SnapshotMark): CollectedLog {
  const log = new LogCollector(start);
  const segments = segmentsFrom(disk, directory, start.index);
  const end = readSegments(disk, directory, segments, (record, file) => log.add(record, file));
  if (!log.startMatched) throw snapshotNotFound(directory, start);
  return { log, end };
}

function snapshotNotFound(directory: string, start: SnapshotMark): WalError {
  return new WalError(
    "snapshot-not-found",
    { file: directory },
    {
      problem:
        `there should be a record of the snapshot at index ${start.index}, ` + `term ${start.term}`,
      fix: "start from a snapshot that the log knows",
    },
  );
}

/**
 * Reads the log after `start` and changes nothing: for tools. A torn tail ends the log without
 * an error.
 */
export function readLog(disk: Disk, directory: string, start: SnapshotMark = ORIGIN): LogCollector {
  const log = new LogCollector(start);
  readAll(disk, directory, segmentsFrom(disk, directory, start.index), log);
  if (!log.startMatched) throw snapshotNotFound(directory, start);
  return log;
}

function readAll(
  disk: Disk,
  directory: string,
  segments: readonly SegmentName[],
  log: LogCollector,
): void {
  try {
    readSegments(disk, directory, segments, (record, file) => log.add(record, file));
  } catch (error) {
    if (!isTorn(error)) throw error;
  }
}

/** Every record of every segment, in order: for tools. Stops with a `WalError` at damage. */
export function listRecords(disk: Disk, directory: string): WalRecord[] {
  const records: WalRecord[] = [];
  readSegments(disk, directory, listSegments(disk, directory), (record, file) => {
    const { type, offset, bytes, start, end } = record;
    records.push({ type, data: bytes.subarray(start, end), file, offset });
  });
  return records;
}

/**
 * All snapshot records up to the last known commit index, in the order in which they were
 * written. Those beyond it were saved, but the log does not yet vouch for them.
 */
export function validSnapshotEntries(disk: Disk, directory: string): SnapshotRecord[] {
  const segments = listSegments(disk, directory);
  checkSequence(directory, segments);
  const { snapshots, hardState } = scanStates(disk, directory, segments);
  return snapshots.filter((snapshot) => snapshot.index <= hardState.commit);
}

/**
 * The last of the `validSnapshotEntries`: where etcd 3.7 starts from. Reads the newest segment
 * first and goes back only as far as needed, since each one repeats the hard state.
 */
export function lastValidSnapshot(disk: Disk, directory: string): SnapshotRecord | undefined {
  const segments = listSegments(disk, directory);
  checkSequence(directory, segments);
  let commit = 0;
  for (const segment of segments.toReversed()) {
    const isLast = segment === segments.at(-1);
    const scan = scanStates(disk, directory, [segment], isLast);
    if (isLast) ({ commit } = scan.hardState);
    const found = scan.snapshots.findLast((snapshot) => snapshot.index <= commit);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Collects snapshots and the hard state only: the first entries may be gone already. */
function scanStates(
  disk: Disk,
  directory: string,
  segments: readonly SegmentName[],
  endsLog = true,
): LogCollector {
  const log = new LogCollector(ORIGIN);
  const take = (record: RecordCursor, file: string) => {
    if (record.type !== RecordType.entry) log.add(record, file);
  };
  try {
    readSegments(disk, directory, segments, take, endsLog);
  } catch (error) {
    if (!isTorn(error)) throw error;
  }
  return log;
}
