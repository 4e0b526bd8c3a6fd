// SPDX-License-Identifier: Apache-2.0

import { type ByteText, encodeText } from "../base/byte-text.ts";

const ZERO = Uint8Array.of(0);

/** A key or a half-open range of keys; an end of one zero byte means up to the last key. */
export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd?: Uint8Array;
}

/** All keys that begin with the text; every key for an empty one. */
export function prefixRange(text: ByteText): KeyRange {
  const key = encodeText(text);
  return key.length === 0 ? { key: ZERO, rangeEnd: ZERO } : { key, rangeEnd: prefixEnd(key) };
}

/** All keys from the text on. */
export function fromKeyRange(text: ByteText): KeyRange {
  const key = encodeText(text);
  return { key: key.length === 0 ? ZERO : key, rangeEnd: ZERO };
}

/** The first key behind all those with the prefix. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last === -1) return ZERO;
  // A copy: slicing a Buffer would share its memory.
  const end = Uint8Array.from(prefix.subarray(0, last + 1));
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
