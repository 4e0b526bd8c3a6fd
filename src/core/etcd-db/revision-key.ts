// SPDX-License-Identifier: Apache-2.0

const TWO_32 = 0x1_0000_0000;
const SEPARATOR = 0x5f;
const TOMBSTONE_MARK = 0x74;
const REVISION_BYTES = 17;
const TOMBSTONE_BYTES = 18;
/** What a 64-bit number may be to be exact as a number here: 2^53 − 1, never reached by counting. */
const HIGH_MAX = 0x1f_ffff;

/** A row's place in the key space: the request's number, the change in it, deletion or not. */
export interface RowRevision {
  main: number;
  sub: number;
  isTombstone: boolean;
}

/** Reads bytes [start, end) as a revision key into `into`; false when they are none. */
export function readRevisionKey(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: RowRevision,
): boolean {
  const length = end - start;
  if (length !== REVISION_BYTES && length !== TOMBSTONE_BYTES) return false;
  if (bytes[start + 8] !== SEPARATOR) return false;
  if (length === TOMBSTONE_BYTES && bytes[start + 17] !== TOMBSTONE_MARK) return false;
  const mainHigh = word(bytes, start);
  const subHigh = word(bytes, start + 9);
  if (mainHigh > HIGH_MAX || subHigh > HIGH_MAX) return false;
  into.main = mainHigh * TWO_32 + word(bytes, start + 4);
  into.sub = subHigh * TWO_32 + word(bytes, start + 13);
  into.isTombstone = length === TOMBSTONE_BYTES;
  return true;
}

/** The key of a row that is no tombstone. */
export function revisionKey(main: number, sub: number): Uint8Array {
  const bytes = new Uint8Array(REVISION_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(main));
  bytes[8] = SEPARATOR;
  view.setBigUint64(9, BigInt(sub));
  return bytes;
}

function word(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  const low = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  return ((high << 16) | low) >>> 0;
}
