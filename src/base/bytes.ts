// SPDX-License-Identifier: Apache-2.0

type Copy = (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  start: number,
  end: number,
) => number;

/** Buffer's own copy, which takes a plain `Uint8Array` as well. */
const copy = Reflect.get(Buffer.prototype, "copy") as Copy;

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** Unsigned byte order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Copies a piece, cheaper than `set` of a `subarray`, which makes an object for it. */
export function copySlice(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  copy.call(source, target, at, start, end);
}
