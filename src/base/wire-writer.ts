// SPDX-License-Identifier: Apache-2.0

import { copySlice } from "./bytes.ts";

const TWO_32 = 0x1_0000_0000;
const TWO_63 = 2 ** 63;
const INITIAL_BYTES = 128;

/**
 * Writes protobuf wire format into one growing buffer. Nested messages are written in place:
 * `open` leaves one byte for the length, `close` fills it and moves the body when the length
 * needs more.
 */
export class WireWriter {
  #buffer: Buffer;
  #position = 0;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#position;
  }

  /** Forgets what was written; bytes handed out by `view` are overwritten from now on. */
  reset(): void {
    this.#position = 0;
  }

  /** The written bytes, sharing memory with the writer. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#position);
  }

  /** A copy of the written bytes that the writer no longer touches. */
  copy(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#position);
  }

  #reserve(size: number): void {
    const needed = this.#position + size;
    if (needed <= this.#buffer.length) return;
    const next = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    next.set(this.#buffer.subarray(0, this.#position));
    this.#buffer = next;
  }

  /** An unsigned number below 2^32. */
  uint32(value: number): void {
    this.#reserve(5);
    const buffer = this.#buffer;
    let position = this.#position;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      buffer[position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[position++] = rest;
    this.#position = position;
  }

  /** A signed 32-bit number; negative ones take ten bytes, as protobuf wants. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.varint64(value >>> 0, 0xffffffff);
  }

  /**
   * A whole number, signed or not, as a 64-bit varint. Beyond 53 bits it was rounded when it was
   * read: the largest signed integers became 2^63 and are written as the largest of them, since
   * that bit alone would make them negative.
   */
  number64(value: number): void {
    if (value >= 0 && value < TWO_32) this.uint32(value);
    else if (value === TWO_63) this.varint64(0xffffffff, 0x7fffffff);
    else {
      const high = Math.floor(value / TWO_32);
      this.varint64((value - high * TWO_32) >>> 0, high >>> 0);
    }
  }

  /** A 64-bit integer, signed or not. */
  bigint64(value: bigint): void {
    if (value >= 0n && value < 0x1_0000_0000n) this.uint32(Number(value));
    else {
      this.varint64(Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n)));
    }
  }

  /** A 64-bit varint from its two unsigned halves. */
  varint64(low: number, high: number): void {
    this.#reserve(10);
    const buffer = this.#buffer;
    let position = this.#position;
    while (high !== 0) {
      buffer[position++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    while (low > 0x7f) {
      buffer[position++] = (low & 0x7f) | 0x80;
      low >>>= 7;
    }
    buffer[position++] = low;
    this.#position = position;
  }

  bool(value: boolean): void {
    this.#reserve(1);
    this.#buffer[this.#position++] = value ? 1 : 0;
  }

  /** Length and bytes. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.raw(value);
  }

  /** The same for a piece of a buffer, and cheaper than with an object for the piece. */
  slice(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.uint32(length);
    this.#reserve(length);
    copySlice(source, start, end, this.#buffer, this.#position);
    this.#position += length;
  }

  /** Bytes without a length: for splicing what is already encoded. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#position);
    this.#position += value.length;
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.uint32(length);
    this.#reserve(length);
    this.#buffer.write(value, this.#position, length, "utf8");
    this.#position += length;
  }

  /** Starts a length-prefixed body; hand the result to `close`. */
  open(): number {
    this.#reserve(1);
    return ++this.#position;
  }

  /** Ends the body that started at `start`. */
  close(start: number): void {
    const length = this.#position - start;
    if (length < 0x80) {
      this.#buffer[start - 1] = length;
      return;
    }
    const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
    this.#reserve(extra);
    this.#buffer.copyWithin(start + extra, start, start + length);
    const end = this.#position + extra;
    this.#position = start - 1;
    this.uint32(length);
    this.#position = end;
  }
}
