// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";
import { silentLogger } from "../base/contracts/logger.ts";
import { invariant } from "../base/invariant.ts";
import { BoltError, BoltReader, type ByteSource } from "../core/bolt/index.ts";
import {
  EtcdDbError,
  KeyRows,
  type RestoreOptions,
  type RestoreOutcome,
  restoreDatabase,
  restoreEdits,
} from "../core/etcd-db/index.ts";
import { encodeMember, type Member } from "../core/membership/index.ts";
import { EMPTY_CONF_STATE } from "../core/raft/index.ts";
import { encodeMembershipV2, Snapshotter } from "../core/snap/index.ts";
import { Wal } from "../core/wal/index.ts";
import { importRows } from "../interchange/index.ts";
import {
  type DataPaths,
  encodeMetadata,
  type Founding,
  foundCluster,
  type InitialMember,
} from "../member/index.ts";
import { createSha256 } from "../platform/sha256.ts";
import { systemClock } from "../platform/system-clock.ts";
import { checkOutcome } from "./check-hash.ts";
import { CountedSource, type ReportProgress } from "./progress.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const TERM = 1;

export type DirectoryFormat = "etcdx" | "go";

/** Everything that a restore needs; goes to a thread as it is. */
export interface RestoreOrder {
  /** Absolute path of the snapshot. */
  readonly snapshot: string;
  /** Where the member's files are built. Its directories are empty or missing. */
  readonly paths: DataPaths;
  readonly format: DirectoryFormat;
  /** The members of the cluster that is founded, and which of them this one is. */
  readonly members: readonly InitialMember[];
  readonly name: string;
  readonly token: string;
  /** For the format "etcdx" always: what takes longer there has the hash checked meanwhile. */
  readonly skipsHashCheck: boolean;
  readonly bumpRevision: number;
}

/** A step of a restore that the user is told of. */
export type RestoreNote =
  | { readonly kind: "trimmed" }
  | { readonly kind: "raised"; readonly from: number; readonly by: number }
  | { readonly kind: "added"; readonly clusterId: bigint; readonly member: Member };

export interface RestoreReport {
  readonly progress: ReportProgress;
  readonly note: (note: RestoreNote) => void;
}

/** Builds the directories, durable when this resolves. Sources are only read. */
export async function buildRestored(
  disk: Disk,
  order: RestoreOrder,
  { progress, note }: RestoreReport,
): Promise<void> {
  const { paths, members, name, token } = order;
  const founding = foundCluster(members, name, token);
  const file = disk.open(order.snapshot, "read");
  try {
    const source = new CountedSource(file, passesOf(order), progress);
    disk.makeDirectory(paths.snap, DIRECTORY_MODE);
    const options = restoreOptions(order, founding);
    const build = order.format === "go" ? buildGoDatabase : buildStore;
    checkOutcome(await build(disk, paths, source, options));
    tell(file, order, founding, note);
  } finally {
    file.close();
  }
  await writeLog(disk, order, founding);
  for (const directory of [paths.snap, paths.member]) disk.syncDirectory(directory);
}

/** What has been done to the database, in etcd's order. */
function tell(
  source: ByteSource,
  { bumpRevision }: RestoreOrder,
  { identity, members }: Founding,
  note: RestoreReport["note"],
): void {
  note({ kind: "trimmed" });
  if (bumpRevision > 0) {
    const rows = new KeyRows(new BoltReader(source));
    note({ kind: "raised", from: rows.last() ? rows.main : 0, by: bumpRevision });
  }
  for (const member of members) {
    note({ kind: "added", clusterId: identity.clusterId, member });
  }
}

/** How often the snapshot is read; a bump in Go's format first copies it and then edits it. */
function passesOf({ format, bumpRevision }: RestoreOrder): number {
  return format === "go" && bumpRevision > 0 ? 2 : 1;
}

function restoreOptions(order: RestoreOrder, founding: Founding): RestoreOptions {
  const { skipsHashCheck, bumpRevision } = order;
  const members = founding.members.map((member) => ({
    id: member.id,
    json: encodeMember(member),
  }));
  const consistentIndex = founding.entries.length;
  return { createSha256, skipsHashCheck, members, consistentIndex, term: TERM, bumpRevision };
}

async function buildGoDatabase(
  disk: Disk,
  paths: DataPaths,
  source: ByteSource,
  options: RestoreOptions,
): Promise<RestoreOutcome> {
  const target = disk.open(paths.goDatabase, "create-exclusive", FILE_MODE);
  try {
    return restoreDatabase(source, target, options);
  } catch (cause) {
    // What is wrong with the copy is wrong with the snapshot, and only that will still be there.
    if (cause instanceof BoltError && cause.file === target.path) {
      throw new BoltError(source.path, cause.page, cause.problem, { cause });
    }
    if (cause instanceof EtcdDbError && cause.file === target.path) {
      throw new EtcdDbError(source.path, cause.bucket, cause.problem, { cause });
    }
    throw cause;
  } finally {
    target.close();
  }
}

async function buildStore(
  disk: Disk,
  paths: DataPaths,
  source: ByteSource,
  options: RestoreOptions,
): Promise<RestoreOutcome> {
  invariant(options.skipsHashCheck, "the hash is checked beside, see `checkHash`");
  const reader = new BoltReader(source);
  disk.makeDirectory(paths.store, DIRECTORY_MODE);
  const edits = restoreEdits(reader, options);
  const outside = { clock: systemClock, logger: silentLogger };
  const { consistentIndex, term } = options;
  const rows = { boundary: { consistentIndex, term }, withMembership: true, edits };
  await importRows(disk, paths.store, reader, rows, outside);
  disk.syncDirectory(paths.store);
  return { kind: "restored" };
}

/** The log that all restored members begin with, and a snapshot at its end. */
async function writeLog(disk: Disk, order: RestoreOrder, founding: Founding): Promise<void> {
  const { paths } = order;
  const { members, entries, identity } = founding;
  const index = entries.length;
  const voters = members.map((member) => member.id);
  const confState = { ...EMPTY_CONF_STATE, voters };
  const wal = Wal.create(disk, paths.wal, encodeMetadata(identity));
  try {
    // Etcd's restore votes for the first member, where a cluster that is founded votes for none.
    wal.append({ ...founding.hardState, vote: voters[0] ?? founding.hardState.vote }, entries);
    wal.syncNow();
    const data = encodeMembershipV2({ members, removedIds: [], version: undefined });
    const snapshotter = new Snapshotter(disk, paths.snap);
    await snapshotter.save({ data, metadata: { confState, index, term: TERM } });
    wal.saveSnapshot(index, TERM, confState);
    wal.syncNow();
  } finally {
    wal.close();
  }
}
