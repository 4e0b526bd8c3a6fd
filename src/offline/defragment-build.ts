// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../base/contracts/disk.ts";
import { BoltReader } from "../core/bolt/index.ts";
import { copyDatabase, writeDatabase } from "../core/etcd-db/index.ts";
import { CountedSource, type ReportProgress } from "./progress.ts";

export interface DefragmentOrder {
  /** The database. */
  readonly from: string;
  /** The copy to make. */
  readonly to: string;
}

const FILE_MODE = 0o600;

/** Copies a database of Go etcd row by row, durably, with pages of the same size. */
export function buildDefragmented(
  disk: Disk,
  { from, to }: DefragmentOrder,
  report: ReportProgress,
): void {
  const source = disk.open(from, "read");
  try {
    const reader = new BoltReader(new CountedSource(source, 1, report));
    const target = disk.open(to, "create", FILE_MODE);
    try {
      const { pageBytes } = reader.meta;
      writeDatabase(target, (writer) => copyDatabase(reader, writer), { pageBytes });
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}
