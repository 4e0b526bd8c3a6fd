// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../../base/go-quote.ts";
import type { ConfigLine } from "./config-line.ts";
import { flagTable } from "./flag-table.ts";
import { type FlagValue, parseFlagValue } from "./flag-value.ts";

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type EnvironmentResult =
  | {
      readonly kind: "read";
      readonly values: ReadonlyMap<string, FlagValue>;
      readonly lines: readonly ConfigLine[];
    }
  /** A value that does not parse: the configuration is refused with this text. */
  | { readonly kind: "refused"; readonly error: string; readonly lines: readonly ConfigLine[] }
  /** A variable for a flag that was also given: the process ends at once. */
  | { readonly kind: "conflict"; readonly lines: readonly ConfigLine[] };

const CALLER = "config/environment.ts";

/**
 * Reads the `ETCD_` variables for every flag that was not given. Empty ones count as unset, ones
 * that no flag knows are warned about, ones that a given flag shadows are fatal, even when empty.
 */
export function readEnvironment(
  environment: Environment,
  given: ReadonlyMap<string, FlagValue>,
): EnvironmentResult {
  const lines: ConfigLine[] = [];
  const values = new Map<string, FlagValue>();
  const used = new Set<string>();
  let error: string | undefined;
  const version = environment["ETCD_VERSION"] ?? "";
  if (version !== "") {
    const fields = { key: "ETCD_VERSION", value: version };
    lines.push(line("warn", "cannot set special environment variable", fields));
  }
  // etcd visits its flags by name and reports the last failure.
  for (const row of [...flagTable].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = row.env === "ETCD_VERSION" ? "" : (environment[row.env] ?? "");
    if (text === "" || given.has(row.name)) continue;
    used.add(row.env);
    const parsed = parseFlagValue(row, text);
    if (!parsed.ok) {
      error = `invalid value ${goQuote(text)} for ${row.env}: ${parsed.error}`;
      continue;
    }
    values.set(row.name, parsed.value);
    const fields = { "variable-name": row.env, "variable-value": text };
    lines.push(line("info", "recognized and used environment variable", fields));
  }
  const conflict = checkOthers(environment, given, used, lines);
  if (conflict !== undefined) {
    lines.push(conflict);
    return { kind: "conflict", lines };
  }
  return error === undefined ? { kind: "read", values, lines } : { kind: "refused", error, lines };
}

/** Warns about variables without a flag; answers the line for one that a flag shadows. */
function checkOthers(
  environment: Environment,
  given: ReadonlyMap<string, FlagValue>,
  used: ReadonlySet<string>,
  lines: ConfigLine[],
): ConfigLine | undefined {
  const shadowed = new Set(flagTable.filter((row) => given.has(row.name)).map((row) => row.env));
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || used.has(name)) continue;
    if (name === "ETCD_VERSION" && value !== "") continue;
    if (shadowed.has(name)) {
      return line(
        "fatal",
        "conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))",
        { "environment-variable": name },
      );
    }
    if (name.startsWith("ETCD_")) {
      const fields = { "environment-variable": `${name}=${value}` };
      lines.push(line("warn", "unrecognized environment variable", fields));
    }
  }
  return undefined;
}

function line(
  level: ConfigLine["level"],
  message: string,
  fields: ConfigLine["fields"],
): ConfigLine {
  return { level, caller: CALLER, message, fields, early: true };
}
