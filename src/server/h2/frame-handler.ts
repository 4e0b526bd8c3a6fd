// SPDX-License-Identifier: Apache-2.0

import type { FloodGuard } from "./flood-guard.ts";
import type { FrameSink } from "./frame-splitter.ts";
import {
  ErrorCode,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PUSH_PROMISE,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  uint31At,
} from "./frames.ts";
import type { HeaderBlocks } from "./header-blocks.ts";
import type { H2Limits } from "./limits.ts";
import type { Output } from "./output.ts";
import { readSettings } from "./peer-settings.ts";
import type { PingPolicy } from "./ping-policy.ts";
import type { RequestHead } from "./request-head.ts";
import type { Sender } from "./sender.ts";
import type { StreamTable } from "./stream-table.ts";

/** What a handler needs of its connection. */
export interface FrameHandlerParts {
  readonly limits: H2Limits;
  readonly output: Output;
  readonly sender: Sender;
  readonly streams: StreamTable;
  readonly headers: HeaderBlocks;
  readonly guard: FloodGuard;
  readonly pings: PingPolicy;
  /** Ends the connection with a GOAWAY. Answers false, as frames do that end it. */
  abort(code: ErrorCode, reason: string): false;
  /** Nothing more is to be handled. */
  readonly closing: boolean;
  /** The client answered a ping. */
  pong(payload: Uint8Array): void;
}

const NO_BYTES = Buffer.alloc(0);
const PING_BYTES = 8;
const PRIORITY_BYTES = 5;
const acceptGzip = [["grpc-accept-encoding", "gzip"]] as const;

/** Understands a client's frames, one by one, and judges them by RFC 9113 and the limits. */
export class FrameHandler implements FrameSink {
  /** When the frames being handled arrived. */
  nowMs = 0;
  /** The client's first SETTINGS have arrived. */
  greeted = false;
  lastStreamId = 0;
  /** New streams are ignored: the client was told that they would be. */
  refusing = false;
  readonly #parts: FrameHandlerParts;
  readonly #output: Output;
  readonly #streams: StreamTable;
  readonly #headers: HeaderBlocks;
  #unacknowledged = 0;
  /** The stream whose header block goes on in CONTINUATION frames; 0: none. */
  #continued = 0;
  #continuedEndStream = false;

  constructor(parts: FrameHandlerParts) {
    this.#parts = parts;
    this.#output = parts.output;
    this.#streams = parts.streams;
    this.#headers = parts.headers;
  }

  oversized(length: number): void {
    this.#abort(ErrorCode.frameSizeError, `a frame of ${length} bytes`);
  }

  frame(
    type: number,
    flags: number,
    id: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    if (!this.greeted && (type !== FRAME_SETTINGS || (flags & FLAG_ACK) !== 0)) {
      return this.#abort(ErrorCode.protocolError, "SETTINGS have to come first");
    }
    if (this.#continued !== 0 && (type !== FRAME_CONTINUATION || id !== this.#continued)) {
      return this.#abort(ErrorCode.protocolError, "a header block is not finished");
    }
    if (type === FRAME_DATA) return this.#onData(flags, id, bytes, start, end);
    if (type === FRAME_HEADERS) return this.#onHeaders(flags, id, bytes, start, end);
    switch (type) {
      case FRAME_WINDOW_UPDATE:
        return this.#onWindowUpdate(id, bytes, start, end);
      case FRAME_RST_STREAM:
        return this.#onReset(id, end - start);
      case FRAME_PING:
        return this.#onPing(flags, id, bytes, start, end);
      case FRAME_SETTINGS:
        return this.#onSettings(flags, id, bytes, start, end);
      case FRAME_CONTINUATION:
        return this.#onContinuation(flags, bytes, start, end);
      case FRAME_PUSH_PROMISE:
        return this.#abort(ErrorCode.protocolError, "PUSH_PROMISE from a client");
      case FRAME_PRIORITY:
        return this.#onPriority(id, end - start);
      default:
        return this.#idleFrame();
    }
  }

  #abort(code: ErrorCode, reason: string): false {
    return this.#parts.abort(code, reason);
  }

  #onData(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (id > this.lastStreamId || id === 0) {
      return this.#abort(ErrorCode.protocolError, `DATA on idle stream ${id}`);
    }
    const size = to - from;
    let start = from;
    let end = to;
    if ((flags & FLAG_PADDED) !== 0) {
      end -= bytes[start++] ?? 0;
      if (size === 0 || end < start) return this.#abort(ErrorCode.protocolError, "bad padding");
    }
    this.#giveBack(size);
    const last = (flags & FLAG_END_STREAM) !== 0;
    if (end === start && !last && !this.#idleFrame()) return false;
    const stream = this.#streams.get(id);
    // What a client had on its way when its stream ended is no fault of its own.
    if (stream === undefined) return true;
    if (stream.clientDone) {
      this.#streams.reset(stream, ErrorCode.streamClosed);
      return this.#countReset();
    }
    stream.receiveWindow -= size;
    if (stream.receiveWindow < 0) {
      this.#streams.reset(stream, ErrorCode.flowControlError);
      return this.#countReset();
    }
    if (last) stream.clientDone = true;
    if (size > end - start) this.#streams.consumed(stream, size - (end - start));
    stream.receive(bytes, start, end);
    return !this.#parts.closing;
  }

  /**
   * Gives received bytes back to the connection's window, used or not: what a stream may hold is
   * bounded by its own window, and one that is slow must not stop the others. A client cannot
   * overrun a window that is filled up like this.
   */
  #giveBack(size: number): void {
    this.#unacknowledged += size;
    if (this.#unacknowledged < this.#parts.limits.connectionWindowBytes / 2) return;
    this.#output.number(FRAME_WINDOW_UPDATE, 0, this.#unacknowledged);
    this.#unacknowledged = 0;
  }

  #onHeaders(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if ((id & 1) === 0) return this.#abort(ErrorCode.protocolError, `HEADERS on stream ${id}`);
    let start = from;
    let end = to;
    if ((flags & FLAG_PADDED) !== 0) {
      if (to === from) return this.#abort(ErrorCode.frameSizeError, "HEADERS of a wrong size");
      end -= bytes[start++] ?? 0;
    }
    if ((flags & FLAG_PRIORITY) !== 0) start += PRIORITY_BYTES;
    if (end < start) return this.#abort(ErrorCode.protocolError, "bad padding");
    const endStream = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) === 0) {
      this.#continued = id;
      this.#continuedEndStream = endStream;
      return this.#collect(bytes, start, end);
    }
    return this.#onHead(id, endStream, this.#headers.decode(bytes, start, end));
  }

  #collect(bytes: Buffer, start: number, end: number): boolean {
    if (this.#headers.collect(bytes, start, end)) return true;
    return this.#abort(ErrorCode.enhanceYourCalm, "header block too large");
  }

  #onContinuation(flags: number, bytes: Buffer, start: number, end: number): boolean {
    const id = this.#continued;
    if (id === 0) return this.#abort(ErrorCode.protocolError, "CONTINUATION without HEADERS");
    if (!this.#collect(bytes, start, end)) return false;
    if ((flags & FLAG_END_HEADERS) === 0) return true;
    this.#continued = 0;
    return this.#onHead(id, this.#continuedEndStream, this.#headers.finishCollected());
  }

  #onHead(id: number, endStream: boolean, head: RequestHead | undefined): boolean {
    if (head === undefined) return this.#abort(ErrorCode.compressionError, "bad header block");
    if (id <= this.lastStreamId) return this.#onTrailers(id, endStream);
    this.lastStreamId = id;
    if (this.refusing) return this.#idleFrame();
    const { refusal } = head;
    if (refusal?.kind === "reset") return this.#refuse(id, refusal.code);
    if (this.#streams.full) return this.#refuse(id, ErrorCode.refusedStream);
    if (refusal === undefined) {
      this.#streams.open(id, endStream, head, this.nowMs);
      return !this.#parts.closing;
    }
    const { httpStatus, code, message } = refusal;
    const trailers = refusal.acceptEncoding ? acceptGzip : [];
    this.#parts.sender.refuse(id, httpStatus, { code, message, trailers });
    if (!endStream) this.#output.number(FRAME_RST_STREAM, id, ErrorCode.noError);
    return true;
  }

  #refuse(id: number, code: ErrorCode): boolean {
    this.#output.number(FRAME_RST_STREAM, id, code);
    return this.#countReset();
  }

  /** Headers on a stream that is open end the request; on any other they are an error. */
  #onTrailers(id: number, endStream: boolean): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.clientDone) {
      return this.#abort(ErrorCode.streamClosed, `HEADERS on closed stream ${id}`);
    }
    if (!endStream) {
      this.#streams.reset(stream, ErrorCode.protocolError);
      return this.#countReset();
    }
    stream.clientDone = true;
    stream.receive(NO_BYTES, 0, 0);
    return !this.#parts.closing;
  }

  #countReset(): boolean {
    if (this.#parts.guard.reset(this.nowMs)) return !this.#parts.closing;
    return this.#abort(ErrorCode.enhanceYourCalm, "too many reset streams");
  }

  #idleFrame(): boolean {
    if (this.#parts.guard.idleFrame(this.nowMs)) return true;
    return this.#abort(ErrorCode.enhanceYourCalm, "too many frames without effect");
  }

  #onReset(id: number, size: number): boolean {
    if (size !== 4) return this.#abort(ErrorCode.frameSizeError, "RST_STREAM of a wrong size");
    if (id === 0 || id > this.lastStreamId) {
      return this.#abort(ErrorCode.protocolError, `RST_STREAM on idle stream ${id}`);
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#idleFrame();
    const rapid = this.nowMs - stream.openedMs < this.#parts.limits.rapidResetMs;
    this.#streams.cancel(stream);
    return rapid ? this.#countReset() : !this.#parts.closing;
  }

  #onPriority(id: number, size: number): boolean {
    if (id === 0) return this.#abort(ErrorCode.protocolError, "PRIORITY on stream 0");
    if (size !== PRIORITY_BYTES) {
      return this.#abort(ErrorCode.frameSizeError, "PRIORITY of a wrong size");
    }
    return this.#idleFrame();
  }

  #onWindowUpdate(id: number, bytes: Buffer, start: number, end: number): boolean {
    if (end - start !== 4) {
      return this.#abort(ErrorCode.frameSizeError, "WINDOW_UPDATE of a wrong size");
    }
    const increment = uint31At(bytes, start);
    if (id === 0) return this.#widenConnection(increment);
    if (id > this.lastStreamId) {
      return this.#abort(ErrorCode.protocolError, `WINDOW_UPDATE on idle stream ${id}`);
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return true;
    if (increment === 0 || !this.#parts.sender.widen(stream, increment)) {
      const code = increment === 0 ? ErrorCode.protocolError : ErrorCode.flowControlError;
      this.#streams.reset(stream, code);
      return this.#countReset();
    }
    this.#parts.sender.pump();
    return !this.#parts.closing;
  }

  #widenConnection(increment: number): boolean {
    if (increment === 0) return this.#abort(ErrorCode.protocolError, "WINDOW_UPDATE of 0");
    if (!this.#parts.sender.widenConnection(increment)) {
      return this.#abort(ErrorCode.flowControlError, "the connection's window overflows");
    }
    this.#parts.sender.pump();
    return !this.#parts.closing;
  }

  #onSettings(flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (id !== 0) return this.#abort(ErrorCode.protocolError, "SETTINGS on a stream");
    if ((flags & FLAG_ACK) !== 0) {
      if (end > start) return this.#abort(ErrorCode.frameSizeError, "SETTINGS ack with payload");
      return this.#idleFrame();
    }
    if (!this.#parts.guard.settings(this.nowMs)) {
      return this.#abort(ErrorCode.enhanceYourCalm, "too many SETTINGS");
    }
    this.greeted = true;
    const settings = readSettings(bytes, start, end);
    if (typeof settings === "number") return this.#abort(settings, "bad SETTINGS");
    const { headerTableBytes, initialWindow } = settings;
    if (headerTableBytes !== undefined) this.#parts.sender.headers.peerTableBytes(headerTableBytes);
    this.#output.frame(FRAME_SETTINGS, FLAG_ACK, 0, NO_BYTES);
    if (initialWindow === undefined) return true;
    if (!this.#parts.guard.windowChanges(this.nowMs, this.#streams.size)) {
      return this.#abort(ErrorCode.enhanceYourCalm, "too many changes of streams' windows");
    }
    if (!this.#streams.changeInitialWindow(initialWindow)) {
      return this.#abort(ErrorCode.flowControlError, "a stream's window overflows");
    }
    this.#parts.sender.pump();
    return !this.#parts.closing;
  }

  #onPing(flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (id !== 0) return this.#abort(ErrorCode.protocolError, "PING on a stream");
    if (end - start !== PING_BYTES) {
      return this.#abort(ErrorCode.frameSizeError, "PING of a wrong size");
    }
    const payload = bytes.subarray(start, end);
    if ((flags & FLAG_ACK) !== 0) {
      this.#parts.pong(payload);
      return !this.#parts.closing && this.#idleFrame();
    }
    this.#output.frame(FRAME_PING, FLAG_ACK, 0, payload);
    const { guard, pings } = this.#parts;
    if (guard.ping(this.nowMs) && pings.ping(this.nowMs, this.#streams.size)) return true;
    return this.#abort(ErrorCode.enhanceYourCalm, "too_many_pings");
  }
}
