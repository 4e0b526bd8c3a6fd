// SPDX-License-Identifier: Apache-2.0

/** How the text of an option becomes a value; the names follow Go's `flag` and etcd's own types. */
export type FlagType =
  | "string"
  | "bool"
  | "int"
  | "int64"
  | "uint"
  | "uint32"
  | "uint64"
  | "duration"
  | "urls"
  | "urls-or-any"
  | "strings"
  | "string-set"
  | "one-of"
  | "many-of"
  | "feature-gates"
  | "ignored";

export type FlagGroup =
  | "member"
  | "clustering"
  | "security"
  | "auth"
  | "logging"
  | "metrics"
  | "metrics/profiling"
  | "tracing"
  | "features"
  | "unsafe"
  | "other"
  | "ignored";

/**
 * Whether the option does something: `full` means every valid value is honoured,
 * `default-only` means that any value but the default is refused, never silently dropped.
 */
export type FlagSupport = "full" | "default-only";

/** One option of the server. The same row drives the flag, the variable and the YAML key. */
export interface FlagRow {
  readonly name: string;
  readonly type: FlagType;
  /** The default as it would be typed. */
  readonly defaultText: string;
  readonly group: FlagGroup;
  readonly help: string;
  /** The environment variable. */
  readonly env: string;
  /** Dotted path in the configuration file; undefined where the file has no such key. */
  readonly yaml: string | undefined;
  /** The accepted words of `one-of` and `many-of`. */
  readonly values: readonly string[];
  readonly support: FlagSupport;
}

export interface FlagRowOptions {
  readonly yaml?: string | null;
  readonly values?: readonly string[];
  readonly support?: FlagSupport;
}

/** Builds a row; the YAML key is the flag's name unless told otherwise (`null` for none). */
export function row(
  name: string,
  type: FlagType,
  defaultText: string,
  group: FlagGroup,
  help: string,
  options: FlagRowOptions = {},
): FlagRow {
  return {
    name,
    type,
    defaultText,
    group,
    help,
    env: `ETCD_${name.toUpperCase().replaceAll("-", "_")}`,
    yaml: options.yaml === undefined ? name : (options.yaml ?? undefined),
    values: options.values ?? [],
    support: options.support ?? "default-only",
  };
}
