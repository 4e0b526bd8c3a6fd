// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { type Disk, DiskError } from "../base/contracts/disk.ts";
import {
  checkSequence,
  FIX_DAMAGE,
  type SegmentName,
  type SegmentVisit,
  visitSegment,
  WalError,
} from "../core/wal/index.ts";
import type { Findings } from "./finding.ts";
import { WalContinuity } from "./wal-continuity.ts";
import { diskCause, diskRemedy } from "./wal-place.ts";

/** A record at the end of a log that a crash has left incomplete. */
export interface TornTail {
  readonly file: string;
  readonly offset: number;
  /** The number that the record would have. */
  readonly record: number;
  /** From its beginning to the end of the file. */
  readonly bytes: number;
  readonly problem: string;
}

/** What a walk through a whole log has found. */
export interface WalSurvey {
  readonly directory: string;
  readonly segments: number;
  readonly records: number;
  /** Where it ends and what it says of itself. */
  readonly log: WalContinuity;
  readonly torn: TornTail | undefined;
  /** Whether everything could be read, but for a torn tail. */
  readonly isWhole: boolean;
}

const REMEDY_TORN =
  "a member that starts cuts it off and goes on, and `wal repair --apply` does the same";
const REMEDY_GAP =
  "put the missing files back, or restore the data directory from a copy, or replace the member";

/** Reads a log from its first segment to its last. What is wrong goes into `findings`. */
export function surveyWal(
  disk: Disk,
  directory: string,
  segments: readonly SegmentName[],
  findings: Findings,
): WalSurvey {
  const log = new WalContinuity(segments[0]?.index ?? 0);
  let crc = 0;
  let records = 0;
  let torn: TornTail | undefined;
  let isWhole = true;
  for (const [at, segment] of segments.entries()) {
    const file = join(directory, segment.name);
    const isLast = at === segments.length - 1;
    if (!followsOn(directory, segments.slice(Math.max(0, at - 1), at + 1), findings)) {
      isWhole = false;
      crc = 0;
      log.loseSight();
    }
    const misnamed = log.segment(segment.index);
    if (misnamed !== undefined) findings.error(file, misnamed, REMEDY_GAP);
    const visit = visitAll(disk, file, { crc, isLast }, log, findings);
    records += visit?.records ?? 0;
    const end = visit === undefined ? undefined : endOf(file, visit, isLast, findings);
    torn = end?.torn;
    crc = visit?.crc ?? 0;
    if (end?.isSound === true) continue;
    isWhole = false;
    crc = 0;
    log.loseSight();
  }
  const survey = { directory, segments: segments.length, records, log, torn, isWhole };
  checkBegin(survey, segments[0], findings);
  checkEnd(survey, findings);
  return survey;
}

function followsOn(directory: string, pair: readonly SegmentName[], findings: Findings): boolean {
  try {
    checkSequence(directory, pair);
    return true;
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    findings.error(error.file, error.problem, REMEDY_GAP);
    return false;
  }
}

function visitAll(
  disk: Disk,
  file: string,
  options: { readonly crc: number; readonly isLast: boolean },
  log: WalContinuity,
  findings: Findings,
): SegmentVisit | undefined {
  try {
    return visitSegment(disk, file, options, (cursor, record) => {
      const problem = log.take(cursor);
      if (problem === undefined) return;
      const { offset } = cursor;
      findings.add({ severity: "error", file, offset, record, problem, remedy: FIX_DAMAGE });
    });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    findings.error(file, `it cannot be read: ${diskCause(error)}`, diskRemedy(error));
    return undefined;
  }
}

/** Tells how a segment ended; whether what follows can be judged by it. */
function endOf(
  file: string,
  visit: SegmentVisit,
  isLast: boolean,
  findings: Findings,
): { readonly isSound: boolean; readonly torn: TornTail | undefined } {
  const { damage, offset, records, sizeBytes, strayOffset } = visit;
  const record = records + 1;
  if (damage?.code === "torn") {
    const { problem } = damage;
    const text = `the last record is torn, as a crash leaves it: ${problem}`;
    findings.add({
      severity: "warning",
      file,
      offset,
      record,
      problem: text,
      remedy: REMEDY_TORN,
    });
    return { isSound: true, torn: { file, offset, record, bytes: sizeBytes - offset, problem } };
  }
  if (damage !== undefined) {
    const { problem, fix } = damage;
    findings.add({ severity: "error", file, offset, record, problem, remedy: fix });
    return { isSound: false, torn: undefined };
  }
  if (records === 0) {
    const problem = sizeBytes === 0 ? "the file is empty" : "the file holds no record";
    findings.error(file, problem, FIX_DAMAGE);
    return { isSound: false, torn: undefined };
  }
  if (strayOffset !== undefined) tellStray(file, visit, isLast, findings);
  return { isSound: true, torn: undefined };
}

function tellStray(
  file: string,
  { offset, strayOffset }: SegmentVisit,
  isLast: boolean,
  findings: Findings,
): void {
  const problem = `the log ends at offset ${offset}, but not all bytes behind it are zero`;
  const remedy = isLast
    ? "they are the rest of a write that a crash interrupted, and the member that starts clears " +
      "them; if there was no crash, check the disk and restore the file from a copy"
    : FIX_DAMAGE;
  const severity = isLast ? "warning" : "error";
  findings.add({ severity, file, offset: strayOffset, problem, remedy });
}

/** A member looks by their names for the segment that holds the snapshot it starts from. */
function checkBegin(
  { directory, log, isWhole }: WalSurvey,
  first: SegmentName | undefined,
  findings: Findings,
): void {
  if (!isWhole || first === undefined) return;
  const start = log.snapshots.findLast(({ index }) => index <= log.hardState.commit)?.index ?? 0;
  if (first.index <= start) return;
  const problem = `the log should reach back to the snapshot at entry ${start}, but begins with ${first.name}`;
  findings.error(directory, problem, REMEDY_GAP);
}

/** What the log says of itself as a whole. */
function checkEnd({ directory, log, isWhole, torn }: WalSurvey, findings: Findings): void {
  if (!isWhole) return;
  const { hardState, lastIndex } = log;
  if (hardState.commit <= lastIndex) return;
  const lost = torn === undefined ? "" : ", so that what is torn was committed";
  findings.error(
    directory,
    `entry ${hardState.commit} was committed, but the log ends at entry ${lastIndex}${lost}`,
    FIX_DAMAGE,
  );
}
