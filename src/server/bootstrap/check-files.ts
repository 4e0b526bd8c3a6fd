// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import type { Disk } from "../../base/contracts/disk.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { Snapshotter } from "../../core/snap/index.ts";
import { parseSegmentName, type SnapshotMark } from "../../core/wal/index.ts";
import type { DataPaths } from "../../member/index.ts";

const CALLER = "bootstrap/check-files.ts";

/** Names what lies beside the segments and is none; preparations of a segment are expected. */
export function tellStrayFiles(disk: Disk, paths: DataPaths, logger: Logger): void {
  for (const name of disk.list(paths.wal)) {
    if (parseSegmentName(name) !== undefined || name.endsWith(".tmp")) continue;
    logger.log("warn", CALLER, "ignored file in WAL directory", { path: join(paths.wal, name) });
  }
}

/**
 * Looks for the file of the snapshot that the log starts from, newest first. Files that cannot be
 * read on the way are renamed, so that no etcd takes one for the newest again. The start itself
 * needs none: the store holds everything, and the next snapshot writes a file.
 */
export function checkSnapshotFiles(
  disk: Disk,
  paths: DataPaths,
  start: SnapshotMark,
  logger: Logger,
): void {
  if (start.index === 0) return;
  const { snapshot, broken } = new Snapshotter(disk, paths.snap).loadNewest(
    ({ metadata }) => metadata.index === start.index && metadata.term === start.term,
  );
  for (const { name, problem } of broken) {
    const fields = { path: join(paths.snap, `${name}.broken`), error: problem };
    logger.log("warn", CALLER, "renamed a snapshot file that cannot be read", fields);
  }
  if (snapshot !== undefined) return;
  logger.log("warn", CALLER, "the snapshot that the log starts from has no file", {
    "snapshot-index": start.index,
    note: "only etcd before 3.7 would need it here; the next snapshot writes one",
  });
}
