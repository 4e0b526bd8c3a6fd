// SPDX-License-Identifier: Apache-2.0

/**
 * Text that may hold bytes which are no UTF-8. Keys and values are bytes, but Node hands command
 * line words over as strings; so a byte that cannot be decoded travels as the lone surrogate
 * U+DC00 + byte, which no valid text contains, and becomes that byte again when it is encoded.
 */
export type ByteText = string;

const ESCAPE = 0xdc00;
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decodeBytes(bytes: Uint8Array): ByteText {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeLoose(bytes);
  }
}

function decodeLoose(bytes: Uint8Array): ByteText {
  let text = "";
  let position = 0;
  while (position < bytes.length) {
    const size = sequenceLength(bytes, position);
    if (size === 0) text += String.fromCharCode(ESCAPE + (bytes[position] ?? 0));
    else text += strictDecoder.decode(bytes.subarray(position, position + size));
    position += Math.max(size, 1);
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `position`, 0 if there is none. */
export function sequenceLength(bytes: Uint8Array, position: number): number {
  const first = bytes[position] ?? 0;
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || position + size > bytes.length) return 0;
  const second = bytes[position + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let index = 2; index < size; index++) {
    if (((bytes[position + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return size;
}

export function encodeText(text: ByteText): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const parts: Uint8Array[] = [];
  let plain = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xdc80 || code > 0xdcff) {
      plain += character;
      continue;
    }
    parts.push(Buffer.from(plain, "utf8"), Uint8Array.of(code - ESCAPE));
    plain = "";
  }
  parts.push(Buffer.from(plain, "utf8"));
  return Buffer.concat(parts);
}
