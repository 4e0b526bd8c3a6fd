// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";
import { cutTornTail, type SegmentName } from "../core/wal/index.ts";
import { lockMemberDirectory } from "../platform/data-directory-lock.ts";
import { LockHeldError } from "../platform/file-lock.ts";
import { OfflineError } from "./errors.ts";
import { Findings } from "./finding.ts";
import {
  attempt,
  type MemberPlaces,
  memberPlaces,
  refuseRunning,
  segmentsIn,
} from "./wal-place.ts";
import { surveyWal, type TornTail } from "./wal-survey.ts";
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
    return survey(disk, places.wal, segments, false);
  }
  const lock = await acquire(places);
  try {
    return attempt(() => survey(disk, places.wal, segments, true));
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OfflineError(
      `cannot lock ${member} (${reason}); make it writable for this user, or run this as another`,
      { cause },
    );
  }
}

function survey(
  disk: Disk,
  wal: string,
  segments: readonly SegmentName[],
  apply: boolean,
): WalRepairOutcome {
  const findings = new Findings();
  const { torn } = surveyWal(disk, wal, segments, findings);
  if (findings.errors > 0) return { kind: "refused", findings };
  if (torn === undefined) return { kind: "clean" };
  const { file: path, offset, problem } = torn;
  const backup = `${path}.broken`;
  if (apply) cutTornTail(disk, wal, { path, offset, problem });
  return { kind: "torn", torn, backup, isDone: apply };
}
