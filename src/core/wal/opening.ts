// SPDX-License-Identifier: Apache-2.0

import { type Disk, DiskError, type DiskFile } from "../../base/contracts/disk.ts";
import { invariant } from "../../base/invariant.ts";
import { FIX_DAMAGE, WalError } from "./errors.ts";
import type { SnapshotMark } from "./format.ts";
import type { LogCollector } from "./log-collector.ts";
import { type CollectedLog, collectLog, type ReadEnd, readLog } from "./reader.ts";
import { cutTornTail, type WalRepair } from "./repair.ts";

/**
 * Reads the log after `start` and, once, cuts off a torn tail that is in the way, unless it was
 * relied upon: entries up to `heldIndex` have had their effects.
 */
export function collectRepairing(
  disk: Disk,
  directory: string,
  start: SnapshotMark,
  heldIndex: number,
): CollectedLog & { readonly repaired: WalRepair | undefined } {
  try {
    return { ...collectLog(disk, directory, start), repaired: undefined };
  } catch (error) {
    if (!(error instanceof WalError) || error.code !== "torn") throw error;
    refuseLoss(readLog(disk, directory, start), start, heldIndex, error);
    const torn = { path: error.file, offset: error.offset ?? 0, problem: error.message };
    const repaired = cutOff(disk, directory, torn);
    return { ...collectLog(disk, directory, start), repaired };
  }
}

function cutOff(disk: Disk, directory: string, torn: Parameters<typeof cutTornTail>[2]): WalRepair {
  try {
    return cutTornTail(disk, directory, torn);
  } catch (cause) {
    if (!(cause instanceof DiskError)) throw cause;
    const { path: file, offset } = torn;
    const text = {
      problem: `the record that a crash has torn could not be cut off: ${cause.message}`,
      fix: "see to the disk (room for a copy of this file, hardware, mount) and start again",
    };
    throw new WalError("unusable", { file, offset }, text, { cause });
  }
}

/** What was synced and acted upon is not torn by a crash: then the disk has lost it. */
function refuseLoss(
  log: LogCollector,
  start: SnapshotMark,
  heldIndex: number,
  torn: WalError,
): void {
  const last = start.index + log.entries.length;
  const committed = Math.max(log.hardState.commit, heldIndex);
  if (committed <= last) return;
  const { file, offset = 0, record = 1 } = torn;
  const problem =
    `${torn.problem}, but entry ${committed} was committed, and without the record the log ends ` +
    `at entry ${last}`;
  const text = { problem, fix: FIX_DAMAGE };
  throw new WalError("corrupt", { file, offset, record }, text, { cause: torn });
}

/** Read and written in one go. */
const REWRITE_BYTES = 1 << 20;

/**
 * Writes the used part of a segment once more. After a failed sync the system still shows what it
 * has not written, and holds it for clean: a sync would succeed and save nothing of it. What was
 * read here is about to be relied upon, so it has to become dirty again.
 */
function rewrite(file: DiskFile, usedBytes: number): void {
  for (let at = 0; at < usedBytes; at += REWRITE_BYTES) {
    file.write(file.read(at, Math.min(REWRITE_BYTES, usedBytes - at)), at);
  }
}

/**
 * Opens the last segment for appending at `end`. What follows the last record is cut off, so
 * that no rest of an unfinished write can ever be read as a record.
 */
export function openEnd(
  disk: Disk,
  directory: string,
  end: ReadEnd,
  segmentBytes: number,
): DiskFile {
  const last = end.segments.at(-1);
  invariant(last !== undefined, "a log that was read has a segment");
  const file = disk.open(`${directory}/${last.name}`, "write");
  rewrite(file, end.offset);
  file.truncate(end.offset);
  if (end.offset < segmentBytes) file.truncate(segmentBytes);
  file.datasyncNow();
  return file;
}
