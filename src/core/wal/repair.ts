// SPDX-License-Identifier: Apache-2.0

import type { Disk, DiskFile } from "../../base/contracts/disk.ts";

const COPY_BYTES = 1 << 20;

/** What a repair did: `bytesCut` bytes after `offset` are now only in `backup`. */
export interface WalRepair {
  readonly file: string;
  readonly backup: string;
  readonly offset: number;
  readonly bytesCut: number;
  /** What was wrong there. */
  readonly problem: string;
}

function copyTo(disk: Disk, source: DiskFile, path: string): void {
  const target = disk.open(path, "create", 0o600);
  try {
    const size = source.size();
    for (let at = 0; at < size; at += COPY_BYTES) target.write(source.read(at, COPY_BYTES), at);
    target.truncate(size);
    target.datasyncNow();
  } finally {
    target.close();
  }
}

/**
 * Cuts a torn record off the end of the segment at `path`. A copy of the whole file is left
 * beside it, as etcd does. All of it is durable when this returns.
 */
export function cutTornTail(
  disk: Disk,
  directory: string,
  torn: { readonly path: string; readonly offset: number; readonly problem: string },
): WalRepair {
  const { path, offset, problem } = torn;
  const backup = `${path}.broken`;
  const file = disk.open(path, "write");
  try {
    const bytesCut = file.size() - offset;
    copyTo(disk, file, backup);
    disk.syncDirectory(directory);
    file.truncate(offset);
    file.datasyncNow();
    return { file: path, backup, offset, bytesCut, problem };
  } finally {
    file.close();
  }
}
