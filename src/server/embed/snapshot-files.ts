// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { encodeMembershipV2, Snapshotter } from "../../core/snap/index.ts";
import type { DataPaths } from "../bootstrap/data-dir.ts";
import type { MemberState } from "../bootstrap/member-state.ts";
import type { ServerConfig } from "../config/index.ts";
import type { PurgeSource } from "../jobs/file-purge.ts";
import type { SnapshotParts } from "../replica/snapshot-work.ts";

/** Writes and releases the files of snapshots, and clears what a crash left half written. */
export function snapshotFiles(
  disk: Disk,
  directory: string,
  { membership }: MemberState,
): Pick<SnapshotParts, "membership" | "saveFile" | "release"> {
  const snapshotter = new Snapshotter(disk, directory);
  snapshotter.removeLeftovers();
  return {
    membership: () =>
      encodeMembershipV2({
        members: membership.members(),
        removedIds: membership.removed(),
        version: membership.clusterVersion,
      }),
    saveFile: async ({ index, term, confState, data }) => {
      await snapshotter.save({ data, metadata: { index, term, confState } });
    },
    release: (index) => {
      snapshotter.removeDatabasesBefore(index);
    },
  };
}

/**
 * What is deleted beyond `--max-snapshots` and `--max-wals`, one file at a time and beside the
 * loop: segments are large, and after a burst of writes there are a hundred snapshots.
 */
export function purgeSources(
  disk: Disk,
  paths: DataPaths,
  config: ServerConfig,
  { wal }: MemberState,
): PurgeSource[] {
  const snapshotter = new Snapshotter(disk, paths.snap);
  return [
    { directory: paths.snap, purge: () => snapshotter.purge(config.maxSnapshots) },
    { directory: paths.wal, purge: () => wal.purgeAside(config.maxWals) },
  ];
}
