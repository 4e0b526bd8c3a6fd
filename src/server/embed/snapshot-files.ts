// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { encodeMembershipV2, Snapshotter } from "../../core/snap/index.ts";
import type { MemberState } from "../bootstrap/member-state.ts";
import type { ServerConfig } from "../config/index.ts";
import type { SnapshotParts } from "../replica/snapshot-work.ts";

/** Writes and purges the files of snapshots, and clears what a crash left half written. */
export function snapshotFiles(
  disk: Disk,
  directory: string,
  config: ServerConfig,
  state: MemberState,
): Pick<SnapshotParts, "saveFile" | "purge"> {
  const snapshotter = new Snapshotter(disk, directory);
  snapshotter.removeLeftovers();
  const { membership, wal } = state;
  return {
    saveFile: async ({ index, term, confState }) => {
      const data = encodeMembershipV2({
        members: membership.members(),
        removedIds: membership.removed(),
        version: membership.clusterVersion,
      });
      await snapshotter.save({ data, metadata: { index, term, confState } });
    },
    purge: () => {
      snapshotter.purge(config.maxSnapshots);
      wal.purge(config.maxWals);
    },
  };
}
