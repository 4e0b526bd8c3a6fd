// SPDX-License-Identifier: Apache-2.0

/**
 * A JSON string literal with the escapes of Go's encoder: `<`, `>`, `&` and the two Unicode line
 * separators become \u escapes, so that stored bytes equal those of Go members.
 */
export function goJsonString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An array of strings in the same form. */
export function goJsonStrings(texts: readonly string[]): string {
  return `[${texts.map(goJsonString).join(",")}]`;
}
