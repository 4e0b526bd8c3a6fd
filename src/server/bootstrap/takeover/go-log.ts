// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../../base/contracts/disk.ts";
import { decodeRequest } from "../../../core/apply/index.ts";
import type { Backend } from "../../../core/backend/index.ts";
import { ClusterMembership, type MemberChange } from "../../../core/membership/index.ts";
import { decodeConfChange, type Entry, EntryType } from "../../../core/raft/index.ts";
import { memberChangeOf } from "../../../core/replica/index.ts";
import { decodeMembershipV2, SnapError, Snapshotter } from "../../../core/snap/index.ts";
import { lastValidSnapshot, readLog, validSnapshotEntries } from "../../../core/wal/index.ts";
import { DataDirError, type DataPaths } from "../data-dir.ts";

/** What the log of a member says that its database may not. */
export interface GoLog {
  /** The snapshot that the log starts from; 0 and 0 when it starts at its beginning. */
  readonly start: { readonly index: number; readonly term: number };
  readonly entries: readonly Entry[];
}

export function readGoLog(disk: Disk, paths: DataPaths): GoLog {
  const found = lastValidSnapshot(disk, paths.wal) ?? { index: 0, term: 0 };
  const start = { index: found.index, term: found.term };
  return { start, entries: readLog(disk, paths.wal, start).entries };
}

/** The term of an entry, for databases of 3.4, which do not tell. */
export function termAt({ start, entries }: GoLog, index: number): number {
  return index === start.index ? start.term : (entries[index - start.index - 1]?.term ?? 0);
}

/**
 * Brings the membership about that a member of 3.4 or 3.5 has at `index`: what its snapshot says,
 * and what the log has changed since. Its buckets may be out of date, nothing there reads them.
 */
export function rebuildMembership(
  disk: Disk,
  paths: DataPaths,
  backend: Backend,
  log: GoLog,
  index: number,
): void {
  const membership = new ClusterMembership(backend);
  if (log.start.index > 0) loadSnapshot(disk, paths, membership);
  for (const entry of log.entries) {
    if (entry.index > index) break;
    applyToMembership(entry, membership);
  }
}

function loadSnapshot(disk: Disk, paths: DataPaths, membership: ClusterMembership): void {
  const known = validSnapshotEntries(disk, paths.wal);
  const snapshotter = new Snapshotter(disk, paths.snap);
  for (const name of snapshotter.list()) {
    try {
      const { data, metadata } = snapshotter.read(name);
      const isKnown = known.some(
        ({ index, term }) => index === metadata.index && term === metadata.term,
      );
      if (!isKnown) continue;
      const { members, removedIds, version } = decodeMembershipV2(data);
      for (const member of members) membership.change({ kind: "add", member });
      for (const id of removedIds) membership.rememberRemoved(id);
      if (version !== undefined) membership.setClusterVersion(version);
      return;
    } catch (error) {
      // Etcd, too, goes on with the next older one.
      if (!(error instanceof SnapError || error instanceof SyntaxError)) throw error;
    }
  }
  throw new DataDirError(
    `no .snap file in ${paths.snap} is both readable and known to the log in ${paths.wal}, and ` +
      "only it says who belongs to the cluster; restore the data directory from a snapshot",
  );
}

function applyToMembership(entry: Entry, membership: ClusterMembership): void {
  if (entry.data.length === 0) return;
  if (entry.type === EntryType.confChange) {
    const change: MemberChange = memberChangeOf(decodeConfChange(entry.data));
    if (membership.check(change) === undefined) membership.change(change);
    return;
  }
  const { request } = decodeRequest(entry.data);
  if (request.kind === "clusterVersionSet") membership.setClusterVersion(request.version);
  if (request.kind !== "clusterMemberAttrSet") return;
  const { memberID, memberAttributes } = request.attributes;
  if (membership.member(memberID) === undefined) return;
  const { name = "", clientUrls = [] } = memberAttributes ?? {};
  membership.setAttributes(memberID, name, clientUrls);
}
