// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { type Disk, DiskError } from "../base/contracts/disk.ts";
import type { Snapshot } from "../core/raft/index.ts";
import {
  decodeMembershipV2,
  SnapError,
  type SnapshotMembership,
  Snapshotter,
} from "../core/snap/index.ts";
import { Findings, REMEDY_RESTORE } from "./finding.ts";
import { diskCause, diskRemedy } from "./wal-place.ts";
import type { WalSurvey } from "./wal-survey.ts";

/** A `.snap` file that is whole and that the log vouches for. */
export interface KnownSnapshot {
  readonly path: string;
  readonly index: number;
  readonly term: number;
  readonly membership: SnapshotMembership;
}

/**
 * Compares the `.snap` files with the log's records of them; gives the newest one that counts.
 * What is wrong goes into `findings`.
 */
export function checkSnapFiles(
  disk: Disk,
  directory: string,
  survey: WalSurvey,
  findings: Findings,
): KnownSnapshot | undefined {
  const names = listSnapFiles(disk, directory, findings);
  const known: KnownSnapshot[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const snapshot = readSnap(disk, directory, name, findings);
    if (snapshot === undefined || !vouchedFor(path, snapshot, survey, findings)) continue;
    const membership = readMembership(path, snapshot, findings);
    if (membership === undefined) continue;
    const { index, term } = snapshot.metadata;
    known.push({ path, index, term, membership });
  }
  checkNewest(directory, known, survey, findings);
  return known[0];
}

/** The `.snap` files that are whole, whether the log knows them or not. */
export function readableSnaps(
  disk: Disk,
  directory: string,
): readonly { readonly path: string; readonly index: number }[] {
  const aside = new Findings();
  return listSnapFiles(disk, directory, aside).flatMap((name) => {
    const snapshot = readSnap(disk, directory, name, aside);
    if (snapshot === undefined) return [];
    return { path: join(directory, name), index: snapshot.metadata.index };
  });
}

function listSnapFiles(disk: Disk, directory: string, findings: Findings): readonly string[] {
  try {
    return new Snapshotter(disk, directory).list();
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    findings.error(directory, `it cannot be read: ${diskCause(error)}`, diskRemedy(error));
    return [];
  }
}

const REMEDY_SNAP =
  "a member that starts sets it aside as .broken and takes the next older one; restore the file " +
  "from a copy if Go etcd is to start here";

function readSnap(
  disk: Disk,
  directory: string,
  name: string,
  findings: Findings,
): Snapshot | undefined {
  const path = join(directory, name);
  try {
    return new Snapshotter(disk, directory).read(name);
  } catch (error) {
    if (error instanceof SnapError) {
      findings.error(path, error.message.slice(`snap: ${path}: `.length), REMEDY_SNAP);
      return undefined;
    }
    if (!(error instanceof DiskError)) throw error;
    findings.error(path, `it cannot be read: ${diskCause(error)}`, diskRemedy(error));
    return undefined;
  }
}

function vouchedFor(
  path: string,
  { metadata: { index, term } }: Snapshot,
  survey: WalSurvey,
  findings: Findings,
): boolean {
  const { lastIndex, snapshots, hardState, firstIndex } = survey.log;
  const record = snapshots.find((found) => found.index === index);
  if (record?.term === term) {
    if (index <= hardState.commit || !survey.isWhole) return true;
    const problem = `the log has a record of it, but has committed only ${hardState.commit} entries`;
    findings.warning(path, problem, "a member that starts takes the one before");
    return false;
  }
  if (record !== undefined) {
    const problem = `it has term ${term}, the log's record of it term ${record.term}`;
    findings.error(path, problem, REMEDY_RESTORE);
    return false;
  }
  if (!survey.isWhole || index < (firstIndex ?? 0)) return false;
  if (index > lastIndex) {
    const problem = `it is newer than the log, which ends at entry ${lastIndex}`;
    const remedy = `the log has lost its end or belongs to another copy: ${REMEDY_RESTORE}`;
    findings.error(path, problem, remedy);
  } else {
    const problem = "the log has no record of it";
    findings.warning(path, problem, "a member that starts takes no notice of it");
  }
  return false;
}

function readMembership(
  path: string,
  { data }: Snapshot,
  findings: Findings,
): SnapshotMembership | undefined {
  try {
    return decodeMembershipV2(data);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    findings.error(path, `its membership does not parse (${error.message})`, REMEDY_SNAP);
    return undefined;
  }
}

/** The newest snapshot that the log vouches for has to be there, for Go etcd to start. */
function checkNewest(
  directory: string,
  known: readonly KnownSnapshot[],
  survey: WalSurvey,
  findings: Findings,
): void {
  const { snapshots, hardState } = survey.log;
  const newest = snapshots.findLast(({ index }) => index <= hardState.commit);
  if (newest === undefined || newest.index === 0 || known[0]?.index === newest.index) return;
  const problem =
    `there is no readable .snap file for the log's newest snapshot, at entry ${newest.index} ` +
    `and term ${newest.term}`;
  if (known.length > 0) {
    findings.warning(directory, problem, `Go etcd starts from the one at ${known[0]?.index}`);
    return;
  }
  const remedy = `etcdx starts without it, Go etcd of 3.4 to 3.7 does not: ${REMEDY_RESTORE}`;
  findings.error(directory, problem, remedy);
}
