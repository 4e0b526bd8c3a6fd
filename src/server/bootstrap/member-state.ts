// SPDX-License-Identifier: Apache-2.0

import { type Disk, DiskError } from "../../base/contracts/disk.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { invariant } from "../../base/invariant.ts";
import {
  type Backend,
  storageVersionOf,
  unsupportedVersion,
  wholeText,
} from "../../core/backend/index.ts";
import { ClusterMembership, formatId } from "../../core/membership/index.ts";
import {
  EMPTY_CONF_STATE,
  type HardState,
  MemoryStorage,
  NO_BYTES,
} from "../../core/raft/index.ts";
import { lastValidSnapshot, Wal, type WalOptions } from "../../core/wal/index.ts";
import {
  decodeMetadata,
  encodeMetadata,
  foundCluster,
  type Identity,
  type InitialMember,
} from "../../member/index.ts";
import { checkSnapshotFiles, tellStrayFiles } from "./check-files.ts";
import { DataDirError, type DataPaths } from "./data-dir.ts";
import { membersWithLog, unservedContent } from "./served.ts";

const CALLER = "bootstrap/member-state.ts";

/** What a member starts from: who it is, its log on disk and in memory, its place in it. */
export interface MemberState {
  readonly identity: Identity;
  readonly wal: Wal;
  readonly storage: MemoryStorage;
  readonly membership: ClusterMembership;
  /** The last entry whose effects the backend holds; raft delivers what follows. */
  readonly appliedIndex: number;
  /** The snapshot that the log starts from; 0 when it starts at its beginning. */
  readonly snapshotIndex: number;
}

export interface FoundingOptions {
  readonly members: readonly InitialMember[];
  readonly name: string;
  readonly token: string;
  readonly wal?: WalOptions;
}

/** Writes the first log of a new cluster. */
export function foundMember(
  disk: Disk,
  paths: DataPaths,
  backend: Backend,
  options: FoundingOptions,
): MemberState {
  const { identity, hardState, entries } = foundCluster(
    options.members,
    options.name,
    options.token,
  );
  if (backend.boundary.consistentIndex > 0) {
    throw new DataDirError(
      `data directory ${paths.data} holds a store but no log in ${paths.wal}; ` +
        "restore the log or start with an empty data directory",
    );
  }
  const wal = createLog(disk, paths, identity, options.wal);
  wal.append(hardState, entries);
  wal.syncNow();
  const storage = new MemoryStorage();
  storage.append(entries);
  storage.setHardState(hardState);
  const membership = new ClusterMembership(backend);
  return { identity, wal, storage, membership, appliedIndex: 0, snapshotIndex: 0 };
}

/** The new log takes the place of its directory, which must not hold anything. */
function createLog(disk: Disk, paths: DataPaths, identity: Identity, options?: WalOptions): Wal {
  const names = disk.list(paths.wal);
  if (names.length > 0) {
    throw new DataDirError(
      `${paths.wal} holds no log but other files (${names.slice(0, 3).join(", ")}); give ` +
        "--wal-dir an empty directory, or one that does not exist yet",
    );
  }
  try {
    return Wal.create(disk, paths.wal, encodeMetadata(identity), options);
  } catch (cause) {
    // A file system that is mounted there keeps its place.
    if (!(cause instanceof DiskError) || cause.operation !== "rename") throw cause;
    throw new DataDirError(
      `the new log cannot take its place ${paths.wal} (${cause.code ?? cause.message}); give ` +
        "--wal-dir a directory below it, which need not exist",
      { cause },
    );
  }
}

/** Opens the log of a member that has one and finds its place in it. */
export function reopenMember(
  disk: Disk,
  paths: DataPaths,
  backend: Backend,
  logger: Logger,
  walOptions?: WalOptions,
): MemberState {
  checkStorageVersion(paths, backend, logger);
  tellStrayFiles(disk, paths, logger);
  const start = lastValidSnapshot(disk, paths.wal) ?? { index: 0, term: 0 };
  const mark = { index: start.index, term: start.term };
  const appliedIndex = backend.boundary.consistentIndex;
  const opened = Wal.open(disk, paths.wal, mark, { ...walOptions, heldIndex: appliedIndex });
  if (opened.repaired !== undefined) {
    logger.log("warn", CALLER, "repaired the end of the log, torn by a crash", {
      ...opened.repaired,
    });
  }
  const membership = new ClusterMembership(backend);
  const storage = storageOf(start, membership);
  storage.append(opened.entries);
  const known = Math.max(opened.hardState.commit, start.index);
  const misplaced =
    checkPlace(paths, appliedIndex, start.index, storage.lastIndex()) ??
    checkEnd(paths, known, storage.lastIndex());
  if (misplaced !== undefined) {
    opened.wal.close();
    throw misplaced;
  }
  checkSnapshotFiles(disk, paths, mark, logger);
  // The commit index is written without a sync of its own, so it may lag behind what was applied.
  const commit = Math.max(known, appliedIndex);
  const hardState: HardState = { ...opened.hardState, commit };
  storage.setHardState(hardState);
  const identity = decodeMetadata(opened.metadata);
  logger.log("info", CALLER, "restarting local member", {
    "cluster-id": formatId(identity.clusterId),
    "local-member-id": formatId(identity.memberId),
    "commit-index": commit,
  });
  const { wal } = opened;
  return { identity, wal, storage, membership, appliedIndex, snapshotIndex: start.index };
}

/** Refuses a store that was written for an etcd that this program does not know. */
function checkStorageVersion(paths: DataPaths, backend: Backend, logger: Logger): void {
  const version = storageVersionOf(backend);
  if (version === undefined) {
    const text = "Failed to detect storage schema version. Please wait till wal snapshot before ";
    logger.log("warn", CALLER, `${text}upgrading cluster.`);
    return;
  }
  const problem = unsupportedVersion(version);
  if (problem === undefined) return;
  throw new DataDirError(
    `the store ${paths.store} is of storage version ${wholeText(version)}: ${problem}; start the ` +
      "etcd that wrote it, or go back to an older version with etcdutl migrate",
  );
}

function storageOf(
  start: { readonly index: number; readonly term: number },
  membership: ClusterMembership,
): MemoryStorage {
  const storage = new MemoryStorage();
  const members = membership.members();
  const idsOf = (isLearner: boolean): bigint[] =>
    members.filter((member) => member.isLearner === isLearner).map((member) => member.id);
  const confState = { ...EMPTY_CONF_STATE, voters: idsOf(false), learners: idsOf(true) };
  if (start.index > 0) {
    storage.applySnapshot({
      data: NO_BYTES,
      metadata: { confState, index: start.index, term: start.term },
    });
  } else storage.setConfState(confState);
  return storage;
}

/** The store must stand inside the log: not before its start, not behind its end. */
function checkPlace(
  paths: DataPaths,
  applied: number,
  start: number,
  last: number,
): DataDirError | undefined {
  if (applied < start) {
    return new DataDirError(
      `the store in ${paths.store} ends at entry ${applied}, but the log in ${paths.wal} starts ` +
        `after entry ${start}; restore both from the same backup`,
    );
  }
  if (applied > last) {
    return new DataDirError(
      `the store in ${paths.store} has applied entry ${applied}, but the log in ${paths.wal} ` +
        `ends at entry ${last}; the log was lost or replaced: restore both from the same backup`,
    );
  }
  return undefined;
}

/**
 * Refuses, with a `DataDirError`, a member that this version cannot serve. The log may hold members
 * that the store does not know yet, or no longer; closes it then.
 */
export function requireServed({ data }: DataPaths, state: MemberState): void {
  const { membership, storage, appliedIndex, wal } = state;
  const first = Math.max(storage.firstIndex(), appliedIndex + 1);
  const end = storage.lastIndex() + 1;
  const entries = first < end ? storage.entries(first, end, Number.POSITIVE_INFINITY) : [];
  invariant(typeof entries !== "string", "the log in memory holds what it says to hold");
  const ids = membership.members().map((member) => member.id);
  const members = membersWithLog(ids, entries, appliedIndex);
  const unserved = unservedContent({ members, authEnabled: undefined });
  if (unserved === undefined) return;
  wal.close();
  throw new DataDirError(
    `data directory ${data} ${unserved.problem}; start a release of etcdx that has it, or go on ` +
      "with Go etcd",
  );
}

/** The log must hold what it says itself to be committed. */
function checkEnd(paths: DataPaths, commit: number, last: number): DataDirError | undefined {
  if (commit <= last) return undefined;
  return new DataDirError(
    `the log in ${paths.wal} says that entry ${commit} is committed, but ends at entry ${last}; its ` +
      "end was lost: restore the data directory from a copy, or replace this member",
  );
}
