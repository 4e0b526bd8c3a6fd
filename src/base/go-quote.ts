// SPDX-License-Identifier: Apache-2.0

import { type ByteText, decodeBytes } from "./byte-text.ts";

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** The expression is only made for text beyond ASCII: that takes milliseconds. */
function isPrintable(character: string): boolean {
  if (character >= " " && character <= "~") return true;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

/** Quotes as Go's `%q` does: printable characters as they are, lone bytes as `\xNN`. */
export function goQuote(text: ByteText): string {
  let out = '"';
  for (const character of text) {
    const short = shortEscapes.get(character);
    if (short !== undefined) out += short;
    else if (isPrintable(character)) out += character;
    else out += escapeCodePoint(character.codePointAt(0) ?? 0);
  }
  return `${out}"`;
}

export function goQuoteBytes(bytes: Uint8Array): string {
  return goQuote(decodeBytes(bytes));
}

function escapeCodePoint(code: number): string {
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

const singleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
};

const numericEscape = /^(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/** Takes the quotes off a Go string literal, `"..."` or `` `...` ``; undefined if it is none. */
export function goUnquote(literal: ByteText): ByteText | undefined {
  const quote = literal[0];
  if (literal.length < 2 || literal.at(-1) !== quote) return undefined;
  const body = literal.slice(1, -1);
  if (quote === "`") return body.includes("`") ? undefined : body.replaceAll("\r", "");
  if (quote !== '"' || body.includes("\n")) return undefined;
  return unescapeBody(body);
}

function unescapeBody(body: ByteText): ByteText | undefined {
  const parts: Uint8Array[] = [];
  let rest = body;
  while (rest !== "") {
    const stop = rest.search(/[\\"]/);
    const plain = stop === -1 ? rest : rest.slice(0, stop);
    // Go reads the source as text: a byte that is none becomes U+FFFD.
    parts.push(Buffer.from(plain.toWellFormed(), "utf8"));
    if (stop === -1) break;
    if (rest[stop] === '"') return undefined;
    const sequence = readEscape(rest.slice(stop + 1));
    if (sequence === undefined) return undefined;
    parts.push(sequence.bytes);
    rest = rest.slice(stop + 1 + sequence.length);
  }
  return decodeBytes(Buffer.concat(parts));
}

interface Escape {
  readonly bytes: Uint8Array;
  /** Characters after the backslash. */
  readonly length: number;
}

function readEscape(text: string): Escape | undefined {
  const single = singleEscapes[text.slice(0, 1)];
  if (single !== undefined) return { bytes: Uint8Array.of(single), length: 1 };
  const match = numericEscape.exec(text);
  if (match === null) return undefined;
  const [whole, hex, octal, short, long] = match;
  if (hex !== undefined || octal !== undefined) {
    const byte = hex !== undefined ? Number.parseInt(hex, 16) : Number.parseInt(octal ?? "", 8);
    return byte > 0xff ? undefined : { bytes: Uint8Array.of(byte), length: whole.length };
  }
  const code = Number.parseInt(short ?? long ?? "", 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { bytes: Buffer.from(String.fromCodePoint(code), "utf8"), length: whole.length };
}
