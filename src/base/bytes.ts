// SPDX-License-Identifier: Apache-2.0

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** Unsigned byte order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
