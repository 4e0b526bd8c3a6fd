// SPDX-License-Identifier: Apache-2.0
//
// Protobuf varints in the middle of buffers. Reading gives the value and leaves the position behind
// it in `Position`, so that nothing is allocated per number.

/** A place in a buffer that reading moves on. */
export interface Position {
  at: number;
}

/** Bytes that a whole number of up to 53 bits takes. */
export function varintBytes(value: number): number {
  if (value > 0x7fff_ffff) return 4 + varintBytes(Math.floor(value / 0x1000_0000));
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
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

/** Writes 32 bits, which may come as a signed number; gives the position behind them. */
export function writeVarint32(into: Uint8Array, at: number, bits: number): number {
  let rest = bits;
  while (rest >>> 7 !== 0) {
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

/** Reads a signed 64-bit integer, whatever its size. */
export function readVarint64(buffer: Uint8Array, position: Position): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = buffer[position.at++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return BigInt.asIntN(64, value);
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
