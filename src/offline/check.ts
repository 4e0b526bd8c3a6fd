// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { parseDatabaseFileName } from "../core/snap/index.ts";
import { IndexCheck } from "./check-index.ts";
import { checkKeys, type KeysCheck } from "./check-keys.ts";
import { checkMembers } from "./check-members.ts";
import { checkPlace, type LogSide, type StorePlace } from "./check-place.ts";
import { checkRows } from "./check-rows.ts";
import { type StoreRows, withStore } from "./check-store.ts";
import { OfflineError } from "./errors.ts";
import { Findings, REMEDY_RESTORE } from "./finding.ts";
import { attempt, memberPlaces, refuseRunning, segmentsIn } from "./wal-place.ts";
import { checkSnapFiles } from "./wal-snapshots.ts";
import { surveyWal, type WalSurvey } from "./wal-survey.ts";
import type { WalPlace } from "./wal-verify.ts";

/** What a check of a whole data directory has found. */
export interface DirectoryCheck {
  readonly findings: Findings;
  /** Undefined where the log could not be walked through. */
  readonly survey: WalSurvey | undefined;
  /** Undefined where there is no store that could be read. */
  readonly store:
    | { readonly path: string; readonly place: StorePlace; readonly keys: KeysCheck }
    | undefined;
}

/**
 * Checks a data directory: log, `.snap` files, store and membership, each by itself and against
 * the others. Changes nothing. Throws an `OfflineError` when there is no data directory, or a
 * process is using it.
 */
export async function checkDirectory(where: WalPlace): Promise<DirectoryCheck> {
  const { disk } = where;
  if (where.dataDir === "") throw new OfflineError("name the data directory with --data-dir");
  const places = memberPlaces(disk, where.dataDir, where.walDir);
  const snap = places.snap ?? "";
  const member = places.member ?? "";
  if (attempt(() => disk.stat(member))?.isDirectory !== true) {
    const text = `${member} is no directory, and every data directory has that`;
    throw new OfflineError(`${text}; name the data directory of a member`);
  }
  const findings = new Findings();
  const segments = readable(findings, places.wal, () => segmentsIn(disk, places.wal)) ?? [];
  await refuseRunning(places, segments);
  const survey =
    segments.length === 0 ? undefined : surveyWal(disk, places.wal, segments, findings);
  const newest = survey === undefined ? undefined : checkSnapFiles(disk, snap, survey, findings);
  const received = receivedIn(disk, snap, findings);
  const store = await checkStore(disk, snap, { survey, newest, received }, findings);
  return { findings, survey, store };
}

function receivedIn(disk: Disk, snap: string, findings: Findings): ReadonlySet<number> {
  const names = readable(findings, snap, () => attempt(() => disk.list(snap))) ?? [];
  return new Set(names.flatMap((name) => parseDatabaseFileName(name) ?? []));
}

/** What cannot be done becomes a finding: the check goes on with the rest. */
function readable<T>(findings: Findings, path: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof OfflineError)) throw error;
    const [problem = "", ...remedy] = error.message.split("; ");
    const isAboutPath = problem.startsWith(`${path} `);
    findings.error(path, isAboutPath ? problem.slice(path.length + 1) : problem, remedy.join("; "));
    return undefined;
  }
}

async function checkStore(
  disk: Disk,
  snap: string,
  side: LogSide,
  findings: Findings,
): Promise<DirectoryCheck["store"]> {
  const { survey, newest } = side;
  let checked: DirectoryCheck["store"];
  const found = await withStore(disk, snap, findings, "all-pages", async (store) => {
    const place = checkPlace(store, side, findings);
    await checkMembers({ store, place, survey, newest }, findings);
    checked = { path: store.path, place, keys: checkContent(store, findings) };
  });
  if (found === "none") tellMissing(snap, survey, findings);
  else tellBoth(disk, snap, findings);
  return checked;
}

function checkContent(store: StoreRows, findings: Findings): KeysCheck {
  const leases = checkRows(store, findings);
  const { lmdb } = store;
  if (lmdb === undefined) return checkKeys(store, findings, () => {});
  const index = new IndexCheck(store, lmdb, findings);
  const keys = checkKeys(store, findings, (place, pair, compactRevision) =>
    index.row(place, pair, compactRevision),
  );
  index.index(keys.compactRevision, leases);
  return keys;
}

/** A member whose log reaches back to its beginning makes its store anew. */
function tellMissing(snap: string, survey: WalSurvey | undefined, findings: Findings): void {
  const problem = "there is no store: neither store.lmdb of etcdx nor db of Go etcd";
  const isComplete = survey?.isWhole === true && (survey.log.firstIndex ?? 1) === 1;
  const hasSnapshot = survey?.log.snapshots.some(({ index }) => index > 0) === true;
  if (isComplete && !hasSnapshot) {
    findings.warning(snap, problem, "a member that starts makes it anew from its log");
    return;
  }
  findings.error(snap, problem, REMEDY_RESTORE);
}

/** A database beside our store is what a takeover has not yet put aside. */
function tellBoth(disk: Disk, snap: string, findings: Findings): void {
  const database = join(snap, "db");
  const has = (path: string): boolean => attempt(() => disk.stat(path)) !== undefined;
  if (!has(join(snap, "store.lmdb", "data.mdb")) || !has(database)) return;
  const remedy = "etcdx uses its store and sets the database aside when it starts";
  findings.warning(database, "a database of Go etcd lies beside the store of etcdx", remedy);
}
