// SPDX-License-Identifier: Apache-2.0

import type { WalPlace } from "../../offline/index.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import type { Call } from "../command.ts";
import { type Flags, textFlag } from "../flag.ts";

/** The flags that say which log is meant. */
export const walPlaceFlags: Flags = {
  "data-dir": textFlag("data directory of the member"),
  "wal-dir": textFlag("directory of the log, where it is not in the data directory"),
};

export function walPlace({ values }: Call): WalPlace {
  return {
    disk: new NodeDisk(),
    dataDir: values.text("data-dir"),
    walDir: values.text("wal-dir"),
  };
}
