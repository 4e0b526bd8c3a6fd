// SPDX-License-Identifier: Apache-2.0

import { resolve } from "node:path";
import type { Disk } from "../base/contracts/disk.ts";
import { goQuote } from "../base/go-quote.ts";
import {
  checkInitialCluster,
  parseInitialCluster,
  parseMemberUrls,
} from "../cluster-urls/index.ts";
import { dataPaths, type InitialMember } from "../member/index.ts";
import { Beside } from "./beside.ts";
import { type BuildOutside, buildAside, StoppedError } from "./build.ts";
import type { BuildOrder } from "./build-thread.ts";
import { checkHash } from "./check-hash.ts";
import { OfflineError } from "./errors.ts";
import type { DirectoryFormat, RestoreNote } from "./restore-build.ts";
import { describeFailure, type Spelling } from "./spelling.ts";

const CLUSTER_PREFIX = "error setting up initial cluster: ";

/** A restore as the user wants it; paths and URLs as they were written. */
export interface RestoreRequest {
  readonly snapshot: string;
  readonly dataDir: string;
  /** Empty for the usual place in the data directory. */
  readonly walDir: string;
  readonly format: DirectoryFormat;
  readonly name: string;
  readonly initialCluster: string;
  readonly token: string;
  readonly advertisePeerUrls: string;
  readonly skipsHashCheck: boolean;
  readonly bumpRevision: number;
}

/** The members of the new cluster, after etcd's checks. Rejects with an `OfflineError`. */
export async function restoredMembers(request: RestoreRequest): Promise<InitialMember[]> {
  const cluster = parseInitialCluster(request.initialCluster);
  if (!cluster.ok) throw new OfflineError(withoutPrefix(cluster.error));
  const advertised = parseMemberUrls(request.advertisePeerUrls.split(","));
  if (!advertised.ok) throw new OfflineError(advertised.error);
  const own = {
    name: request.name,
    initialClusterState: "new",
    advertisePeerUrls: advertised.urls,
  };
  const problem = await checkInitialCluster(own, cluster.members);
  if (problem !== undefined) throw new OfflineError(problem);
  return [...cluster.members].map(([name, urls]) => ({
    name,
    peerUrls: urls.map((url) => url.text),
  }));
}

function withoutPrefix(text: string): string {
  return text.startsWith(CLUSTER_PREFIX) ? text.slice(CLUSTER_PREFIX.length) : text;
}

/** Refuses a data directory that holds something, and a log directory that is there at all. */
export function checkTargets(disk: Disk, { dataDir, walDir }: RestoreRequest): void {
  if (!isEmptyOrAbsent(disk, resolve(dataDir))) {
    throw new OfflineError(`data-dir ${goQuote(dataDir)} not empty or could not be read`);
  }
  if (walDir === "" || stat(disk, resolve(walDir)) === undefined) return;
  throw new OfflineError(`wal-dir ${goQuote(walDir)} exists`);
}

/** Whether there is nothing at the path, or a directory without anything in it. */
export function isEmptyOrAbsent(disk: Disk, path: string): boolean {
  const found = stat(disk, path);
  if (found === undefined) return true;
  try {
    return found.isDirectory && disk.list(path).length === 0;
  } catch {
    return false;
  }
}

function stat(disk: Disk, path: string): ReturnType<Disk["stat"]> {
  try {
    return disk.stat(path);
  } catch (cause) {
    throw describeFailure(cause, []);
  }
}

/**
 * Makes the data directory of a new cluster's member of a snapshot. Everything is built beside its
 * target and takes its name when it is whole and durable. Rejects with an `OfflineError` when that
 * cannot be done, with a `StoppedError` when it was stopped; either leaves nothing. `build` does
 * the work on the disk.
 */
export async function restoreSnapshot(
  disk: Disk,
  request: RestoreRequest,
  members: readonly InitialMember[],
  outside: BuildOutside,
  build: typeof buildAside = buildAside,
): Promise<void> {
  const snapshot = resolve(request.snapshot);
  const [data, wal] = [resolve(request.dataDir), resolve(request.walDir)];
  const spelling: Spelling = [
    [snapshot, request.snapshot],
    [data, request.dataDir],
    ...(request.walDir === "" ? [] : [[wal, request.walDir] as const]),
  ];
  const besides: Beside[] = [];
  try {
    checkReadable(disk, snapshot);
    const beside = await Beside.open(disk, data);
    besides.push(beside);
    const isInside = wal.startsWith(`${data}/`);
    const log = request.walDir === "" || isInside ? undefined : await Beside.open(disk, wal);
    if (log !== undefined) besides.push(log);
    const inside = isInside ? beside.path + wal.slice(data.length) : undefined;
    const paths = dataPaths(beside.path, log?.path ?? inside);
    const { format, name, token, skipsHashCheck, bumpRevision } = request;
    const order = { kind: "restore", spelling, snapshot, paths, format } as const;
    const cluster = { members, name, token, skipsHashCheck, bumpRevision };
    const isHashedBeside = format === "etcdx" && !skipsHashCheck;
    const whole = { ...order, ...cluster };
    if (isHashedBeside) await buildHashed(disk, build, whole, outside);
    else await build(whole, outside);
    place(beside, log);
  } catch (cause) {
    if (cause instanceof StoppedError) throw cause;
    throw describeFailure(cause, spelling);
  } finally {
    for (const beside of besides) await beside.close();
  }
}

/**
 * Builds with the hash being checked at the same time. What that finds is told, whatever came of
 * the rest: of a damaged file it is the better answer.
 */
async function buildHashed(
  disk: Disk,
  build: typeof buildAside,
  order: Extract<BuildOrder, { readonly kind: "restore" }>,
  outside: BuildOutside,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outside.signal, stop.signal]);
  const notes: RestoreNote[] = [];
  const building = {
    report: outside.report,
    note: (note: RestoreNote) => notes.push(note),
    signal,
  };
  const built = build({ ...order, skipsHashCheck: true }, building);
  const checked = checkHash(disk, order.snapshot, signal);
  checked.catch(() => stop.abort());
  const [ofBuilding, ofChecking] = await Promise.allSettled([built, checked]);
  for (const outcome of [ofChecking, ofBuilding]) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
  for (const note of notes) outside.note(note);
}

/** Missing and unreadable snapshots are told before anything is made. */
function checkReadable(disk: Disk, path: string): void {
  const file = disk.open(path, "read");
  try {
    file.read(0, 1);
  } finally {
    file.close();
  }
}

/** The log goes first: a data directory without its log must not be found by anybody. */
function place(data: Beside, log: Beside | undefined): void {
  log?.place();
  try {
    data.place();
  } catch (cause) {
    log?.takeBack();
    throw cause;
  }
}
