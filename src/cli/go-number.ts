// SPDX-License-Identifier: Apache-2.0

import { goQuote } from "./go-quote.ts";

/** A value, or the text of the error that Go reports for the input. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

const trueTexts: ReadonlySet<string> = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const falseTexts: ReadonlySet<string> = new Set(["0", "f", "F", "false", "FALSE", "False"]);

/** Reads a boolean as `strconv.ParseBool` does. */
export function parseGoBoolean(text: string): Parsed<boolean> {
  if (trueTexts.has(text)) return { ok: true, value: true };
  if (falseTexts.has(text)) return { ok: true, value: false };
  return { ok: false, error: `strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax` };
}

const digitsByBase: Readonly<Record<number, RegExp>> = {
  2: /^[01]+$/,
  8: /^[0-7]+$/,
  10: /^[0-9]+$/,
  16: /^[0-9a-fA-F]+$/,
};

const literalPrefix: Readonly<Record<number, string>> = { 2: "0b", 8: "0o", 10: "", 16: "0x" };
const INT64_MAX = (1n << 63n) - 1n;

/**
 * Reads a signed 64-bit integer as `strconv.ParseInt` does. Base 0 takes the prefixes 0x, 0o, 0b,
 * a leading 0 for octal, and single underscores between digits.
 */
export function parseGoInt64(text: string, base: 0 | 10 | 16): Parsed<bigint> {
  const fail = (reason: string): Parsed<bigint> => ({
    ok: false,
    error: `strconv.ParseInt: parsing ${goQuote(text)}: ${reason}`,
  });
  const negative = text.startsWith("-");
  const magnitude = parseMagnitude(/^[+-]/.test(text) ? text.slice(1) : text, base);
  if (magnitude === undefined) return fail("invalid syntax");
  const value = negative ? -magnitude : magnitude;
  if (value > INT64_MAX || value < -INT64_MAX - 1n) return fail("value out of range");
  return { ok: true, value };
}

function parseMagnitude(text: string, base: 0 | 10 | 16): bigint | undefined {
  if (base !== 0) return toBigInt(text, base);
  const prefix = /^0([xob])/i.exec(text)?.[1]?.toLowerCase();
  const leadingZero = prefix === undefined && /^0./.test(text);
  const detected =
    prefix === "x" ? 16 : prefix === "b" ? 2 : prefix === "o" || leadingZero ? 8 : 10;
  const digits = prefix !== undefined ? text.slice(2) : leadingZero ? text.slice(1) : text;
  if (!digits.includes("_")) return toBigInt(digits, detected);
  // An underscore stands between two digits or behind a base prefix.
  const pattern = detected === 10 ? /^[^_]+(?:_[^_]+)*$/ : /^_?[^_]+(?:_[^_]+)*$/;
  if (!pattern.test(digits)) return undefined;
  return toBigInt(digits.replaceAll("_", ""), detected);
}

function toBigInt(digits: string, base: number): bigint | undefined {
  if (digitsByBase[base]?.test(digits) !== true) return undefined;
  return BigInt(`${literalPrefix[base] ?? ""}${digits}`);
}
