// SPDX-License-Identifier: Apache-2.0

import { DiskError } from "../base/contracts/disk.ts";
import { errorText } from "../base/error-text.ts";
import { systemText } from "../base/system-error.ts";
import { BoltError } from "../core/bolt/index.ts";
import { EtcdDbError } from "../core/etcd-db/index.ts";
import { WalError } from "../core/wal/index.ts";
import { LockHeldError } from "../platform/file-lock.ts";
import { OfflineError } from "./errors.ts";

/** Absolute paths with what the user wrote for them. */
export type Spelling = readonly (readonly [path: string, given: string])[];

const AS_OWNER = "run this as the user that runs the member, or as root";
const MAKE_ROOM = "make room and try again";
const FIXES: Readonly<Record<string, string>> = {
  EACCES: AS_OWNER,
  EPERM: AS_OWNER,
  EROFS: "mount it for writing, or work on a copy",
  ENOSPC: MAKE_ROOM,
  EDQUOT: MAKE_ROOM,
  EIO: "check the disk, and work on a copy made from it",
};

/** What went wrong as a text for the user, with paths as the user wrote them; others as they are. */
export function describeFailure(cause: unknown, spelling: Spelling): unknown {
  // What the log advises is meant for a member that runs; here the disk's error says it all.
  if (cause instanceof WalError && cause.cause instanceof DiskError) {
    return describeFailure(cause.cause, spelling);
  }
  if (cause instanceof DiskError) {
    const text = systemText(cause.code) ?? errorText(cause.cause);
    const fix = FIXES[cause.code ?? ""];
    const what = `${cause.operation} ${spell(cause.path, spelling)}: ${text}`;
    return new OfflineError(fix === undefined ? what : `${what}; ${fix}`, { cause });
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

function spell(path: string, spelling: Spelling): string {
  for (const [whole, given] of spelling) {
    if (path === whole) return given;
    if (path.startsWith(`${whole}/`)) return given + path.slice(whole.length);
    if (path.startsWith(`${whole}.unfinished`)) return given + path.slice(whole.length);
  }
  return path;
}
