// SPDX-License-Identifier: Apache-2.0

const TWO_32 = 0x1_0000_0000;
const SEPARATOR = 0x5f;
const TOMBSTONE_MARK = 0x74;

/** Bytes of a revision as a key: main, `_`, sub; a tombstone has one more. */
export const REVISION_BYTES = 17;
export const TOMBSTONE_BYTES = 18;

/**
 * One row of the key space. `main` numbers the request, `sub` the change in it, from 0 in order
 * of execution.
 */
export interface Revision {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
}

/** Writes a revision's key at the start of `into`, which has `TOMBSTONE_BYTES`; gives its size. */
export function writeRevision(
  into: Uint8Array,
  main: number,
  sub: number,
  tombstone: boolean,
): number {
  writeBigEndian(into, 0, main);
  into[8] = SEPARATOR;
  writeBigEndian(into, 9, sub);
  if (!tombstone) return REVISION_BYTES;
  into[17] = TOMBSTONE_MARK;
  return TOMBSTONE_BYTES;
}

export function encodeRevision(main: number, sub: number, tombstone: boolean): Uint8Array {
  const bytes = new Uint8Array(tombstone ? TOMBSTONE_BYTES : REVISION_BYTES);
  writeRevision(bytes, main, sub, tombstone);
  return bytes;
}

export function mainOf(buffer: Uint8Array, start: number): number {
  return readBigEndian(buffer, start);
}

export function subOf(buffer: Uint8Array, start: number): number {
  return readBigEndian(buffer, start + 9);
}

export function isTombstone(start: number, end: number): boolean {
  return end - start === TOMBSTONE_BYTES;
}

function writeBigEndian(into: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  const low = value >>> 0;
  into[at] = high >>> 24;
  into[at + 1] = high >>> 16;
  into[at + 2] = high >>> 8;
  into[at + 3] = high;
  into[at + 4] = low >>> 24;
  into[at + 5] = low >>> 16;
  into[at + 6] = low >>> 8;
  into[at + 7] = low;
}

function readBigEndian(buffer: Uint8Array, at: number): number {
  return word(buffer, at) * TWO_32 + word(buffer, at + 4);
}

function word(buffer: Uint8Array, at: number): number {
  const high = ((buffer[at] as number) << 8) | (buffer[at + 1] as number);
  const low = ((buffer[at + 2] as number) << 8) | (buffer[at + 3] as number);
  return ((high << 16) | low) >>> 0;
}
