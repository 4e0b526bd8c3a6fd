// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../../base/contracts/disk.ts";
import { crc32c } from "../../base/crc32c.ts";
import { WireReader } from "../../base/wire-reader.ts";
import { FIX_DAMAGE, WalError, type WalErrorPlace } from "./errors.ts";
import { FRAME_HEADER_BYTES, paddingBytes, RecordType, SECTOR_BYTES } from "./format.ts";

/** Read at a time. Entries share memory with what was read, so a kept entry keeps this much. */
const WINDOW_BYTES = 1 << 20;
const EMPTY = new Uint8Array(0);

/**
 * The record that was read last; the next one takes its place. No object per record: a log that
 * is opened has hundreds of thousands of them, of which only the entries' data are kept.
 */
export interface RecordCursor {
  readonly type: number;
  /** Offset of the frame in the segment. */
  readonly offset: number;
  /** Its number in the segment, from 1. */
  readonly number: number;
  /** The data is [start, end) of `bytes`. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Reads the records of one segment in order and checks the checksum chain. */
export class SegmentDecoder {
  readonly #file: DiskFile;
  readonly #size: number;
  readonly #isLast: boolean;
  #window: Uint8Array = EMPTY;
  #windowStart = 0;
  #offset = 0;
  #crc: number;
  readonly #record: Writable<RecordCursor> = {
    type: 0,
    offset: 0,
    number: 0,
    bytes: EMPTY,
    start: 0,
    end: 0,
  };
  /** Of the record at hand; undefined when it holds none. */
  #recordCrc: number | undefined;

  /** `crc` is the chained value at the end of the segment before, 0 when there is none. */
  constructor(file: DiskFile, options: { readonly crc: number; readonly isLast: boolean }) {
    this.#file = file;
    this.#size = file.size();
    this.#isLast = options.isLast;
    this.#crc = options.crc;
  }

  /** The chained value after the last record that was read. */
  get crc(): number {
    return this.#crc;
  }

  /** Where the next frame starts: after the last record, the end of what is used. */
  get offset(): number {
    return this.#offset;
  }

  /** The next record, or undefined at the end. Throws a `WalError`, torn or corrupt. */
  next(): RecordCursor | undefined {
    const left = this.#size - this.#offset;
    if (left === 0) return undefined;
    if (left < FRAME_HEADER_BYTES) throw this.#torn("the file ends in a length");
    const at = this.#load(this.#offset, FRAME_HEADER_BYTES);
    const low = this.#fixed32(at);
    const high = this.#fixed32(at + 4);
    if (low === 0 && high === 0) return this.#end();
    const recordBytes = low + (high & 0xff_ffff) * 2 ** 32;
    const padding = paddingBytes(recordBytes);
    if (high >>> 24 !== (padding === 0 ? 0 : 0x80 | padding)) {
      throw this.#corrupt(`the padding of a record of ${recordBytes} bytes should be ${padding}`);
    }
    const frameBytes = FRAME_HEADER_BYTES + recordBytes + padding;
    if (frameBytes > left) throw this.#overlong(frameBytes, frameBytes - padding);
    this.#readRecord(recordBytes, frameBytes);
    this.#offset += frameBytes;
    this.#record.number++;
    return this.#record;
  }

  #fixed32(at: number): number {
    const bytes = this.#window;
    const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  #readRecord(recordBytes: number, frameBytes: number): void {
    const start = this.#load(this.#offset, frameBytes) + FRAME_HEADER_BYTES;
    try {
      this.#readFields(start, start + recordBytes);
    } catch (cause) {
      throw this.#damaged(frameBytes, "the record does not parse", cause);
    }
    const record = this.#record;
    const crc = this.#recordCrc;
    if (crc === undefined) throw this.#damaged(frameBytes, "the record has no checksum");
    if (this.#offset === 0 && record.type !== RecordType.crc) {
      throw this.#corrupt(`a segment should begin with a checksum record, not type ${record.type}`);
    }
    if (record.type === RecordType.crc) {
      if (record.end !== record.start) throw this.#corrupt("a checksum record holds data");
      if (this.#crc !== 0 && this.#crc !== crc) {
        throw this.#corrupt(`the segment should continue from checksum ${this.#crc}, not ${crc}`);
      }
      this.#crc = crc;
      return;
    }
    const sum = crc32c(this.#window, this.#crc, record.start, record.end);
    if (sum !== crc) throw this.#damaged(frameBytes, `the checksum should be ${crc}, not ${sum}`);
    this.#crc = sum;
  }

  #readFields(start: number, end: number): void {
    const record = this.#record;
    record.offset = this.#offset;
    record.bytes = this.#window;
    if (this.#readUsual(start, end)) return;
    const reader = new WireReader(this.#window, start, end);
    this.#recordCrc = undefined;
    record.type = 0;
    record.start = start;
    record.end = start;
    while (reader.position < end) {
      const tag = reader.uint32();
      if (tag === 0x08) record.type = reader.int64Number();
      else if (tag === 0x10) this.#recordCrc = reader.uint32();
      else if (tag === 0x1a) {
        record.end = reader.message();
        record.start = reader.position;
        reader.position = record.end;
      } else reader.skip(tag);
    }
  }

  /**
   * Reads a record with data as every writer lays it down: type, checksum, data, and nothing else.
   * False for any other, which the general reader takes: this one saves its time.
   */
  #readUsual(start: number, end: number): boolean {
    const bytes = this.#window;
    const type = bytes[start + 1] ?? 0;
    if (bytes[start] !== 0x08 || type >= 0x80 || bytes[start + 2] !== 0x10) return false;
    let at = start + 3;
    let crc = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80 && shift < 35; shift += 7) {
      byte = bytes[at++] ?? 0;
      crc |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80 || bytes[at++] !== 0x1a) return false;
    let length = 0;
    byte = 0x80;
    for (let shift = 0; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80 || at + length !== end) return false;
    const record = this.#record;
    record.type = type;
    record.start = at;
    record.end = end;
    this.#recordCrc = crc >>> 0;
    return true;
  }

  /**
   * A length of zero ends the segment. A sector reaches the disk whole or not at all, so the
   * rest of this one must be zero too, unless the length itself was changed.
   */
  #end(): undefined {
    const offset = this.#offset;
    const rest = Math.min(SECTOR_BYTES - (offset % SECTOR_BYTES), this.#size - offset);
    const start = this.#load(offset, rest);
    if (!isZero(this.#window, start, start + rest)) {
      throw this.#corrupt("a length of 0 should be followed by zeros up to the end of the sector");
    }
    return undefined;
  }

  /** A record that reaches beyond the file: cut off by a crash, unless its length is wrong. */
  #overlong(frameBytes: number, unpaddedBytes: number): WalError {
    const left = this.#size - this.#offset;
    if (this.#hasWholeRecord(left)) {
      const problem =
        unpaddedBytes <= left
          ? "the file ends in the padding of a whole record"
          : `the record's length should not be ${frameBytes}: it is whole without`;
      return this.#corrupt(problem);
    }
    return this.#torn(`the record takes ${frameBytes} bytes, the file has ${left} left`);
  }

  #damaged(frameBytes: number, problem: string, cause?: unknown): WalError {
    if (this.#isLast && this.#hasZeroSector(frameBytes) && !this.#hasWholeRecord(frameBytes)) {
      return this.#torn(`${problem} and a sector of it is zero`, cause);
    }
    return this.#corrupt(problem, cause);
  }

  /** Whether one of the pieces that the disk writes at once is missing from the record. */
  #hasZeroSector(frameBytes: number): boolean {
    const base = this.#load(this.#offset, frameBytes) - this.#offset;
    const end = this.#offset + frameBytes;
    let at = this.#offset + FRAME_HEADER_BYTES;
    while (at < end) {
      const next = Math.min(end, at - (at % SECTOR_BYTES) + SECTOR_BYTES);
      if (isZero(this.#window, base + at, base + next)) return true;
      at = next;
    }
    return false;
  }

  /**
   * Whether a record with a right checksum starts here whose own fields end before the frame
   * does. Then nothing is missing, and repairing would throw away what follows it: etcd does
   * that, this reader refuses.
   */
  #hasWholeRecord(frameBytes: number): boolean {
    const base = this.#load(this.#offset, frameBytes);
    const reader = new WireReader(this.#window, base + FRAME_HEADER_BYTES, base + frameBytes);
    try {
      if (reader.uint32() !== 0x08) return false;
      reader.int64Number();
      if (reader.uint32() !== 0x10) return false;
      const crc = reader.uint32();
      return reader.uint32() === 0x1a && crc32c(reader.bytes(), this.#crc) === crc;
    } catch {
      // What cannot be parsed is not whole; the caller reports it as damage of its own kind.
      return false;
    }
  }

  /** Brings [offset, offset + length) into the window; answers with its place there. */
  #load(offset: number, length: number): number {
    const at = offset - this.#windowStart;
    if (at >= 0 && at + length <= this.#window.length) return at;
    const read = this.#file.read(offset, Math.max(length, WINDOW_BYTES));
    // Views of a plain array are cheaper to make than those of a Buffer.
    this.#window = new Uint8Array(read.buffer, read.byteOffset, read.byteLength);
    this.#windowStart = offset;
    if (this.#window.length < length) {
      throw this.#corrupt(`the file should have ${length} more bytes; it shrank while being read`);
    }
    return 0;
  }

  /**
   * Only the last segment may end in the middle of a record, and never in its first one, which
   * is durable before the segment gets its name.
   */
  #torn(problem: string, cause?: unknown): WalError {
    if (!this.#isLast || this.#offset === 0) return this.#corrupt(problem, cause);
    const place = this.#place();
    const fix = "a member that starts cuts the record off and goes on";
    return new WalError("torn", place, { problem, fix }, { cause });
  }

  /** Of the record that comes next. */
  #place(): WalErrorPlace {
    return { file: this.#file.path, offset: this.#offset, record: this.#record.number + 1 };
  }

  #corrupt(problem: string, cause?: unknown): WalError {
    return new WalError("corrupt", this.#place(), { problem, fix: FIX_DAMAGE }, { cause });
  }
}
