// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import type { WalPlace } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { type Flags, textFlag } from "../flag.ts";
import { reading } from "./reading.ts";

/** The flags that say which log is meant. */
export const walPlaceFlags: Flags = {
  "data-dir": textFlag("data directory of the member"),
  "wal-dir": textFlag("directory of the log, where it is not in the data directory"),
};

/** Work on a log, and on what else of its member is read. */
export interface WalReading {
  /** How often the store is read whole. */
  readonly storeTimes: number;
  readonly printsRows: boolean;
}

/** Does work that only reads, and shows on a terminal how far it has come. */
export function walReading<T>(
  call: Call,
  { storeTimes, printsRows }: WalReading,
  work: (place: WalPlace) => T | Promise<T>,
): Promise<T> {
  const { values } = call;
  const [dataDir, walDir] = [values.text("data-dir"), values.text("wal-dir")];
  const snap = join(dataDir, "member/snap");
  const passes = [
    { path: walDir === "" ? join(dataDir, "member/wal") : walDir, times: 1 },
    { path: join(snap, "db"), times: storeTimes },
    { path: join(snap, "store.lmdb/data.mdb"), times: storeTimes },
  ];
  return reading(call, { passes, isOfEtcd: false, printsRows }, (disk) =>
    work({ disk, dataDir, walDir }),
  );
}
