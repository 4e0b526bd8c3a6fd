// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../base/grpc-code.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Trailers } from "./call.ts";
import {
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_BYTES_MAX,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_HEADER_BYTES,
  FRAME_HEADERS,
  MESSAGE_PREFIX_BYTES,
  putFrameHeader,
  putUint32,
  WINDOW_BYTES_DEFAULT,
  WINDOW_BYTES_MAX,
} from "./frames.ts";
import { BURST_BYTES, type Output } from "./output.ts";
import type { PingPolicy } from "./ping-policy.ts";
import { ResponseHeaders } from "./response-headers.ts";

/** Below this, copying byte by byte is cheaper than a call. */
const SHORT_COPY_BYTES = 16;

/** Bytes that an endpoint holds: of answers, waiting or in the making, and of unfinished requests. */
export class HeldBytes {
  total = 0;
}

/** How a response ends. */
interface Ending {
  readonly code: number;
  readonly message: string;
  readonly trailers: Trailers;
}

/** What of a response could not be sent yet. */
export class PendingResponse {
  readonly data = new ByteQueue();
  ending: Ending | undefined;
}

/** What the sender needs of a stream. */
export interface SendingStream {
  readonly id: number;
  /** What the client still takes on this stream; negative after it shrank its window. */
  sendWindow: number;
  headersSent: boolean;
  pending: PendingResponse | undefined;
  /** Some of the pending bytes were sent. */
  pendingShrank(): void;
  /** The last frame is in the output. */
  responseSent(): void;
}

const NO_TRAILERS: Trailers = [];

/**
 * Sends responses on one connection within the client's windows. What fits goes straight into
 * the output; the rest waits, stream by stream, and is sent in turns of one frame each when
 * windows open or the socket drains.
 */
export class Sender {
  readonly headers = new ResponseHeaders();
  /** What the client still takes on the connection as a whole. */
  connectionWindow = WINDOW_BYTES_DEFAULT;
  /** Response bytes that wait, over all streams. */
  queuedBytes = 0;
  readonly #output: Output;
  readonly #pings: PingPolicy;
  readonly #held: HeldBytes;
  /** Streams with something to send that, as far as is known, their own window allows. */
  readonly #ready = new Set<SendingStream>();

  constructor(output: Output, pings: PingPolicy, held: HeldBytes) {
    this.#output = output;
    this.#pings = pings;
    this.#held = held;
  }

  #queued(bytes: number): void {
    this.queuedBytes += bytes;
    this.#held.total += bytes;
  }

  /** A whole successful response with one message. */
  answer(stream: SendingStream, message: Uint8Array): void {
    const dataBytes = message.length + MESSAGE_PREFIX_BYTES;
    if (
      dataBytes > FRAME_BYTES_MAX ||
      dataBytes > stream.sendWindow ||
      dataBytes > this.connectionWindow ||
      this.#output.blocked
    ) {
      this.message(stream, message);
      this.end(stream, GrpcCode.ok, "", NO_TRAILERS);
      return;
    }
    this.connectionWindow -= dataBytes;
    this.#pings.forgiven = true;
    const started = this.headers.started();
    const endedOk = this.headers.endedOk();
    const output = this.#output;
    const { id } = stream;
    output.reserve(3 * FRAME_HEADER_BYTES + started.length + dataBytes + endedOk.length);
    const { buffer } = output;
    let at = putFrame(buffer, output.position, FRAME_HEADERS, FLAG_END_HEADERS, id, started);
    at = putFrameHeader(buffer, at, dataBytes, FRAME_DATA, 0, id);
    buffer[at] = 0;
    at = putUint32(buffer, at + 1, message.length);
    at = putBytes(buffer, at, message);
    const endFlags = FLAG_END_HEADERS | FLAG_END_STREAM;
    output.position = putFrame(buffer, at, FRAME_HEADERS, endFlags, id, endedOk);
    stream.headersSent = true;
    stream.responseSent();
  }

  /** The same with a long message in pages, which the queue takes over without a copy. */
  answerPages(stream: SendingStream, length: number, pages: readonly Uint8Array[]): void {
    this.#start(stream);
    stream.pending ??= new PendingResponse();
    const { data } = stream.pending;
    const before = data.bytes;
    data.appendPrefix(length);
    for (const page of pages) data.appendGiven(page);
    this.#queued(data.bytes - before);
    this.end(stream, GrpcCode.ok, "", NO_TRAILERS);
    if (stream.sendWindow > 0) this.#ready.add(stream);
    this.pump();
  }

  /** Messages in pieces, which the queue keeps as they are until they have left. */
  lend(stream: SendingStream, messages: readonly (readonly Uint8Array[])[]): void {
    this.#start(stream);
    stream.pending ??= new PendingResponse();
    const { data } = stream.pending;
    const before = data.bytes;
    const prefixes = Buffer.alloc(messages.length * MESSAGE_PREFIX_BYTES);
    messages.forEach((pieces, index) => {
      const prefix = prefixes
        .subarray(index * MESSAGE_PREFIX_BYTES)
        .subarray(0, MESSAGE_PREFIX_BYTES);
      data.appendOwned(prefix);
      const start = data.bytes;
      for (const piece of pieces) data.appendOwned(piece);
      putUint32(prefix, 1, data.bytes - start);
    });
    this.#queued(data.bytes - before);
    if (stream.sendWindow > 0) this.#ready.add(stream);
    this.pump();
  }

  #start(stream: SendingStream): void {
    if (stream.headersSent) return;
    stream.headersSent = true;
    this.#headerFrames(stream.id, this.headers.started(), 0);
  }

  /** One message of a response; headers go first where they have not been sent. */
  message(stream: SendingStream, message: Uint8Array): void {
    this.#start(stream);
    const sent = stream.pending === undefined ? this.#sendNow(stream, message) : -1;
    if (sent === message.length) return;
    this.#queue(stream, message, sent);
  }

  /** Ends a response, behind what is pending. */
  end(stream: SendingStream, code: number, message: string, trailers: Trailers): void {
    if (stream.pending !== undefined) {
      stream.pending.ending = { code, message, trailers };
      return;
    }
    this.#finish(stream, code, message, trailers);
  }

  /** Headers and trailers in one, for a request that never became a stream. */
  refuse(streamId: number, httpStatus: number, ending: Ending): void {
    const { code, message, trailers } = ending;
    const block = this.headers.trailersOnly(httpStatus, code, message, trailers);
    this.#headerFrames(streamId, block, FLAG_END_STREAM);
  }

  /** Forgets what a stream has pending. */
  drop(stream: SendingStream): void {
    this.#ready.delete(stream);
    if (stream.pending === undefined) return;
    this.#queued(-stream.pending.data.bytes);
    stream.pending.data.clear();
    stream.pending = undefined;
  }

  /** The client takes more of this stream; false when its window overflows. */
  widen(stream: SendingStream, bytes: number): boolean {
    stream.sendWindow += bytes;
    if (stream.sendWindow > WINDOW_BYTES_MAX) return false;
    if (stream.pending !== undefined) this.#ready.add(stream);
    return true;
  }

  /** The client takes more on the connection; false when its window overflows. */
  widenConnection(bytes: number): boolean {
    this.connectionWindow += bytes;
    return this.connectionWindow <= WINDOW_BYTES_MAX;
  }

  /**
   * Sends pending data as far as windows and socket allow. A stream that sent one frame goes to
   * the end of the set and so is met again in the same loop.
   */
  pump(): void {
    for (const stream of this.#ready) {
      if (this.connectionWindow <= 0 || this.#output.blocked) return;
      this.#ready.delete(stream);
      const { pending } = stream;
      if (pending === undefined || stream.sendWindow <= 0) continue;
      this.#sendPending(stream, pending);
      if (pending.data.bytes > 0) {
        if (stream.sendWindow > 0) this.#ready.add(stream);
        stream.pendingShrank();
        continue;
      }
      stream.pending = undefined;
      const { ending } = pending;
      if (ending === undefined) stream.pendingShrank();
      else this.#finish(stream, ending.code, ending.message, ending.trailers);
    }
  }

  /** Sends what windows and socket take at once; -1 when not even the prefix was sent. */
  #sendNow(stream: SendingStream, message: Uint8Array): number {
    const { length } = message;
    let sent = -1;
    while (sent < length && !this.#output.blocked) {
      const room = Math.min(FRAME_BYTES_MAX, stream.sendWindow, this.connectionWindow);
      const prefix = sent < 0 ? MESSAGE_PREFIX_BYTES : 0;
      if (room <= 0 || room < prefix) break;
      const from = Math.max(0, sent);
      const count = Math.min(room - prefix, length - from);
      const left = length - from + FRAME_HEADER_BYTES + MESSAGE_PREFIX_BYTES;
      this.#reserveBurst(count + prefix + FRAME_HEADER_BYTES, left);
      let at = this.#dataHeader(stream, count + prefix);
      const { buffer } = this.#output;
      if (prefix > 0) {
        buffer[at] = 0;
        at = putUint32(buffer, at + 1, length);
      }
      const whole = from === 0 && count === length;
      this.#output.position = putBytes(
        buffer,
        at,
        whole ? message : message.subarray(from, from + count),
      );
      sent = from + count;
      if (length === 0) break;
    }
    return sent;
  }

  /** Room for a frame; a long message asks for more, so that its frames leave together. */
  #reserveBurst(frameBytes: number, messageBytes: number): void {
    const output = this.#output;
    if (messageBytes > FRAME_BYTES_MAX && output.buffer.length - output.position < frameBytes) {
      const overhead = Math.ceil(messageBytes / FRAME_BYTES_MAX) * FRAME_HEADER_BYTES;
      output.reserve(Math.min(BURST_BYTES, messageBytes + overhead));
    } else {
      output.reserve(frameBytes);
    }
  }

  #dataHeader(stream: SendingStream, bytes: number): number {
    stream.sendWindow -= bytes;
    this.connectionWindow -= bytes;
    this.#pings.forgiven = true;
    return putFrameHeader(
      this.#output.buffer,
      this.#output.position,
      bytes,
      FRAME_DATA,
      0,
      stream.id,
    );
  }

  /** Copies what was not sent; `sent` counts message bytes, -1 stands for before the prefix. */
  #queue(stream: SendingStream, message: Uint8Array, sent: number): void {
    stream.pending ??= new PendingResponse();
    const { data } = stream.pending;
    const before = data.bytes;
    if (sent < 0) data.appendPrefix(message.length);
    data.append(message, Math.max(0, sent), message.length);
    this.#queued(data.bytes - before);
    if (stream.sendWindow > 0) this.#ready.add(stream);
  }

  /** One frame of what is pending. */
  #sendPending(stream: SendingStream, { data }: PendingResponse): void {
    const room = Math.min(FRAME_BYTES_MAX, stream.sendWindow, this.connectionWindow);
    const count = Math.min(room, data.bytes);
    const left = Math.min(data.bytes, stream.sendWindow, this.connectionWindow);
    this.#reserveBurst(count + FRAME_HEADER_BYTES, left + FRAME_HEADER_BYTES);
    const at = this.#dataHeader(stream, count);
    data.take(this.#output.buffer, at, count);
    this.#output.position = at + count;
    this.#queued(-count);
  }

  #finish(stream: SendingStream, code: number, message: string, trailers: Trailers): void {
    const { id, headersSent } = stream;
    if (code === GrpcCode.ok) {
      if (!headersSent) this.#headerFrames(id, this.headers.started(), 0);
      this.#headerFrames(id, this.headers.endedOk(), FLAG_END_STREAM);
    } else {
      const block = headersSent
        ? this.headers.trailers(code, message, trailers)
        : this.headers.trailersOnly(200, code, message, trailers);
      this.#headerFrames(id, block, FLAG_END_STREAM);
    }
    stream.headersSent = true;
    stream.responseSent();
  }

  /** A header block in as many frames as it needs. */
  #headerFrames(streamId: number, block: Uint8Array, flags: number): void {
    this.#pings.forgiven = true;
    let type = FRAME_HEADERS;
    let start = 0;
    let first = flags;
    do {
      const end = Math.min(block.length, start + FRAME_BYTES_MAX);
      const last = end === block.length ? FLAG_END_HEADERS : 0;
      const part = start === 0 && last !== 0 ? block : block.subarray(start, end);
      this.#output.frame(type, first | last, streamId, part);
      type = FRAME_CONTINUATION;
      first = 0;
      start = end;
    } while (start < block.length);
  }
}

function putFrame(
  target: Buffer,
  at: number,
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array,
): number {
  const start = putFrameHeader(target, at, payload.length, type, flags, streamId);
  return putBytes(target, start, payload);
}

function putBytes(target: Buffer, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (length > SHORT_COPY_BYTES) {
    target.set(bytes, at);
    return at + length;
  }
  for (let index = 0; index < length; index++) target[at + index] = bytes[index] ?? 0;
  return at + length;
}
