// SPDX-License-Identifier: Apache-2.0

import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Disk } from "../base/contracts/disk.ts";
import { type Backend, BackendError, openLmdbBackend } from "../core/backend/index.ts";
import { type DataPaths, dataPaths } from "../member/index.ts";
import { lockMemberDirectory } from "../platform/data-directory-lock.ts";
import { type FileLock, LockHeldError } from "../platform/file-lock.ts";
import { OfflineError } from "./errors.ts";
import type { ReportProgress } from "./progress.ts";
import { requireSoundStore } from "./sound-store.ts";
import { describeFailure, type Spelling } from "./spelling.ts";

const LOCK_POLL_MS = 50;

export interface MemberRequest {
  /** As the user named it. */
  readonly dataDir: string;
  /** How long to wait for a process that has the directory; 0 for as long as it takes. */
  readonly lockWaitMs: number;
}

/** The data of a member that does not run, as this process has it alone. */
export interface StoppedMember {
  /** Whose store it is: a database of Go etcd, or ours. */
  readonly kind: "go" | "etcdx";
  readonly paths: DataPaths;
  /** The store as the user would name it. */
  readonly path: string;
  readonly spelling: Spelling;
}

/** Locks a member's directory, hands it over and lets it go. Rejects with `OfflineError`s. */
export async function withStoppedMember<T>(
  disk: Disk,
  request: MemberRequest,
  work: (member: StoppedMember) => Promise<T>,
): Promise<T> {
  const paths = dataPaths(request.dataDir, undefined);
  const spelling: Spelling = [[paths.data, request.dataDir]];
  try {
    const member = find(disk, paths, request.dataDir, spelling);
    const lock = await lockWaiting(member, request);
    try {
      return await work(member);
    } finally {
      await lock.release();
    }
  } catch (cause) {
    if (cause instanceof BackendError) throw new OfflineError(storeText(cause, request), { cause });
    throw describeFailure(cause, spelling);
  }
}

/** LMDB's own words say neither which file it is about nor what to do. */
function storeText({ message }: BackendError, { dataDir }: MemberRequest): string {
  if (!message.includes("No space left on device")) return message;
  const store = join(dataDir, "member", "snap", "store.lmdb");
  return `write ${store}: no space left on device; make room and try again`;
}

function find(disk: Disk, paths: DataPaths, dataDir: string, spelling: Spelling): StoppedMember {
  const snap = join(dataDir, "member", "snap");
  if (disk.stat(paths.storeFile) !== undefined) {
    return { kind: "etcdx", paths, path: join(snap, "store.lmdb"), spelling };
  }
  const path = join(snap, "db");
  const database = disk.stat(paths.goDatabase);
  if (database === undefined) {
    const isBelowFile = [paths.snap, paths.member, paths.data, dirname(paths.data)].some(
      (above) => disk.stat(above)?.isDirectory === false,
    );
    const cause = isBelowFile ? "not a directory" : "no such file or directory";
    throw new OfflineError(`stat ${path}: ${cause}`);
  }
  if (!database.isDirectory) return { kind: "go", paths, path, spelling };
  throw new OfflineError(`${path} is a directory where the member's database should be`);
}

async function lockWaiting(
  { paths, path }: StoppedMember,
  { lockWaitMs }: MemberRequest,
): Promise<FileLock> {
  const start = performance.now();
  for (;;) {
    try {
      const { member: memberDirectory, wal: walDirectory } = paths;
      return await lockMemberDirectory({ memberDirectory, walDirectory });
    } catch (cause) {
      if (!(cause instanceof LockHeldError)) throw cause;
      if (lockWaitMs > 0 && performance.now() - start >= lockWaitMs) {
        const text = `timeout: ${path} is in use by ${cause.holder}; stop it first`;
        throw new OfflineError(text, { cause });
      }
    }
    await delay(LOCK_POLL_MS);
  }
}

/** Opens our own store, after a look at all of it, whose progress is told. */
export async function openStore(
  disk: Disk,
  { paths }: StoppedMember,
  report: ReportProgress,
): Promise<Backend> {
  requireSoundStore(disk, paths.storeFile, report);
  return openLmdbBackend(paths.store);
}
