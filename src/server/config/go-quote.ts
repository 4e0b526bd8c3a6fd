// SPDX-License-Identifier: Apache-2.0

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Quotes text as Go's `%q` does: double quotes, printable characters as they are. */
export function goQuote(text: string): string {
  let out = '"';
  for (const character of text) {
    const short = shortEscapes.get(character);
    if (short !== undefined) out += short;
    else if (printable.test(character)) out += character;
    else out += escapeCodePoint(character.codePointAt(0) ?? 0xfffd);
  }
  return `${out}"`;
}

function escapeCodePoint(code: number): string {
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
