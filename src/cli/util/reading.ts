// SPDX-License-Identifier: Apache-2.0

import type { Disk } from "../../base/contracts/disk.ts";
import { MeteredDisk, type Passes } from "../../offline/metered-disk.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { ByteProgress } from "./byte-progress.ts";
import { offline } from "./database.ts";

export interface ReadingWork {
  /** What is read, for the progress. */
  readonly passes: readonly Passes[];
  /** Whether etcdutl has the command too: called by that name it then shows nothing more. */
  readonly isOfEtcd: boolean;
  /** Whether the output comes in rows as they are read: on a terminal they tell how far it is. */
  readonly printsRows: boolean;
}

/**
 * Does work that only reads, with the disk that it is given, and shows on a terminal how far it
 * has come. Nothing is half made when it is interrupted, so that a signal may end the process.
 */
export async function reading<T>(
  { terminal, program }: Call,
  { passes, isOfEtcd, printsRows }: ReadingWork,
  work: (disk: Disk) => T | Promise<T>,
): Promise<T> {
  const disk = new NodeDisk();
  const isHidden =
    terminal.errorColumns() === undefined ||
    (isOfEtcd && program.isExact === true) ||
    (printsRows && terminal.outIsTerminal());
  if (isHidden) return offline((async () => work(disk))());
  const progress = new ByteProgress(terminal);
  const metered = new MeteredDisk(disk, passes, (done, total) => progress.update(done, total));
  try {
    return await offline((async () => work(metered))());
  } finally {
    progress.finish();
  }
}
