// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { checkSequence, FIX_DAMAGE, visitSegment, WalError } from "../core/wal/index.ts";
import { OfflineError } from "./errors.ts";
import { passes, type WalFilter } from "./wal-filter.ts";
import { attempt, memberPlaces, segmentsIn } from "./wal-place.ts";
import { type DumpedRecord, dumpedRecord, type RecordPlace } from "./wal-record.ts";

export interface WalDumpOptions {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly walDir: string;
  readonly filter: WalFilter;
}

export interface WalDumpOutput {
  /** A record that passes the filter; valid during the call. */
  record(place: RecordPlace, record: DumpedRecord): void;
  /** The last record is incomplete, as a crash leaves it. */
  torn(place: RecordPlace, problem: string, remedy: string): void;
}

/**
 * Hands over the records of a log in the order in which they were written, one at a time. Throws
 * an `OfflineError` at damage, when everything before it has been handed over. A running member
 * may go on writing: its last record then looks torn.
 */
export function dumpWal(options: WalDumpOptions, output: WalDumpOutput): void {
  const { disk, filter } = options;
  const { wal } = memberPlaces(disk, options.dataDir, options.walDir);
  const segments = segmentsIn(disk, wal);
  let crc = 0;
  for (const [at, { name }] of segments.entries()) {
    const file = join(wal, name);
    const isLast = at === segments.length - 1;
    checkOrder(() => checkSequence(wal, segments.slice(Math.max(0, at - 1), at + 1)));
    const end = attempt(() =>
      visitSegment(disk, file, { crc, isLast }, (cursor, number) => {
        const record = dumpedRecord(cursor);
        if (passes(record, filter)) output.record({ file, offset: cursor.offset, number }, record);
      }),
    );
    ({ crc } = end);
    if (end.damage === undefined && end.records === 0) throw emptySegment(file);
    if (end.damage === undefined) continue;
    const place = { file, offset: end.damage.offset ?? end.offset, number: end.records + 1 };
    if (end.damage.code !== "torn") throw refusal(end.damage, place.number);
    output.torn(place, end.damage.problem, end.damage.fix);
  }
}

function checkOrder(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    throw new OfflineError(`${error.file}: ${error.problem}; ${error.fix}`, { cause: error });
  }
}

/** Even the first moment of a segment has its checksum and who the member is. */
function emptySegment(file: string): OfflineError {
  return new OfflineError(`${file}: the file holds no record; ${FIX_DAMAGE}`);
}

function refusal(damage: WalError, number: number): OfflineError {
  const at = `${damage.file} at offset ${damage.offset ?? 0} (record ${number})`;
  return new OfflineError(`${at}: ${damage.problem}; ${damage.fix}`, { cause: damage });
}
