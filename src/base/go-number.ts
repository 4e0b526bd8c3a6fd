// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "./go-quote.ts";

/** A value, or the text of the error that Go reports for the input. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

export interface IntegerFormat {
  readonly signed: boolean;
  readonly bits: 32 | 64;
  /**
   * 0, the default, takes the prefixes 0x, 0o, 0b, a leading 0 for octal, and single underscores
   * between digits. The others take digits only.
   */
  readonly base?: 0 | 10 | 16;
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
const hexadecimal: Base = { digit: /[0-9a-fA-F]/, bigintPrefix: "0x" };
const basesByPrefix: ReadonlyMap<string, Base> = new Map([
  ["0x", hexadecimal],
  ["0o", octal],
  ["0b", { digit: /[01]/, bigintPrefix: "0b" }],
]);

const syntaxError: ParsedInteger = { ok: false, reason: "syntax" };
const rangeError: ParsedInteger = { ok: false, reason: "range" };

/** Reads an integer the way Go's `strconv` does: an optional sign where `signed`, then digits. */
export function parseGoInteger(text: string, format: IntegerFormat): ParsedInteger {
  const { signed, bits, base = 0 } = format;
  const negative = signed && text.startsWith("-");
  const unsignedText = signed && /^[+-]/.test(text) ? text.slice(1) : text;
  const parsed = parseMagnitude(unsignedText, base, (1n << BigInt(bits)) - 1n);
  if (!parsed.ok || !signed) return parsed;
  const limit = 1n << BigInt(bits - 1);
  if (parsed.value > (negative ? limit : limit - 1n)) return rangeError;
  return { ok: true, value: negative ? -parsed.value : parsed.value };
}

/** Reads a signed 64-bit integer, with the error of Go's `strconv.ParseInt`. */
export function parseGoInt64(text: string, base: 0 | 10 | 16): Parsed<bigint> {
  const parsed = parseGoInteger(text, { signed: true, bits: 64, base });
  return parsed.ok ? parsed : { ok: false, error: strconvError("ParseInt", text, parsed.reason) };
}

/** The error of a function of Go's `strconv`. */
export function strconvError(
  name: "ParseInt" | "ParseUint" | "ParseBool",
  text: string,
  reason: "syntax" | "range",
): string {
  const words = reason === "syntax" ? "invalid syntax" : "value out of range";
  return `strconv.${name}: parsing ${goQuote(text)}: ${words}`;
}

function parseMagnitude(text: string, format: 0 | 10 | 16, highest: bigint): ParsedInteger {
  const { base, digits, prefixed } = format === 0 ? splitPrefix(text) : plain(text, format);
  // Go reads digit by digit: it complains about whatever comes first, size or form.
  let read = "";
  for (const character of digits) {
    if (character === "_" && format === 0) continue;
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

interface Digits {
  readonly base: Base;
  readonly digits: string;
  readonly prefixed: boolean;
}

function plain(text: string, base: 10 | 16): Digits {
  return { base: base === 16 ? hexadecimal : decimal, digits: text, prefixed: false };
}

function splitPrefix(text: string): Digits {
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

/** Reads a boolean as Go's `strconv.ParseBool` does. */
export function parseGoBoolean(text: string): Parsed<boolean> {
  if (trueTexts.has(text)) return { ok: true, value: true };
  if (falseTexts.has(text)) return { ok: true, value: false };
  return { ok: false, error: strconvError("ParseBool", text, "syntax") };
}
