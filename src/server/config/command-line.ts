// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "../../base/go-quote.ts";
import { findFlag, isBooleanFlag } from "./flag-table.ts";
import { type FlagValue, parseFlagValue } from "./flag-value.ts";

export type CommandLineResult =
  | {
      readonly kind: "parsed";
      /** The values of the flags that were given; the last one wins. */
      readonly values: ReadonlyMap<string, FlagValue>;
      /** What is left once a word is no flag. */
      readonly rest: readonly string[];
    }
  | { readonly kind: "help" }
  /** The text Go's `flag` package prints in front of the usage. */
  | { readonly kind: "refused"; readonly error: string };

/**
 * Reads flags as Go's `flag` package does: one dash or two, `-x v` or `-x=v`, booleans without a
 * value, parsing ends at the first word that is no flag or behind `--`.
 */
export function parseCommandLine(argv: readonly string[]): CommandLineResult {
  const values = new Map<string, FlagValue>();
  let at = 0;
  while (at < argv.length) {
    const word = argv[at] ?? "";
    if (word.length < 2 || !word.startsWith("-")) break;
    at += 1;
    if (word === "--") break;
    const body = word.slice(word.startsWith("--") ? 2 : 1);
    if (/^[-=]/.test(body)) return { kind: "refused", error: `bad flag syntax: ${word}` };
    const step = parseFlag(body, argv[at], values);
    if (typeof step !== "number") return step;
    at += step;
  }
  return { kind: "parsed", values, rest: argv.slice(at) };
}

/** Reads one flag; answers how many further words it took. */
function parseFlag(
  body: string,
  next: string | undefined,
  values: Map<string, FlagValue>,
): number | Exclude<CommandLineResult, { kind: "parsed" }> {
  const equals = body.indexOf("=");
  const name = equals < 0 ? body : body.slice(0, equals);
  const given = equals < 0 ? undefined : body.slice(equals + 1);
  const row = findFlag(name);
  if (row === undefined) {
    if (name === "help" || name === "h") return { kind: "help" };
    return { kind: "refused", error: `flag provided but not defined: -${name}` };
  }
  const boolean = isBooleanFlag(row);
  const text = given ?? (boolean ? "true" : next);
  if (text === undefined) return { kind: "refused", error: `flag needs an argument: -${name}` };
  const parsed = parseFlagValue(row, text, values.get(name));
  if (!parsed.ok) {
    const target = boolean
      ? `boolean value ${goQuote(text)} for`
      : `value ${goQuote(text)} for flag`;
    return { kind: "refused", error: `invalid ${target} -${name}: ${parsed.error}` };
  }
  values.set(name, parsed.value);
  return given === undefined && !boolean ? 1 : 0;
}
