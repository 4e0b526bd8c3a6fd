// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../base/crc32c.ts";
import { varintBytes, writeVarint, writeVarint32 } from "../../base/varint.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import {
  type ConfState,
  type Entry,
  encodeConfState,
  encodeHardState,
  type HardState,
} from "../raft/index.ts";
import { FRAME_HEADER_BYTES, paddingBytes, RecordType } from "./format.ts";

const BUFFER_INITIAL_BYTES = 1 << 16;
/** A buffer that a huge batch has blown up beyond this is given back after the batch. */
const BUFFER_KEEP_BYTES = 4 << 20;
/** Frame header, type, crc and length of the data at their longest. */
const RECORD_HEAD_BYTES_MAX = FRAME_HEADER_BYTES + 2 + 6 + 6;
/** The fields of an entry before its data at their longest. */
const ENTRY_HEAD_BYTES_MAX = 2 + 9 + 9 + 6;
const CRC_BYTES_MAX = 5;

// Tags of walpb.Record and raftpb.Entry: field number shifted by three, plus the wire type.
const RECORD_TYPE_TAG = 0x08;
const RECORD_CRC_TAG = 0x10;
const RECORD_DATA_TAG = 0x1a;
const ENTRY_TYPE_TAG = 0x08;
const ENTRY_TERM_TAG = 0x10;
const ENTRY_INDEX_TAG = 0x18;
const ENTRY_DATA_TAG = 0x22;

/** Bytes that 32 bits take, which come as a signed number. */
function varint32Bytes(bits: number): number {
  return bits < 0 ? 5 : varintBytes(bits);
}

/** Writes 32 bits, least significant byte first. */
function writeFixed32(buffer: Uint8Array, position: number, bits: number): void {
  buffer[position] = bits;
  buffer[position + 1] = bits >>> 8;
  buffer[position + 2] = bits >>> 16;
  buffer[position + 3] = bits >>> 24;
}

/**
 * Turns records into the bytes of one batch, in one reused buffer, and carries the checksum
 * chain from batch to batch. The record's length and its checksum stand before the data and the
 * checksum's own width depends on its value, so data is laid down first, at the place where it
 * belongs if the checksum takes its usual five bytes; one time in sixteen it has to be moved.
 */
export class RecordEncoder {
  /** Kept as a signed number: the engine holds unsigned ones beyond 2^31 in heap objects. */
  #crc: number;
  #buffer = Buffer.allocUnsafeSlow(BUFFER_INITIAL_BYTES);
  #position = 0;
  readonly #scratch = new WireWriter();

  /** `crc` is the chained value of the record before the first one to come. */
  constructor(crc: number) {
    this.#crc = crc | 0;
  }

  /** The chained value after the last record. */
  get chain(): number {
    return this.#crc >>> 0;
  }

  /** Bytes of the batch so far: a multiple of 8. */
  get length(): number {
    return this.#position;
  }

  /** The batch; the bytes are overwritten after the next `reset`. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#position);
  }

  /** Starts the next batch. */
  reset(): void {
    this.#position = 0;
    if (this.#buffer.length > BUFFER_KEEP_BYTES) {
      this.#buffer = Buffer.allocUnsafeSlow(BUFFER_INITIAL_BYTES);
    }
  }

  entry(entry: Entry): void {
    const { type, term, index, data } = entry;
    this.#reserve(ENTRY_HEAD_BYTES_MAX + data.length);
    const headBytes =
      (type === 0 ? 0 : 2) +
      (2 + varintBytes(term) + varintBytes(index)) +
      (data.length === 0 ? 0 : 1 + varintBytes(data.length));
    const size = headBytes + data.length;
    const start = this.#dataStart(size);
    const buffer = this.#buffer;
    let at = start;
    if (type !== 0) {
      buffer[at++] = ENTRY_TYPE_TAG;
      buffer[at++] = type;
    }
    buffer[at++] = ENTRY_TERM_TAG;
    at = writeVarint(buffer, at, term);
    buffer[at++] = ENTRY_INDEX_TAG;
    at = writeVarint(buffer, at, index);
    if (data.length !== 0) {
      buffer[at++] = ENTRY_DATA_TAG;
      at = writeVarint(buffer, at, data.length);
      buffer.set(data, at);
    }
    this.#crc = crc32c(data, crc32c(buffer, this.#crc, start, at)) | 0;
    this.#finish(RecordType.entry, start, size);
  }

  state(state: HardState): void {
    this.#scratch.reset();
    encodeHardState(state, this.#scratch);
    this.#record(RecordType.state, this.#scratch.view());
  }

  metadata(bytes: Uint8Array): void {
    this.#record(RecordType.metadata, bytes);
  }

  snapshot(index: number, term: number, confState: ConfState | undefined): void {
    const writer = this.#scratch;
    writer.reset();
    writer.uint32(0x08);
    writer.number64(index);
    writer.uint32(0x10);
    writer.number64(term);
    if (confState !== undefined) {
      writer.uint32(0x1a);
      const start = writer.open();
      encodeConfState(confState, writer);
      writer.close(start);
    }
    this.#record(RecordType.snapshot, writer.view());
  }

  /** The record that opens a segment: the chained value alone, which it does not change. */
  crc(): void {
    this.#reserve(0);
    this.#writeHead(RecordType.crc, undefined);
  }

  #record(type: RecordType, data: Uint8Array): void {
    this.#reserve(data.length);
    const start = this.#dataStart(data.length);
    this.#buffer.set(data, start);
    this.#crc = crc32c(data, this.#crc) | 0;
    this.#finish(type, start, data.length);
  }

  /** Where data of `size` bytes begins when the checksum takes five bytes. */
  #dataStart(size: number): number {
    return this.#position + FRAME_HEADER_BYTES + 3 + CRC_BYTES_MAX + 1 + varintBytes(size);
  }

  /** Puts the head before the data and the padding after it. */
  #finish(type: RecordType, start: number, size: number): void {
    const crcBytes = varint32Bytes(this.#crc);
    const moved = start - (CRC_BYTES_MAX - crcBytes);
    if (moved !== start) this.#buffer.copyWithin(moved, start, start + size);
    this.#writeHead(type, size);
  }

  #writeHead(type: RecordType, dataBytes: number | undefined): void {
    const buffer = this.#buffer;
    const frame = this.#position;
    let at = frame + FRAME_HEADER_BYTES;
    buffer[at++] = RECORD_TYPE_TAG;
    buffer[at++] = type;
    buffer[at++] = RECORD_CRC_TAG;
    at = writeVarint32(buffer, at, this.#crc);
    if (dataBytes !== undefined) {
      buffer[at++] = RECORD_DATA_TAG;
      at = writeVarint(buffer, at, dataBytes) + dataBytes;
    }
    const recordBytes = at - frame - FRAME_HEADER_BYTES;
    const padding = paddingBytes(recordBytes);
    writeFixed32(buffer, frame, recordBytes);
    writeFixed32(buffer, frame + 4, padding === 0 ? 0 : (0x80 | padding) << 24);
    for (let left = padding; left > 0; left--) buffer[at++] = 0;
    this.#position = at;
  }

  #reserve(dataBytes: number): void {
    const needed = this.#position + RECORD_HEAD_BYTES_MAX + dataBytes + FRAME_HEADER_BYTES;
    if (needed <= this.#buffer.length) return;
    const next = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    next.set(this.#buffer.subarray(0, this.#position));
    this.#buffer = next;
  }
}
