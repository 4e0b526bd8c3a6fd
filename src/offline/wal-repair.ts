// SPDX-License-Identifier: Apache-2.0

import { type Disk, DiskError } from "../base/contracts/disk.ts";
import { errorText } from "../base/error-text.ts";
import { META_KEYS } from "../core/etcd-db/index.ts";
import { cutTornTail, type SegmentName } from "../core/wal/index.ts";
import { lockMemberDirectory } from "../platform/data-directory-lock.ts";
import { LockHeldError } from "../platform/file-lock.ts";
import { bigEndian } from "./check-place.ts";
import { withStore } from "./check-store.ts";
import { OfflineError } from "./errors.ts";
import { Findings, REMEDY_RESTORE } from "./finding.ts";
import {
  attempt,
  type MemberPlaces,
  memberPlaces,
  refuseRunning,
  segmentsIn,
} from "./wal-place.ts";
import { readableSnaps } from "./wal-snapshots.ts";
import { surveyWal, type TornTail, type WalSurvey } from "./wal-survey.ts";
import type { WalPlace } from "./wal-verify.ts";

/** What a repair did or would do. */
export type WalRepairOutcome =
  | { readonly kind: "clean" }
  /** `isDone` is false in a dry run, which has changed nothing. */
  | {
      readonly kind: "torn";
      readonly torn: TornTail;
      readonly backup: string;
      readonly isDone: boolean;
    }
  /** There is damage that nobody can repair; nothing was changed. */
  | { readonly kind: "refused"; readonly findings: Findings };

/**
 * Looks for a torn tail and, with `apply`, cuts it off; a copy of the file stays beside it. Throws
 * an `OfflineError` when there is no log, a process is using it, or the disk refuses.
 */
export async function repairWal(place: WalPlace, apply: boolean): Promise<WalRepairOutcome> {
  const { disk } = place;
  const places = memberPlaces(disk, place.dataDir, place.walDir);
  const segments = segmentsIn(disk, places.wal);
  if (!apply) {
    await refuseRunning(places, segments);
    return survey(disk, places, segments, false);
  }
  const lock = await acquire(places);
  try {
    return await survey(disk, places, segments, true);
  } finally {
    await lock.release();
  }
}

async function acquire({ member, wal }: MemberPlaces) {
  if (member === undefined) {
    throw new OfflineError(
      `it cannot be told whether a process uses ${wal}; name the data directory that it belongs ` +
        "to with --data-dir as well",
    );
  }
  try {
    return await lockMemberDirectory({ memberDirectory: member, walDirectory: wal });
  } catch (cause) {
    if (cause instanceof LockHeldError) throw new OfflineError(cause.message, { cause });
    const source = cause instanceof DiskError ? cause.cause : cause;
    const reason = errorText(source);
    throw new OfflineError(
      `cannot lock ${member} (${reason}); make it writable for this user, or run this as another`,
      { cause },
    );
  }
}

async function survey(
  disk: Disk,
  { wal, snap }: MemberPlaces,
  segments: readonly SegmentName[],
  apply: boolean,
): Promise<WalRepairOutcome> {
  const findings = new Findings();
  const found = surveyWal(disk, wal, segments, findings);
  const { torn } = found;
  if (torn !== undefined && snap !== undefined) {
    await checkCommitted(disk, snap, found, torn, findings);
  }
  if (findings.errors > 0) return { kind: "refused", findings };
  if (torn === undefined) return { kind: "clean" };
  const { file: path, offset, problem } = torn;
  const backup = `${path}.broken`;
  if (apply) attempt(() => cutTornTail(disk, wal, { path, offset, problem }));
  return { kind: "torn", torn, backup, isDone: apply };
}

/** What a snapshot or the store holds was committed, so a log that lacks it was not torn by a crash. */
async function checkCommitted(
  disk: Disk,
  snap: string,
  { log: { lastIndex } }: WalSurvey,
  { file, offset, record }: TornTail,
  findings: Findings,
): Promise<void> {
  const tell = (index: number, path: string): void => {
    if (index <= lastIndex) return;
    const problem =
      `the log ends at entry ${lastIndex}, but ${path} holds what entry ${index} has done: what ` +
      "is missing was committed";
    findings.add({ severity: "error", file, offset, record, problem, remedy: REMEDY_RESTORE });
  };
  for (const { path, index } of readableSnaps(disk, snap)) tell(index, path);
  // What else is wrong there is no concern of the log.
  await withStore(disk, snap, new Findings(), "as-needed", async (store) => {
    const row = store.get("meta", META_KEYS.consistentIndex);
    tell(bigEndian(row) ?? 0, store.path);
  });
}
