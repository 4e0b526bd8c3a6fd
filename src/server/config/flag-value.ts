// SPDX-License-Identifier: Apache-2.0

import { parseGoDuration } from "../../base/go-duration.ts";
import {
  type IntegerFormat,
  parseGoBoolean,
  parseGoInteger,
  strconvError,
} from "../../base/go-number.ts";
import { goQuote } from "../../base/go-quote.ts";
import { InvariantError } from "../../base/invariant.ts";
import { joinUrls, type MemberUrl, parseMemberUrls } from "../../cluster-urls/index.ts";
import { parseFeatureGates } from "./feature-gates.ts";
import type { FlagRow } from "./flag-row.ts";

/** The value of an option: durations are nanoseconds, integers are kept exact. */
export type FlagValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bool"; readonly bool: boolean }
  | { readonly kind: "integer"; readonly integer: bigint }
  | { readonly kind: "duration"; readonly nanoseconds: bigint }
  | { readonly kind: "urls"; readonly urls: readonly MemberUrl[] }
  | { readonly kind: "list"; readonly items: readonly string[] };

export type FlagValueResult =
  | { readonly ok: true; readonly value: FlagValue }
  | { readonly ok: false; readonly error: string };

const integerRanges: ReadonlyMap<string, IntegerFormat> = new Map([
  ["int", { signed: true, bits: 64 }],
  ["int64", { signed: true, bits: 64 }],
  ["uint", { signed: false, bits: 64 }],
  ["uint64", { signed: false, bits: 64 }],
  ["uint32", { signed: false, bits: 32 }],
]);

const refuse = (error: string): FlagValueResult => ({ ok: false, error });
const accept = (value: FlagValue): FlagValueResult => ({ ok: true, value });

/**
 * Turns the text of a flag or variable into its value; errors have the texts of Go's `flag`.
 * `current` is the value from an earlier mention of the same flag.
 */
export function parseFlagValue(row: FlagRow, text: string, current?: FlagValue): FlagValueResult {
  switch (row.type) {
    case "string":
    case "ignored":
      return accept({ kind: "text", text });
    case "bool": {
      const bool = parseGoBoolean(text);
      return bool.ok ? accept({ kind: "bool", bool: bool.value }) : refuse("parse error");
    }
    case "int":
    case "int64":
    case "uint":
    case "uint64":
    case "uint32":
      return parseInteger(row, text);
    case "duration": {
      const duration = parseGoDuration(text);
      return duration.ok
        ? accept({ kind: "duration", nanoseconds: duration.value })
        : refuse("parse error");
    }
    case "urls":
    case "urls-or-any":
      return parseUrls(row, text, current);
    case "strings":
      return accept({ kind: "list", items: text.split(",") });
    case "string-set":
      return accept({ kind: "list", items: [...new Set(text.split(","))].sort() });
    case "one-of":
      return row.values.includes(text) ? accept({ kind: "text", text }) : refuse("invalid value");
    case "many-of":
      return parseManyOf(row, text);
    case "feature-gates":
      return parseGates(text);
  }
}

function parseInteger(row: FlagRow, text: string): FlagValueResult {
  const range = integerRanges.get(row.type) ?? { signed: true, bits: 64 };
  const parsed = parseGoInteger(text, range);
  if (parsed.ok) return accept({ kind: "integer", integer: parsed.value });
  if (row.type === "uint32") {
    // This one is etcd's own type, which hands strconv's error through.
    return refuse(strconvError("ParseUint", text, parsed.reason));
  }
  return refuse(parsed.reason === "syntax" ? "parse error" : "value out of range");
}

function parseUrls(row: FlagRow, text: string, current: FlagValue | undefined): FlagValueResult {
  // The empty text is an allowed exception in etcd: it leaves the flag as it was.
  if (text === "" && row.type === "urls") return accept(current ?? defaultFlagValue(row));
  if (row.type === "urls-or-any" && text === "*") return accept({ kind: "text", text });
  const parsed = parseMemberUrls(text.split(","));
  if (!parsed.ok) return refuse(parsed.error);
  const seen = new Set<string>();
  const urls = parsed.urls.filter((url) => !seen.has(url.text) && seen.add(url.text));
  return accept({ kind: "urls", urls });
}

function parseManyOf(row: FlagRow, text: string): FlagValueResult {
  const items = text.split(",");
  const wrong = items.find((item) => !row.values.includes(item));
  if (wrong !== undefined) return refuse(`invalid value ${goQuote(wrong)}`);
  return accept({ kind: "list", items });
}

function parseGates(text: string): FlagValueResult {
  const parsed = parseFeatureGates(text);
  return parsed.ok ? accept({ kind: "list", items: parsed.changed }) : refuse(parsed.error);
}

/** The value an option has when nobody sets it. */
export function defaultFlagValue(row: FlagRow): FlagValue {
  if (row.defaultText === "") {
    if (row.type === "urls") return { kind: "urls", urls: [] };
    if (["strings", "string-set", "many-of"].includes(row.type)) return { kind: "list", items: [] };
  }
  const parsed = parseFlagValue(row, row.defaultText);
  if (!parsed.ok)
    throw new InvariantError(`the default of --${row.name} is invalid: ${parsed.error}`);
  return parsed.value;
}

/** One text per value, equal exactly for equal values. */
export function formatFlagValue(value: FlagValue): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "bool":
      return String(value.bool);
    case "integer":
      return String(value.integer);
    case "duration":
      return `${value.nanoseconds}ns`;
    case "urls":
      return joinUrls(value.urls);
    case "list":
      return value.items.join(",");
  }
}
