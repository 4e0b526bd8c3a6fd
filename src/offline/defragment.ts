// SPDX-License-Identifier: Apache-2.0
//
// A member's store written anew without gaps, while the member is stopped. Both kinds of store are
// copied beside, synced and renamed over the old one; until then the old one is untouched. What a
// killed process has left of a copy is removed by the next one.

import { join } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { lmdbFormat } from "../core/backend/index.ts";
import { type BuildOutside, buildAside, StoppedError } from "./build.ts";
import {
  type MemberRequest,
  openStore,
  type StoppedMember,
  withStoppedMember,
} from "./stopped-member.ts";

const COPY_SUFFIX = ".compacting";
/** How often the copy of a store is looked at, to tell how far it is. */
const COPY_LOOK_MS = 30;

export interface DefragmentOutside extends BuildOutside {
  /** The work begins: on which store, and its size in bytes. */
  readonly begun: (path: string, bytes: number) => void;
  /** It is done. */
  readonly done: (path: string, bytesBefore: number, bytes: number) => void;
}

/**
 * Rejects with an `OfflineError` when it cannot be done, with a `StoppedError` when stopped. `build`
 * copies a database of Go etcd.
 */
export async function defragmentMember(
  disk: Disk,
  request: MemberRequest,
  outside: DefragmentOutside,
  build: typeof buildAside = buildAside,
): Promise<void> {
  await withStoppedMember(disk, request, (member) =>
    member.kind === "go"
      ? defragmentDatabase(disk, member, outside, build)
      : defragmentStore(disk, member, outside),
  );
}

async function defragmentDatabase(
  disk: Disk,
  { paths, path, spelling }: StoppedMember,
  outside: DefragmentOutside,
  build: typeof buildAside,
): Promise<void> {
  const from = paths.goDatabase;
  const to = `${from}${COPY_SUFFIX}`;
  const size = (): number => disk.stat(from)?.size ?? 0;
  const before = size();
  disk.removeTree(to);
  outside.begun(path, before);
  try {
    await build({ kind: "defragment", spelling, from, to }, outside);
    disk.rename(to, from);
  } finally {
    disk.removeTree(to);
  }
  disk.syncDirectory(paths.snap);
  outside.done(path, before, size());
}

async function defragmentStore(
  disk: Disk,
  member: StoppedMember,
  outside: DefragmentOutside,
): Promise<void> {
  const { signal, report } = outside;
  const { store, storeFile } = member.paths;
  const readBytes = disk.stat(storeFile)?.size ?? 0;
  // How much of it there is to copy is known when it is open.
  const backend = await openStore(disk, member, (done, total) => report(done, 2 * total));
  const copyBytes = backend.sizeInUseBytes();
  const copy = join(`${store}${COPY_SUFFIX}`, lmdbFormat.DATA_FILE);
  const look = watchSize(disk, copy, (bytes) => {
    report(readBytes + Math.min(bytes, copyBytes), readBytes + copyBytes);
  });
  let closing: Promise<void> | undefined;
  const stop = (): void => {
    closing = backend.close();
  };
  signal.addEventListener("abort", stop);
  try {
    const before = backend.sizeBytes();
    outside.begun(member.path, before);
    await backend.defragment();
    outside.done(member.path, before, backend.sizeBytes());
  } catch (cause) {
    throw signal.aborted ? new StoppedError("stopped") : cause;
  } finally {
    clearInterval(look);
    signal.removeEventListener("abort", stop);
    await (closing ?? backend.close());
  }
}

/** Tells how large a file has become, until the timer is cleared; in the end it has another name. */
function watchSize(disk: Disk, path: string, tell: (bytes: number) => void): NodeJS.Timeout {
  let size = 0;
  return setInterval(() => {
    size = disk.stat(path)?.size ?? size;
    tell(size);
  }, COPY_LOOK_MS);
}
