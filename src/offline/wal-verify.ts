// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";
import { Findings } from "./finding.ts";
import { memberPlaces, refuseRunning, segmentsIn } from "./wal-place.ts";
import { checkSnapFiles } from "./wal-snapshots.ts";
import { surveyWal, type WalSurvey } from "./wal-survey.ts";

export interface WalPlace {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly walDir: string;
}

export interface WalVerdict {
  readonly findings: Findings;
  readonly survey: WalSurvey;
}

/**
 * Reads a whole log, and the `.snap` files that belong to it where they are beside it. Changes
 * nothing. Throws an `OfflineError` when there is no log, or a process is using it.
 */
export async function verifyWal({ disk, dataDir, walDir }: WalPlace): Promise<WalVerdict> {
  const places = memberPlaces(disk, dataDir, walDir);
  const segments = segmentsIn(disk, places.wal);
  await refuseRunning(places, segments);
  const findings = new Findings();
  const survey = surveyWal(disk, places.wal, segments, findings);
  if (places.snap !== undefined) checkSnapFiles(disk, places.snap, survey, findings);
  return { findings, survey };
}
