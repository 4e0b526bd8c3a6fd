// SPDX-License-Identifier: Apache-2.0

import { FRAME_BYTES_MAX, FRAME_HEADER_BYTES, uint31At } from "./frames.ts";

/** Who gets the frames. */
export interface FrameSink {
  /** One frame, its payload at `bytes[start, end)`; valid during the call. False: stop. */
  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean;
  /** A frame longer than what was announced; nothing further is delivered. */
  oversized(length: number): void;
}

/**
 * Cuts what a socket delivers into frames. Frames that lie within one chunk are handed on in
 * place; the one that a chunk ends in is put together from its pieces.
 */
export class FrameSplitter {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerFilled = 0;
  #payload: Buffer | undefined;
  #payloadFilled = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes `chunk` from `start` on. */
  push(chunk: Buffer, start: number): void {
    let position = start;
    if (this.#headerFilled > 0) {
      position = this.#finishFrame(chunk, start);
      if (position < 0) return;
    }
    const end = chunk.length;
    while (end - position >= FRAME_HEADER_BYTES) {
      const length =
        ((chunk[position] ?? 0) << 16) |
        ((chunk[position + 1] ?? 0) << 8) |
        (chunk[position + 2] ?? 0);
      if (length > FRAME_BYTES_MAX) {
        this.#sink.oversized(length);
        return;
      }
      const from = position + FRAME_HEADER_BYTES;
      const to = from + length;
      if (to > end) break;
      const type = chunk[position + 3] ?? 0;
      const flags = chunk[position + 4] ?? 0;
      if (!this.#sink.frame(type, flags, uint31At(chunk, position + 5), chunk, from, to)) return;
      position = to;
    }
    if (position < end) this.#keep(chunk, position);
  }

  /** Keeps the start of a frame that the chunk does not hold whole. */
  #keep(chunk: Buffer, start: number): void {
    const headerEnd = Math.min(chunk.length, start + FRAME_HEADER_BYTES);
    chunk.copy(this.#header, 0, start, headerEnd);
    this.#headerFilled = headerEnd - start;
    if (this.#headerFilled < FRAME_HEADER_BYTES) return;
    this.#payload = Buffer.allocUnsafe(this.#header.readUIntBE(0, 3));
    this.#payloadFilled = chunk.copy(this.#payload, 0, headerEnd);
  }

  /** Goes on with the kept frame; returns where the next one starts, or -1 to stop here. */
  #finishFrame(chunk: Buffer, start: number): number {
    let position = start;
    if (this.#headerFilled < FRAME_HEADER_BYTES) {
      const copied = chunk.copy(this.#header, this.#headerFilled, position);
      this.#headerFilled += copied;
      position += copied;
      if (this.#headerFilled < FRAME_HEADER_BYTES) return -1;
    }
    const length = this.#header.readUIntBE(0, 3);
    if (length > FRAME_BYTES_MAX) {
      this.#sink.oversized(length);
      return -1;
    }
    const payload = this.#payload ?? Buffer.allocUnsafe(length);
    this.#payload = payload;
    const copied = chunk.copy(payload, this.#payloadFilled, position);
    this.#payloadFilled += copied;
    if (this.#payloadFilled < length) return -1;
    this.#headerFilled = 0;
    this.#payloadFilled = 0;
    this.#payload = undefined;
    const type = this.#header[3] ?? 0;
    const flags = this.#header[4] ?? 0;
    const goOn = this.#sink.frame(type, flags, uint31At(this.#header, 5), payload, 0, length);
    return goOn ? position + copied : -1;
  }
}
