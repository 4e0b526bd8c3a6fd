// SPDX-License-Identifier: Apache-2.0
//
// Varints in the middle of buffers, as rows of the index hold them. Reading gives the value and
// leaves the position behind it in `Position`, so that nothing is allocated per number.

/** A place in a buffer that reading moves on. */
export interface Position {
  at: number;
}

/** Writes a whole number of up to 53 bits; gives the position behind it. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest > 0x7fffffff) {
    into[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest > 0x7f) {
    into[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  into[at++] = rest;
  return at;
}

/** Writes a signed 64-bit integer as protobuf does: a negative one takes ten bytes. */
export function writeVarint64(into: Uint8Array, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    into[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  into[at++] = Number(rest);
  return at;
}

export function readVarint(buffer: Uint8Array, position: Position): number {
  let byte = buffer[position.at++] as number;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  let scale = 0x80;
  do {
    byte = buffer[position.at++] as number;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
  } while (byte >= 0x80);
  return value;
}
