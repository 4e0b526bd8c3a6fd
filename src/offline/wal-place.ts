// SPDX-License-Identifier: Apache-2.0

import { dirname, join, resolve } from "node:path";
import { type Disk, DiskError } from "../base/contracts/disk.ts";
import { listSegments, type SegmentName } from "../core/wal/index.ts";
import { findLockHolder } from "../platform/file-lock.ts";
import { findForeignLock } from "../platform/foreign-lock.ts";
import { OfflineError } from "./errors.ts";

/** Where a member's files are; all paths are absolute. */
export interface MemberPlaces {
  /** Undefined where only a log was named, and nothing says whose it is. */
  readonly member: string | undefined;
  readonly wal: string;
  readonly snap: string | undefined;
}

/**
 * The places that the user means by a data directory, a directory of a log, or both. Throws an
 * `OfflineError` when neither is given or the directory is not there.
 */
export function memberPlaces(disk: Disk, dataDir: string, walDir: string): MemberPlaces {
  if (dataDir === "" && walDir === "") {
    throw new OfflineError("name the data directory with --data-dir, or its log with --wal-dir");
  }
  if (dataDir !== "") {
    requireDirectory(disk, resolve(dataDir), "a data directory");
    const member = join(resolve(dataDir), "member");
    const wal = walDir === "" ? join(member, "wal") : resolve(walDir);
    return { member, wal, snap: join(member, "snap") };
  }
  const wal = resolve(walDir);
  const parent = dirname(wal);
  const snap = join(parent, "snap");
  // As in every data directory whose log has not been put elsewhere.
  const isMember = attempt(() => disk.stat(snap))?.isDirectory === true;
  return isMember ? { member: parent, wal, snap } : { member: undefined, wal, snap: undefined };
}

/** The segments of the log. Throws an `OfflineError` when there are none. */
export function segmentsIn(disk: Disk, wal: string): readonly SegmentName[] {
  requireDirectory(disk, wal, "the directory of a log");
  const segments = attempt(() => listSegments(disk, wal));
  if (segments.length > 0) return segments;
  throw new OfflineError(
    `${wal} holds no log: no file there is named <sequence>-<index>.wal; name the directory ` +
      "that has them with --wal-dir, or restore the data directory from a copy",
  );
}

export function requireDirectory(disk: Disk, path: string, what: string): void {
  const stat = attempt(() => disk.stat(path));
  if (stat === undefined) throw new OfflineError(`${path} does not exist; name ${what} that does`);
  if (!stat.isDirectory) throw new OfflineError(`${path} is a file; name ${what} instead`);
}

/** Does something with the disk; what the system refuses becomes an `OfflineError`. */
export function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof DiskError)) throw cause;
    throw new OfflineError(`${diskProblem(cause)}; ${diskRemedy(cause)}`, { cause });
  }
}

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a directory where a file belongs",
  ENOTDIR: "a file stands where a directory belongs",
  EIO: "the disk reports an error",
};

export function diskProblem(error: DiskError): string {
  return `cannot ${error.operation} ${error.path}: ${diskCause(error)}`;
}

export function diskCause(error: DiskError): string {
  return SYSTEM_TEXTS[error.code ?? ""] ?? error.message;
}

export function diskRemedy(error: DiskError): string {
  if (error.code === "EACCES" || error.code === "EPERM") {
    return "run this as the user that runs the member, or as root";
  }
  if (error.code === "EIO") return "check the disk, and work on a copy made from it";
  return "put back what belongs there, or restore the data directory from a copy";
}

/** Refuses while a process has the directory, in which files are changing. Changes nothing. */
export async function refuseRunning(places: MemberPlaces, segments: readonly SegmentName[]) {
  const { member, wal, snap } = places;
  const own = member === undefined ? undefined : await findLockHolder(member);
  if (own !== undefined) throw held(member ?? wal, own);
  const files = segments.map(({ name }) => join(wal, name));
  const database = snap === undefined ? [] : [join(snap, "db")];
  const foreign = findForeignLock([...database, ...files]);
  if (foreign !== undefined) throw held(foreign.path, foreign.holder);
}

function held(path: string, holder: string): OfflineError {
  return new OfflineError(
    `${path} is in use by ${holder}, and what it writes meanwhile looks like damage; stop that ` +
      "process first, or look at a copy of the directory",
  );
}
