// SPDX-License-Identifier: Apache-2.0
//
// Byte strings as JavaScript strings with one character per byte: cheap keys of maps, and their
// order is the order of the bytes.

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string;

/** Buffer's own slice, which also takes a plain `Uint8Array` and skips the encoding's look-up. */
const latin1Slice = Reflect.get(Buffer.prototype, "latin1Slice") as Latin1Slice;

export function binaryString(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return latin1Slice.call(bytes, start, end);
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Unsigned byte order of two pieces of buffers. */
export function compareSlices(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let at = 0; at < length; at++) {
    const difference = (a[aStart + at] as number) - (b[bStart + at] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
