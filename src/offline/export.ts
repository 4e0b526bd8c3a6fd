// SPDX-License-Identifier: Apache-2.0

import { join, resolve } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { Wal } from "../core/wal/index.ts";
import { type DataPaths, dataPaths } from "../member/index.ts";
import { lockMemberDirectory } from "../platform/data-directory-lock.ts";
import { Beside } from "./beside.ts";
import { type BuildOutside, buildAside, StoppedError } from "./build.ts";
import { OfflineError } from "./errors.ts";
import type { StorageVersion } from "./export-build.ts";
import { isEmptyOrAbsent } from "./restore.ts";
import { describeFailure, type Spelling } from "./spelling.ts";

/** An export as the user wants it; paths as they were written. */
export interface ExportRequest {
  readonly dataDir: string;
  /** Empty for the usual place in the data directory. */
  readonly walDir: string;
  readonly target: string;
  readonly storageVersion: StorageVersion;
}

/**
 * Makes a data directory for Go etcd of a member that does not run. It takes its name when it is
 * whole and durable; the member's own files stay as they are. Rejects with an `OfflineError` when
 * that cannot be done, with a `StoppedError` when it was stopped; either leaves nothing.
 */
export async function exportMember(
  disk: Disk,
  request: ExportRequest,
  outside: BuildOutside,
): Promise<void> {
  const target = resolve(request.target);
  const walDir = request.walDir === "" ? undefined : request.walDir;
  const from = dataPaths(request.dataDir, walDir);
  const spelling: Spelling = [
    [target, request.target],
    [from.data, request.dataDir],
    ...(walDir === undefined ? [] : [[from.wal, walDir] as const]),
  ];
  try {
    if (!isEmptyOrAbsent(disk, target)) {
      throw new OfflineError(`${request.target} exists and is not empty; choose another --to`);
    }
    checkSource(disk, from, request);
    const { member: memberDirectory, wal: walDirectory } = from;
    const lock = await lockMemberDirectory({ memberDirectory, walDirectory });
    try {
      await build(disk, { ...request, target }, from, spelling, outside);
    } finally {
      await lock.release();
    }
  } catch (cause) {
    if (cause instanceof StoppedError) throw cause;
    throw describeFailure(cause, spelling);
  }
}

/** Refuses what is no member's directory, before anything in it is touched. */
function checkSource(disk: Disk, from: DataPaths, { dataDir }: ExportRequest): void {
  if (disk.stat(from.data)?.isDirectory !== true) {
    throw new OfflineError(`${dataDir} is no directory; give --data-dir that of a member`);
  }
  if (disk.stat(from.storeFile) === undefined) {
    const isGo = disk.stat(from.goDatabase) !== undefined;
    throw new OfflineError(
      isGo
        ? `${dataDir} is a data directory of Go etcd already: ${join(dataDir, "member/snap/db")}`
        : `${dataDir} holds no store of etcdx (${join(dataDir, "member/snap/store.lmdb")})`,
    );
  }
  if (Wal.exists(disk, from.wal)) return;
  throw new OfflineError(`no log in ${from.wal}; give --wal-dir as it was given to the server`);
}

async function build(
  disk: Disk,
  { target, storageVersion }: ExportRequest,
  from: DataPaths,
  spelling: Spelling,
  outside: BuildOutside,
): Promise<void> {
  const beside = await Beside.open(disk, target);
  try {
    const paths = dataPaths(beside.path, undefined);
    await buildAside({ kind: "export", spelling, from, paths, storageVersion }, outside);
    beside.place();
  } finally {
    await beside.close();
  }
}
