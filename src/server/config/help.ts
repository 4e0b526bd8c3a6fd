// SPDX-License-Identifier: Apache-2.0

import type { FlagGroup, FlagRow } from "./flag-row.ts";
import { flagTable } from "./flag-table.ts";

/**
 * What goes to standard error on a wrong command line and in front of the help.
 * @param programName what was called: `etcd` is the server alone, any other name has it as a topic
 */
export function formatUsage(programName: string): string {
  return usageText.replaceAll(
    "<server>",
    programName === "etcd" ? "etcd" : `${programName} server`,
  );
}

const usageText = `Usage:

  <server> [flags]
    Run an etcd member.

  <server> --version
    Print the version and end.

  <server> -h | --help
    Print this help and end.

  <server> --config-file
    Take the whole configuration from a YAML or JSON file; all other flags and variables are then left aside.

  <server> gateway
    Forward TCP connections to a cluster without looking into them.

  <server> grpc-proxy
    Stand in front of a cluster as a caching proxy for its gRPC interface.

`;

const sections: readonly (readonly [title: string, groups: readonly FlagGroup[]])[] = [
  ["Member", ["member"]],
  ["Clustering", ["clustering"]],
  ["Security", ["security"]],
  ["Auth", ["auth"]],
  ["Profiling and Monitoring", ["metrics/profiling", "metrics"]],
  ["Logging", ["logging"]],
  ["Distributed tracing", ["tracing"]],
  ["Features", ["features"]],
  ["Unsafe feature", ["unsafe"]],
];

/** The list of all flags, section by section. */
export function formatHelp(): string {
  const parts = sections.map(([title, groups]) => {
    const rows = flagTable.filter((row) => groups.includes(row.group));
    return `\n${title}:\n${rows.map(formatRow).join("")}`;
  });
  const caution =
    "Flags of the last section give up guarantees of the consensus protocol: data can be lost.";
  return `${parts.join("")}\n${caution}\n\n`;
}

function formatRow(row: FlagRow): string {
  const shown = row.name === "data-dir" ? `\${name}.etcd` : row.defaultText;
  const note = row.support === "default-only" ? " (Other values are not supported yet.)" : "";
  return `  --${row.name} '${shown}'\n    ${row.help}${note}\n`;
}
