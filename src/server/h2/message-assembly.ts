// SPDX-License-Identifier: Apache-2.0

import { freeBytes } from "../../base/free-bytes.ts";
import { MESSAGE_PREFIX_BYTES, uint32At } from "./frames.ts";

const INITIAL_BYTES = 1024;

/** A stream's error in gRPC's terms. */
export interface GrpcFailure {
  readonly code: number;
  readonly message: string;
}

/** What a stream does with its messages. */
export interface MessageSink {
  /**
   * Decides on a message by its prefix, before any of its bytes are kept; false refuses it, and
   * nothing further is delivered.
   */
  acceptsMessage(flag: number, length: number): boolean;
  /** A complete message; false stops before the one that follows it. */
  message(flag: number, message: Buffer): boolean;
  /** The assembly's memory changed by this many bytes; false: it may not. */
  assemblyGrew(bytes: number): boolean;
}

/**
 * Cuts the bytes of a stream into messages. A message that lies within one DATA frame is handed
 * on in place; one that does not is put together in a buffer that grows with what has really
 * arrived, so that an announced length costs nothing.
 */
export class MessageAssembly {
  readonly #sink: MessageSink;
  readonly #prefix = new Uint8Array(MESSAGE_PREFIX_BYTES);
  #prefixFilled = 0;
  #length = 0;
  #buffer: Buffer | undefined;
  #filled = 0;

  constructor(sink: MessageSink) {
    this.#sink = sink;
  }

  /** Whether a message was announced and is not complete. */
  get isInMessage(): boolean {
    return this.#prefixFilled === MESSAGE_PREFIX_BYTES;
  }

  /** True between messages, false inside one. */
  get atBoundary(): boolean {
    return this.#prefixFilled === 0;
  }

  /**
   * Takes `bytes[start, end)` and returns how far it came: `end`, unless the sink stopped it
   * behind a message. What a refused message leaves behind counts as taken.
   */
  push(bytes: Buffer, start: number, end: number): number {
    let position = start;
    while (position < end) {
      if (this.#prefixFilled < MESSAGE_PREFIX_BYTES) {
        position = this.#takePrefix(bytes, position, end);
        if (this.#prefixFilled < MESSAGE_PREFIX_BYTES) return end;
        this.#length = uint32At(this.#prefix, 1);
        if (!this.#sink.acceptsMessage(this.#prefix[0] ?? 0, this.#length)) return end;
      }
      const missing = this.#length - this.#filled;
      if (end - position < missing) {
        this.#keep(bytes, position, end);
        return end;
      }
      position += missing;
      if (!this.#complete(bytes, position - missing, position)) return position;
    }
    return end;
  }

  /** Forgets a message in the making that nobody will get, and gives its memory back. */
  discard(): void {
    const buffer = this.#buffer;
    this.release();
    if (buffer !== undefined) freeBytes(buffer);
  }

  /** Forgets a message in the making. */
  release(): void {
    if (this.#buffer !== undefined) this.#sink.assemblyGrew(-this.#buffer.length);
    this.#buffer = undefined;
    this.#filled = 0;
    this.#prefixFilled = 0;
  }

  #takePrefix(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (position < end && this.#prefixFilled < MESSAGE_PREFIX_BYTES) {
      this.#prefix[this.#prefixFilled++] = bytes[position++] ?? 0;
    }
    return position;
  }

  #keep(bytes: Buffer, start: number, end: number): boolean {
    const needed = this.#filled + end - start;
    let buffer = this.#buffer;
    if (buffer === undefined || buffer.length < needed) {
      const size = Math.min(this.#length, Math.max(needed, this.#filled * 2, INITIAL_BYTES));
      if (!this.#sink.assemblyGrew(size - (buffer?.length ?? 0))) return false;
      const grown = Buffer.allocUnsafe(size);
      if (buffer !== undefined) {
        buffer.copy(grown, 0, 0, this.#filled);
        freeBytes(buffer);
      }
      buffer = grown;
      this.#buffer = grown;
    }
    bytes.copy(buffer, this.#filled, start, end);
    this.#filled = needed;
    return true;
  }

  /** The message ends at `end`; it is reset before it is handed on, so the sink may re-enter. */
  #complete(bytes: Buffer, start: number, end: number): boolean {
    // A frame that ended with the prefix has made the buffer and put nothing in.
    const isKept = this.#buffer !== undefined;
    if (isKept && !this.#keep(bytes, start, end)) return false;
    const message = this.#buffer ?? bytes.subarray(start, end);
    this.release();
    return this.#sink.message(this.#prefix[0] ?? 0, message);
  }
}
