// SPDX-License-Identifier: Apache-2.0
//
// A member's store written anew without gaps, while the member is stopped. Both kinds of store are
// copied beside, synced and renamed over the old one; until then the old one is untouched. What a
// killed process has left of a copy is removed by the next one.

import type { Disk } from "../base/contracts/disk.ts";
import { type BuildOutside, buildAside, StoppedError } from "./build.ts";
import {
  type MemberRequest,
  openStore,
  type StoppedMember,
  withStoppedMember,
} from "./stopped-member.ts";

const COPY_SUFFIX = ".compacting";

export interface DefragmentOutside extends BuildOutside {
  /** The work begins: on which store, and its size in bytes. */
  readonly begun: (path: string, bytes: number) => void;
  /** It is done. */
  readonly done: (path: string, bytesBefore: number, bytes: number) => void;
}

/** Rejects with an `OfflineError` when it cannot be done, with a `StoppedError` when stopped. */
export async function defragmentMember(
  disk: Disk,
  request: MemberRequest,
  outside: DefragmentOutside,
): Promise<void> {
  await withStoppedMember(disk, request, (member) =>
    member.kind === "go"
      ? defragmentDatabase(disk, member, outside)
      : defragmentStore(disk, member, outside),
  );
}

async function defragmentDatabase(
  disk: Disk,
  { paths, path, spelling }: StoppedMember,
  outside: DefragmentOutside,
): Promise<void> {
  const from = paths.goDatabase;
  const to = `${from}${COPY_SUFFIX}`;
  const size = (): number => disk.stat(from)?.size ?? 0;
  const before = size();
  disk.removeTree(to);
  outside.begun(path, before);
  try {
    await buildAside({ kind: "defragment", spelling, from, to }, outside);
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
  const { signal } = outside;
  const backend = await openStore(disk, member);
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
    signal.removeEventListener("abort", stop);
    await (closing ?? backend.close());
  }
}
