// SPDX-License-Identifier: Apache-2.0

const TWO_32 = 0x1_0000_0000;

/** Bytes that are not valid protobuf. */
export class WireError extends Error {
  override readonly name = "WireError";

  /** What Go's decoder says of the same bytes: it tells broken encodings not apart. */
  get textOfGo(): string {
    if (this.message === INVALID_TEXT) return INVALID_TEXT;
    if (this.message === TOO_DEEP) return `proto: ${TOO_DEEP}`;
    return "proto: cannot parse invalid wire-format data";
  }
}

const INVALID_TEXT = "string field contains invalid UTF-8";
const TOO_DEEP = "exceeded maximum recursion depth";

/**
 * Messages within messages; deeper ones are refused before the stack ends. Go's reader takes
 * 10,000, more than JavaScript has room for.
 */
export const NESTED_MESSAGES_MAX = 1000;

/** What four bytes of a varint hold: a small integer to the engine. */
const SHORT_BITS = 28;

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads protobuf wire format in place: byte fields share memory with the input. */
export class WireReader {
  readonly buffer: Uint8Array;
  position: number;
  readonly end: number;
  /** The messages around the one that is read. */
  readonly #depth: number;
  #low = 0;
  #high = 0;

  constructor(buffer: Uint8Array, position = 0, end: number = buffer.length, depth = 0) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
    this.#depth = depth;
  }

  /** Number and wire type of the next field. Beyond 32 bits there are no field numbers. */
  tag(): number {
    const first = this.buffer[this.position];
    if (first !== undefined && first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    this.#varint();
    if (this.#high !== 0) throw new WireError("invalid field number");
    return this.#low;
  }

  /** A small varint; 64-bit varints are cut to 32 bits. */
  uint32(): number {
    const first = this.buffer[this.position];
    if (first !== undefined && first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    this.#varint();
    return this.#low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  /**
   * A signed 64-bit integer as a number. Values beyond 2^53 lose low bits but keep their order,
   * so that comparing them with real counters still gives the right answer.
   */
  int64Number(): number {
    const first = this.buffer[this.position];
    if (first !== undefined && first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    this.#varint();
    return (this.#high | 0) * TWO_32 + this.#low;
  }

  /** The same for an unsigned one. */
  uint64Number(): number {
    const first = this.buffer[this.position];
    if (first !== undefined && first < 0x80 && this.position < this.end) {
      this.position++;
      return first;
    }
    this.#varint();
    return this.#high * TWO_32 + this.#low;
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  uint64(): bigint {
    this.#varint();
    if (this.#high === 0) return BigInt(this.#low);
    return (BigInt(this.#high) << 32n) | BigInt(this.#low);
  }

  bytes(): Uint8Array {
    const end = this.message();
    const value = this.buffer.subarray(this.position, end);
    this.position = end;
    return value;
  }

  string(): string {
    const value = this.bytes();
    if (value.length === 0) return "";
    try {
      return textDecoder.decode(value);
    } catch (cause) {
      throw new WireError(INVALID_TEXT, { cause });
    }
  }

  /** The end of the length-prefixed body that starts at the position after this call. */
  message(): number {
    const length = this.uint64Number();
    const end = this.position + length;
    if (end > this.end) throw new WireError("unexpected EOF");
    return end;
  }

  /** A reader over the length-prefixed body at the position, which this one steps over. */
  nested(): WireReader {
    if (this.#depth >= NESTED_MESSAGES_MAX) throw new WireError(TOO_DEEP);
    return this.#within(this.#depth + 1);
  }

  /** The same for a message that was wrapped whole: it may nest as deep as one that comes alone. */
  wrapped(): WireReader {
    return this.#within(0);
  }

  #within(depth: number): WireReader {
    const end = this.message();
    const reader = new WireReader(this.buffer, this.position, end, depth);
    this.position = end;
    return reader;
  }

  /** Steps over a field of the given wire type. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new WireError("invalid field number");
    switch (tag & 7) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#advance(8);
        return;
      case 2:
        this.position = this.message();
        return;
      case 3:
        this.#skipGroup(tag >>> 3, 0);
        return;
      case 5:
        this.#advance(4);
        return;
      default:
        throw new WireError("cannot parse invalid wire-format data");
    }
  }

  #skipGroup(field: number, depth: number): void {
    if (depth > 100) throw new WireError("groups nested too deeply");
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === 4) {
        if (tag >>> 3 !== field) throw new WireError("mismatching end group marker");
        return;
      }
      if ((tag & 7) === 3) this.#skipGroup(tag >>> 3, depth + 1);
      else this.skip(tag);
    }
  }

  #advance(size: number): void {
    this.position += size;
    if (this.position > this.end) throw new WireError("unexpected EOF");
  }

  #varint(): void {
    const { buffer, end } = this;
    let at = this.position;
    let bits = 0;
    for (let shift = 0; shift < SHORT_BITS; shift += 7) {
      if (at >= end) throw new WireError("unexpected EOF");
      const byte = buffer[at++] as number;
      bits |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        this.#low = bits;
        this.#high = 0;
        return;
      }
    }
    this.position = at;
    this.#longVarint(bits);
  }

  /** The rest of a varint of more than four bytes, whose lowest bits are given. */
  #longVarint(lowest: number): void {
    let low = lowest;
    let high = 0;
    for (let shift = SHORT_BITS; shift < 70; shift += 7) {
      if (this.position >= this.end) throw new WireError("unexpected EOF");
      const byte = this.buffer[this.position++] as number;
      const bits = byte & 0x7f;
      if (shift === SHORT_BITS) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift === 63 && bits > 1) throw new WireError("variable length integer overflow");
      else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new WireError("variable length integer overflow");
  }
}
