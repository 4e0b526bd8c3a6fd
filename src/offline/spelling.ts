// SPDX-License-Identifier: Apache-2.0

import { DiskError } from "../base/contracts/disk.ts";
import { BoltError } from "../core/bolt/index.ts";
import { EtcdDbError } from "../core/etcd-db/index.ts";
import { WalError } from "../core/wal/index.ts";
import { LockHeldError } from "../platform/file-lock.ts";
import { OfflineError } from "./errors.ts";

/** Absolute paths with what the user wrote for them. */
export type Spelling = readonly (readonly [path: string, given: string])[];

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied; run this as the user that runs the member, or as root",
  EPERM: "operation not permitted; run this as the user that runs the member, or as root",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EEXIST: "file exists",
  ENOTEMPTY: "directory not empty",
  EROFS: "read-only file system; mount it for writing, or work on a copy",
  ENOSPC: "no space left on device; make room and try again",
  EDQUOT: "disk quota exceeded; make room and try again",
  EIO: "input/output error; check the disk, and work on a copy made from it",
};

/** What went wrong as a text for the user, with paths as the user wrote them; others as they are. */
export function describeFailure(cause: unknown, spelling: Spelling): unknown {
  // What the log advises is meant for a member that runs; here the disk's error says it all.
  if (cause instanceof WalError && cause.cause instanceof DiskError) {
    return describeFailure(cause.cause, spelling);
  }
  if (cause instanceof DiskError) {
    const text = SYSTEM_TEXTS[cause.code ?? ""] ?? messageOf(cause.cause);
    return new OfflineError(`${cause.operation} ${spell(cause.path, spelling)}: ${text}`, {
      cause,
    });
  }
  if (cause instanceof BoltError) {
    const page = cause.page === undefined ? "" : `page ${cause.page}: `;
    return damaged(cause, `${spell(cause.file, spelling)}: ${page}${cause.problem}`);
  }
  if (cause instanceof EtcdDbError) {
    const place = `${spell(cause.file, spelling)}: bucket ${cause.bucket}`;
    return damaged(cause, `${place}: ${cause.problem}`);
  }
  if (cause instanceof WalError || cause instanceof LockHeldError) {
    return new OfflineError(cause.message, { cause });
  }
  return cause;
}

function damaged(cause: Error, text: string): OfflineError {
  return new OfflineError(`invalid database: ${text}; use another copy of it`, { cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function spell(path: string, spelling: Spelling): string {
  for (const [whole, given] of spelling) {
    if (path === whole) return given;
    if (path.startsWith(`${whole}/`)) return given + path.slice(whole.length);
    if (path.startsWith(`${whole}.unfinished`)) return given + path.slice(whole.length);
  }
  return path;
}
