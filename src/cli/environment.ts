// SPDX-License-Identifier: Apache-2.0

import { CommandFailure, ExitCode } from "./exit-code.ts";
import type { FlagValues } from "./flag.ts";
import { type LogFields, logLine } from "./log-line.ts";
import type { Terminal } from "./terminal.ts";

const PREFIX = "ETCDCTL_";

export interface EnvironmentSource {
  readonly values: FlagValues;
  /** The flags that variables may set. */
  readonly names: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Variables that the command reads itself. */
  readonly claimed: readonly string[];
}

/**
 * Lets `ETCDCTL_*` variables set what the command line left open. A value that does not fit its
 * flag leaves it at nothing, as Go's flag library does; a variable for a flag that was given ends
 * the program; one that no flag knows is warned about.
 * @throws {CommandFailure} on a conflict, which has been printed by then
 */
export function applyEnvironment(source: EnvironmentSource): void {
  const { values, environment, terminal } = source;
  const taken = new Map<string, boolean>();
  for (const name of source.names) {
    const variable = variableName(name);
    const given = values.changed(name);
    const text = environment[variable] ?? "";
    // An empty variable counts as one that no flag knows, unless the flag was given.
    if (given || text !== "") taken.set(variable, given);
    if (!given && text !== "" && !values.assign(name, text).ok) values.clear(name);
  }
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX)) continue;
    if (source.claimed.includes(variable) && value !== "") continue;
    const conflict = taken.get(variable);
    if (conflict === true) {
      terminal.error(logLine("fatal", conflictFields(variable)));
      throw new CommandFailure(ExitCode.error, "");
    }
    if (conflict === undefined) {
      terminal.error(logLine("warn", unknownFields(variable, value ?? "")));
    }
  }
}

export function variableName(flag: string): string {
  return PREFIX + flag.toUpperCase().replaceAll("-", "_");
}

// The doubled closing bracket is etcd's (pkg/flags/flag.go, v3.7.1).
const CONFLICT_TEXT =
  "conflicting environment variable is shadowed by corresponding command-line flag " +
  "(either unset environment variable or disable flag))";

function conflictFields(variable: string): LogFields {
  return [
    ["caller", "flags/flag.go:86"],
    ["msg", CONFLICT_TEXT],
    ["environment-variable", variable],
  ];
}

function unknownFields(variable: string, value: string): LogFields {
  return [
    ["caller", "flags/flag.go:94"],
    ["msg", "unrecognized environment variable"],
    ["environment-variable", `${variable}=${value}`],
  ];
}
