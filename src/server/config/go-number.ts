// SPDX-License-Identifier: Apache-2.0

export interface IntegerRange {
  readonly signed: boolean;
  readonly bits: 32 | 64;
}

export type ParsedInteger =
  | { readonly ok: true; readonly value: bigint }
  | { readonly ok: false; readonly reason: "syntax" | "range" };

/** A base with its digits and the prefix under which both Go and `BigInt` know it. */
interface Base {
  readonly digit: RegExp;
  readonly bigintPrefix: string;
}

const decimal: Base = { digit: /[0-9]/, bigintPrefix: "" };
const octal: Base = { digit: /[0-7]/, bigintPrefix: "0o" };
const basesByPrefix: ReadonlyMap<string, Base> = new Map([
  ["0x", { digit: /[0-9a-fA-F]/, bigintPrefix: "0x" }],
  ["0o", octal],
  ["0b", { digit: /[01]/, bigintPrefix: "0b" }],
]);

const syntaxError: ParsedInteger = { ok: false, reason: "syntax" };
const rangeError: ParsedInteger = { ok: false, reason: "range" };

/**
 * Reads an integer the way Go's `strconv` does with base 0: an optional sign where `signed`,
 * the prefixes 0x, 0o, 0b or a leading 0 for octal, and underscores between digits.
 */
export function parseGoInteger(text: string, { signed, bits }: IntegerRange): ParsedInteger {
  const negative = signed && text.startsWith("-");
  const unsignedText = signed && /^[+-]/.test(text) ? text.slice(1) : text;
  const parsed = parseMagnitude(unsignedText, (1n << BigInt(bits)) - 1n);
  if (!parsed.ok || !signed) return parsed;
  const limit = 1n << BigInt(bits - 1);
  if (parsed.value > (negative ? limit : limit - 1n)) return rangeError;
  return { ok: true, value: negative ? -parsed.value : parsed.value };
}

function parseMagnitude(text: string, highest: bigint): ParsedInteger {
  const { base, digits, prefixed } = splitPrefix(text);
  // Go reads digit by digit: it complains about whatever comes first, size or form.
  let read = "";
  for (const character of digits) {
    if (character === "_") continue;
    if (!base.digit.test(character)) return exceeds(base, read, highest) ? rangeError : syntaxError;
    read += character;
  }
  if (read === "") return syntaxError;
  if (exceeds(base, read, highest)) return rangeError;
  // An underscore may stand between two digits and behind a base prefix, the octal 0 included.
  const wellFormed = prefixed ? /^_?[^_]+(_[^_]+)*$/ : /^[^_]+(_[^_]+)*$/;
  if (!wellFormed.test(digits)) return syntaxError;
  return { ok: true, value: BigInt(base.bigintPrefix + read) };
}

function splitPrefix(text: string): { base: Base; digits: string; prefixed: boolean } {
  const base = basesByPrefix.get(text.slice(0, 2).toLowerCase());
  if (base !== undefined) return { base, digits: text.slice(2), prefixed: true };
  if (text.length > 1 && text.startsWith("0")) {
    return { base: octal, digits: text.slice(1), prefixed: true };
  }
  return { base: decimal, digits: text, prefixed: false };
}

function exceeds(base: Base, digits: string, highest: bigint): boolean {
  return digits !== "" && BigInt(base.bigintPrefix + digits) > highest;
}

const trueTexts: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** Reads a boolean the way Go's `strconv.ParseBool` does; undefined when it is none. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (trueTexts.has(text)) return true;
  if (falseTexts.has(text)) return false;
  return undefined;
}
