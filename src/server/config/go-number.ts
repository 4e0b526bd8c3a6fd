// SPDX-License-Identifier: Apache-2.0

export interface IntegerRange {
  readonly signed: boolean;
  readonly bits: 32 | 64;
}

export type ParsedInteger =
  | { readonly ok: true; readonly value: bigint }
  | { readonly ok: false; readonly reason: "syntax" | "range" };

const digitsByBase: Readonly<Record<string, RegExp>> = {
  "2": /^[01]+$/,
  "8": /^[0-7]+$/,
  "10": /^[0-9]+$/,
  "16": /^[0-9a-fA-F]+$/,
};

const bigintPrefix: Readonly<Record<string, string>> = {
  "2": "0b",
  "8": "0o",
  "10": "",
  "16": "0x",
};

/**
 * Reads an integer the way Go's `strconv` does with base 0: an optional sign where `signed`,
 * the prefixes 0x, 0o, 0b or a leading 0 for octal, and underscores between digits.
 */
export function parseGoInteger(text: string, range: IntegerRange): ParsedInteger {
  const negative = range.signed && text.startsWith("-");
  const unsignedText = range.signed && /^[+-]/.test(text) ? text.slice(1) : text;
  const magnitude = parseMagnitude(unsignedText);
  if (magnitude === undefined) return { ok: false, reason: "syntax" };
  const value = negative ? -magnitude : magnitude;
  const bits = BigInt(range.bits);
  const lowest = range.signed ? -(1n << (bits - 1n)) : 0n;
  const highest = range.signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (value < lowest || value > highest) return { ok: false, reason: "range" };
  return { ok: true, value };
}

function parseMagnitude(text: string): bigint | undefined {
  const lower = text.toLowerCase();
  let base = "10";
  let digits = text;
  if (/^0[xob]/.test(lower)) {
    base = { x: "16", o: "8", b: "2" }[lower.charAt(1)] ?? "10";
    digits = text.slice(2);
  } else if (text.length > 1 && text.startsWith("0")) {
    base = "8";
    digits = text.slice(1);
  }
  // An underscore may stand between two digits and behind a base prefix, the octal 0 included.
  const prefixed = digits.length !== text.length;
  const wellFormed = prefixed ? /^_?[^_]+(_[^_]+)*$/ : /^[^_]+(_[^_]+)*$/;
  if (!wellFormed.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  const pattern = digitsByBase[base];
  if (pattern === undefined || !pattern.test(plain)) return undefined;
  return BigInt(`${bigintPrefix[base] ?? ""}${plain}`);
}

const trueTexts: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** Reads a boolean the way Go's `strconv.ParseBool` does; undefined when it is none. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (trueTexts.has(text)) return true;
  if (falseTexts.has(text)) return false;
  return undefined;
}
