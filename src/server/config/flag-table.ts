// SPDX-License-Identifier: Apache-2.0

import type { FlagRow } from "./flag-row.ts";
import { clusteringFlags } from "./flags-clustering.ts";
import { memberFlags } from "./flags-member.ts";
import { otherFlags } from "./flags-other.ts";
import { securityFlags } from "./flags-security.ts";

/** Every option of the server: the one table behind flags, variables, YAML keys and the help. */
export const flagTable: readonly FlagRow[] = [
  ...memberFlags,
  ...clusteringFlags,
  ...securityFlags,
  ...otherFlags,
];

const rowsByName: ReadonlyMap<string, FlagRow> = new Map(flagTable.map((row) => [row.name, row]));

/** The row of the option called `name`, without dashes. */
export function findFlag(name: string): FlagRow | undefined {
  return rowsByName.get(name);
}

/** Whether the flag may stand alone on the command line, meaning `true`. */
export function isBooleanFlag(row: FlagRow): boolean {
  return row.type === "bool" || row.type === "ignored";
}
