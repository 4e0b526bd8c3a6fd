// SPDX-License-Identifier: Apache-2.0

import type { ServerCommand } from "../../test/harness/server-command.ts";

/** One measured value of one round. */
export interface Figure {
  readonly row: string;
  readonly value: number;
  readonly unit: "ms" | "MB" | "/s" | "µs" | "×";
  /** Whether a larger value is the better one. */
  readonly wants: "more" | "less";
}

/** How large a scenario is; a smoke run only checks the harness. */
export interface Size {
  readonly keys: number;
  readonly watchers: number;
  readonly leases: number;
  /** Seconds; long enough to grant all and to give each a key before the first expires. */
  readonly leaseTtl: number;
  readonly seconds: number;
  /** Where the data directories go. */
  readonly parentDir: string;
}

/** A server that was brought into the scenario's state, ready to be measured. */
export interface Bout {
  /** Measures once. Rounds leave the state as good as they found it. */
  round(): Promise<readonly Figure[]>;
  dispose(): Promise<void>;
}

/** A situation that one burst of equal requests cannot show. */
export interface Scenario {
  readonly name: string;
  /** What is asked of each row, as the ratio to etcd or to ourselves; for the table. */
  readonly asked: Readonly<Record<string, string>>;
  open(command: ServerCommand, size: Size): Promise<Bout>;
}
