// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";
import { decodeRequest } from "../core/apply/index.ts";
import { type Backend, openLmdbBackend } from "../core/backend/index.ts";
import { META_KEYS, writeDatabase } from "../core/etcd-db/index.ts";
import { ClusterMembership } from "../core/membership/index.ts";
import { type ConfState, EMPTY_CONF_STATE, type Entry, EntryType } from "../core/raft/index.ts";
import { encodeMembershipV2, Snapshotter } from "../core/snap/index.ts";
import { lastValidSnapshot, readLog, Wal } from "../core/wal/index.ts";
import { type ExportEdits, exportRows } from "../interchange/index.ts";
import type { DataPaths } from "../member/index.ts";
import { copyDirectory } from "./copy-directory.ts";
import { OfflineError } from "./errors.ts";
import type { ReportProgress } from "./progress.ts";
import { requireSoundStore } from "./sound-store.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const CLUSTER_VERSION_KEY = new TextEncoder().encode("clusterVersion");

export type StorageVersion = "3.6" | "3.7";

/** Everything that an export needs; goes to a thread as it is. */
export interface ExportOrder {
  /** The member that is exported. */
  readonly from: DataPaths;
  /** Where the files for Go etcd are built. Its directories are empty or missing. */
  readonly paths: DataPaths;
  /** The oldest etcd that has to start on it. */
  readonly storageVersion: StorageVersion;
}

/** The place in the log that a store stands for, and who is a member there. */
interface Place {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
}

/**
 * Builds a data directory of Go etcd: log and `.snap` files are copied as they are, the database
 * is written from the store, and a snapshot is recorded where the store stands, so that Go etcd
 * goes on from there. The member must not be running. Durable when this resolves.
 */
export async function buildExported(
  disk: Disk,
  order: ExportOrder,
  report: ReportProgress,
): Promise<void> {
  const { from, paths, storageVersion } = order;
  // Damage is told before anything is made, with the names of the member's own files.
  readLog(disk, from.wal, logStart(disk, from.wal));
  const readBytes = disk.stat(from.storeFile)?.size ?? 0;
  // How much of it there is to write is known when it is open.
  requireSoundStore(disk, from.storeFile, (done, total) => report(done, 2 * total));
  disk.makeDirectory(paths.snap, DIRECTORY_MODE);
  disk.makeDirectory(paths.wal, DIRECTORY_MODE);
  const backend = await openLmdbBackend(from.store);
  try {
    const membership = new ClusterMembership(backend);
    const clusterVersion = atMost(membership.clusterVersion, storageVersion);
    const edits = versionEdits(backend, clusterVersion, storageVersion);
    writeGoDatabase(disk, paths.goDatabase, backend, edits, (done, total) =>
      report(readBytes + done, readBytes + total),
    );
    copyDirectory(disk, from.wal, paths.wal, /\.wal$/);
    copyDirectory(disk, from.snap, paths.snap, /\.snap$/);
    const { consistentIndex: index, term } = backend.boundary;
    const place = { index, term, confState: confStateOf(membership) };
    const data = encodeMembershipV2({
      members: membership.members(),
      removedIds: membership.removed(),
      version: clusterVersion,
    });
    await recordSnapshot(disk, order, place, data);
  } finally {
    await backend.close();
  }
  for (const directory of [paths.wal, paths.snap, paths.member]) disk.syncDirectory(directory);
}

/** The snapshot from which a member would read the log. */
function logStart(disk: Disk, wal: string): { readonly index: number; readonly term: number } {
  const { index, term } = lastValidSnapshot(disk, wal) ?? { index: 0, term: 0 };
  return { index, term };
}

function writeGoDatabase(
  disk: Disk,
  path: string,
  backend: Backend,
  edits: ExportEdits,
  report: ReportProgress,
): void {
  const total = backend.sizeInUseBytes();
  const view = backend.pin();
  const file = disk.open(path, "create-exclusive", FILE_MODE);
  try {
    const sink = {
      path,
      write: (bytes: Uint8Array, position: number): void => {
        file.write(bytes, position);
        report(Math.min(position, total), total);
      },
      datasyncNow: (): void => file.datasyncNow(),
    };
    writeDatabase(sink, (writer) => exportRows(view, writer, edits));
  } finally {
    file.close();
    view.close();
  }
}

/** Versions that the etcd in question knows: it refuses to start on later ones. */
function versionEdits(
  backend: Backend,
  clusterVersion: string | undefined,
  storageVersion: StorageVersion,
): ExportEdits {
  const stored = backend.getCopy("meta", META_KEYS.storageVersion);
  const known = stored === undefined ? undefined : new TextDecoder().decode(stored);
  const version = atMost(known ?? `${storageVersion}.0`, storageVersion) ?? "";
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const meta = [{ key: META_KEYS.storageVersion, value: text(version) }];
  if (clusterVersion === undefined) return new Map([["meta", meta]]);
  const cluster = [{ key: CLUSTER_VERSION_KEY, value: text(clusterVersion) }];
  return new Map([
    ["cluster", cluster],
    ["meta", meta],
  ]);
}

/** The version, or the highest one that `limit` allows. */
function atMost(version: string | undefined, limit: StorageVersion): string | undefined {
  if (version === undefined) return undefined;
  return minorOf(version) > minorOf(limit) ? `${limit}.0` : version;
}

function minorOf(version: string): number {
  return Number(/^3\.(\d+)/.exec(version)?.[1] ?? 0);
}

function confStateOf(membership: ClusterMembership): ConfState {
  const members = membership.members();
  const idsOf = (isLearner: boolean): bigint[] =>
    members.filter((member) => member.isLearner === isLearner).map((member) => member.id);
  return { ...EMPTY_CONF_STATE, voters: idsOf(false), learners: idsOf(true) };
}

/** Makes the copy of the log begin where the database stands. */
async function recordSnapshot(
  disk: Disk,
  { from, paths, storageVersion }: ExportOrder,
  { index, term, confState }: Place,
  data: Uint8Array,
): Promise<void> {
  const start = logStart(disk, paths.wal);
  const { wal, hardState, entries } = Wal.open(disk, paths.wal, start);
  try {
    const last = entries.at(-1)?.index ?? start.index;
    if (index < start.index || index > last) {
      throw new OfflineError(
        `the store ${from.store} stands at entry ${index}, the log ${from.wal} holds those from ` +
          `${start.index} to ${last}; restore both from the same backup`,
      );
    }
    checkRest(entries, index, storageVersion);
    if (index === 0) return;
    const snapshotter = new Snapshotter(disk, paths.snap);
    await snapshotter.save({ data, metadata: { confState, index, term } });
    // Etcd takes only snapshots that are committed, and the commit index may lag behind.
    wal.append({ ...hardState, commit: Math.max(hardState.commit, index) }, []);
    if (index > start.index) wal.saveSnapshot(index, term, confState);
    wal.syncNow();
  } finally {
    wal.close();
  }
}

/** What is in the log and not in the store yet is applied by the etcd that takes over. */
function checkRest(entries: readonly Entry[], index: number, limit: StorageVersion): void {
  for (const entry of entries) {
    if (entry.index <= index || entry.type !== EntryType.normal || entry.data.length === 0)
      continue;
    const { request } = decodeRequest(entry.data);
    if (request.kind !== "clusterVersionSet" || minorOf(request.version) <= minorOf(limit))
      continue;
    throw new OfflineError(
      `entry ${entry.index} of the log raises the cluster version to ${request.version}, which ` +
        `etcd ${limit} does not know, and is not in the store yet; start etcdx on the directory, ` +
        "stop it with SIGTERM, and export again",
    );
  }
}
