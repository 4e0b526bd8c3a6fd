// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import { GrpcCode } from "../api/rpc-errors.ts";
import { HpackDecoder } from "../base/hpack/hpack-decoder.ts";
import {
  encodeFrame,
  encodeSettings,
  encodeUint32,
  type Frame,
  FrameFlag,
  FrameReader,
  FrameType,
  Setting,
} from "./frame.ts";
import type { PlainAnswer } from "./plain-answer.ts";
import { PlainCall } from "./plain-call.ts";

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_BYTES_MAX = 16_384;
const HEADER_LIST_BYTES_MAX = 64 * 1024;
const WINDOW_DEFAULT = 65_535;
const WINDOW_MAX = 2 ** 31 - 1;
// What has been read is given back to the peer in portions of this size.
const WINDOW_PORTION = 2 ** 30;
const STREAM_ID_MAX = 2 ** 31 - 1;
/** Read at a time, into memory that is used again and again. */
const READ_BYTES = 256 * 1024;

export interface SocketEvents {
  /** The peer has introduced itself. */
  onReady(): void;
  /** The connection takes no more calls; the reason of its end, if there is one. */
  onEnd(error: Error | undefined): void;
}

/** One HTTP/2 connection without TLS that carries calls with one request. */
export class PlainSocket {
  readonly #socket: Socket;
  readonly #events: SocketEvents;
  readonly #reader = new FrameReader(FRAME_BYTES_MAX);
  readonly #decoder = new HpackDecoder(HEADER_LIST_BYTES_MAX);
  readonly #calls = new Map<number, PlainCall>();
  #ready = false;
  #ended = false;
  #draining = false;
  #error: Error | undefined;
  #nextStream = 1;
  #sendWindow = WINDOW_DEFAULT;
  #streamWindow = WINDOW_DEFAULT;
  #frameBytesMax = FRAME_BYTES_MAX;
  #unacknowledged = 0;
  #block: { stream: number; flags: number; readonly parts: Buffer[] } | undefined;
  #onPong: (() => void) | undefined;

  constructor(
    address: { readonly host: string; readonly port: number } | string,
    events: SocketEvents,
  ) {
    this.#events = events;
    const where = typeof address === "string" ? { path: address } : address;
    const room = Buffer.allocUnsafeSlow(READ_BYTES);
    const callback = (bytes: number): boolean => {
      this.#read(room.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ ...where, onread: { buffer: room, callback } });
    this.#socket.setNoDelay(true);
    this.#socket.on("error", (error) => {
      this.#error = error;
    });
    this.#socket.on("close", () => this.#close());
    this.#socket.write(PREFACE);
    this.#socket.write(
      encodeSettings([
        [Setting.enablePush, 0],
        [Setting.initialWindow, WINDOW_MAX],
      ]),
    );
    this.#socket.write(windowUpdate(0, WINDOW_MAX - WINDOW_DEFAULT));
  }

  /** Whether another call may begin here. */
  get open(): boolean {
    return this.#ready && !this.#ended && !this.#draining;
  }

  /** Calls that wait for their answers. */
  get busy(): boolean {
    return this.#calls.size > 0;
  }

  /** Sends a request; `stop` of the answer gives it up. */
  call(
    fields: Buffer,
    message: Uint8Array,
    answer: PlainAnswer,
  ): { readonly call: PlainCall; readonly stop: () => void } {
    const call = new PlainCall(message, this.#streamWindow, answer);
    const stream = this.#nextStream;
    this.#nextStream += 2;
    if (this.#nextStream > STREAM_ID_MAX) this.#drain();
    this.#calls.set(stream, call);
    this.#socket.cork();
    this.#socket.write(encodeFrame(FrameType.headers, FrameFlag.endHeaders, stream, fields));
    this.#send(stream, call);
    this.#socket.uncork();
    return { call, stop: () => this.#reset(stream) };
  }

  /** Asks the peer for a sign of life. */
  ping(onPong: () => void): void {
    this.#onPong = onPong;
    this.#socket.write(encodeFrame(FrameType.ping, 0, 0, Buffer.alloc(8)));
  }

  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  /** Sends as much of a request as the peer's windows allow. */
  #send(stream: number, call: PlainCall): void {
    while (call.sent < call.body.length) {
      const left = call.body.length - call.sent;
      const size = Math.min(left, this.#frameBytesMax, call.sendWindow, this.#sendWindow);
      if (size <= 0) return;
      const last = size === left;
      const part = call.body.subarray(call.sent, call.sent + size);
      call.sent += size;
      call.sendWindow -= size;
      this.#sendWindow -= size;
      this.#socket.write(encodeFrame(FrameType.data, last ? FrameFlag.endStream : 0, stream, part));
    }
  }

  #reset(stream: number): void {
    if (!this.#calls.delete(stream) || this.#ended) return;
    const CANCEL = 8;
    this.#socket.write(encodeFrame(FrameType.resetStream, 0, stream, encodeUint32(CANCEL)));
  }

  #read(chunk: Buffer): void {
    const frames = this.#reader.take(chunk);
    if (frames === undefined) return this.destroy(new Error("the peer sent too large a frame"));
    try {
      for (const frame of frames) this.#frame(frame);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #frame(frame: Frame): void {
    switch (frame.type) {
      case FrameType.settings:
        return this.#settings(frame);
      case FrameType.windowUpdate:
        return this.#window(frame);
      case FrameType.ping:
        return this.#ping(frame);
      case FrameType.headers:
      case FrameType.continuation:
        return this.#headers(frame);
      case FrameType.data:
        return this.#data(frame);
      case FrameType.resetStream:
        return this.#streamReset(frame);
      case FrameType.goAway:
        return this.#goAway(frame);
    }
  }

  #settings({ flags, body }: Frame): void {
    if ((flags & FrameFlag.ack) !== 0) return;
    for (let at = 0; at + 6 <= body.length; at += 6) {
      const [id, value] = [body.readUInt16BE(at), body.readUInt32BE(at + 2)];
      if (id === Setting.frameBytesMax) this.#frameBytesMax = value;
      if (id === Setting.initialWindow) {
        for (const call of this.#calls.values()) call.sendWindow += value - this.#streamWindow;
        this.#streamWindow = value;
      }
    }
    this.#socket.write(encodeFrame(FrameType.settings, FrameFlag.ack, 0, Buffer.alloc(0)));
    if (!this.#ready) {
      this.#ready = true;
      this.#events.onReady();
    }
    this.#pump();
  }

  #window({ stream, body }: Frame): void {
    const more = body.readUInt32BE(0) & WINDOW_MAX;
    const call = this.#calls.get(stream);
    if (stream === 0) this.#sendWindow += more;
    else if (call !== undefined) call.sendWindow += more;
    this.#pump();
  }

  #pump(): void {
    for (const [stream, call] of this.#calls) this.#send(stream, call);
  }

  #ping({ flags, body }: Frame): void {
    if ((flags & FrameFlag.ack) !== 0) this.#onPong?.();
    else this.#socket.write(encodeFrame(FrameType.ping, FrameFlag.ack, 0, body));
  }

  #headers({ type, stream, flags, body }: Frame): void {
    const part = type === FrameType.headers ? headerPart(flags, body) : body;
    if (type === FrameType.headers) this.#block = { stream, flags, parts: [] };
    const block = this.#block;
    if (block === undefined || block.stream !== stream) throw new Error("a stray continuation");
    block.parts.push(Buffer.from(part));
    const size = block.parts.reduce((sum, { length }) => sum + length, 0);
    if (size > HEADER_LIST_BYTES_MAX) throw new Error("the peer sent too many headers");
    if ((flags & FrameFlag.endHeaders) === 0) return;
    this.#block = undefined;
    const bytes = Buffer.concat(block.parts);
    const fields = this.#decoder.decode(bytes, 0, bytes.length);
    const call = this.#calls.get(stream);
    call?.headers(fields);
    if ((block.flags & FrameFlag.endStream) !== 0) this.#complete(stream);
  }

  #data({ stream, flags, body }: Frame): void {
    const padding = (flags & FrameFlag.padded) === 0 ? 0 : (body[0] ?? 0) + 1;
    const start = padding === 0 ? 0 : 1;
    const part = body.subarray(start, body.length - (padding - start));
    const call = this.#calls.get(stream);
    const fits = call?.data(part) ?? true;
    if (call !== undefined && call.received >= WINDOW_PORTION) {
      this.#socket.write(windowUpdate(stream, call.received));
      call.received = 0;
    }
    this.#unacknowledged += body.length;
    if (this.#unacknowledged >= WINDOW_PORTION) {
      this.#socket.write(windowUpdate(0, this.#unacknowledged));
      this.#unacknowledged = 0;
    }
    if (!fits) this.#reset(stream);
    else if ((flags & FrameFlag.endStream) !== 0) this.#complete(stream);
  }

  #complete(stream: number): void {
    const call = this.#calls.get(stream);
    // An answer may come before the whole request has left, which is then not wanted any more.
    if (call !== undefined && call.sent < call.body.length) this.#reset(stream);
    this.#calls.delete(stream);
    call?.complete();
    this.#closeWhenDrained();
  }

  #streamReset({ stream, body }: Frame): void {
    const call = this.#calls.get(stream);
    this.#calls.delete(stream);
    const reason = body.readUInt32BE(0);
    const REFUSED_STREAM = 7;
    if (reason === REFUSED_STREAM) call?.unsent();
    else call?.fail(codeOfReset(reason), `Received RST_STREAM with code ${reason}`);
    this.#closeWhenDrained();
  }

  /** What the peer has not begun can go elsewhere; the rest is answered first. */
  #goAway({ body }: Frame): void {
    const last = body.readUInt32BE(0) & WINDOW_MAX;
    for (const [stream, call] of this.#calls) {
      if (stream <= last) continue;
      this.#calls.delete(stream);
      call.unsent();
    }
    this.#drain();
    this.#closeWhenDrained();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    if (!this.#ended) this.#events.onEnd(undefined);
  }

  #closeWhenDrained(): void {
    if (this.#draining && this.#calls.size === 0) this.#socket.end();
  }

  #close(): void {
    this.#ended = true;
    for (const call of this.#calls.values()) {
      call.fail(GrpcCode.unavailable, "Connection dropped");
    }
    this.#calls.clear();
    if (!this.#draining) this.#events.onEnd(this.#error);
  }
}

function windowUpdate(stream: number, more: number): Buffer {
  return encodeFrame(FrameType.windowUpdate, 0, stream, encodeUint32(more));
}

/** The header block without padding and priority. */
function headerPart(flags: number, body: Buffer): Buffer {
  const padded = (flags & FrameFlag.padded) !== 0;
  const start = (padded ? 1 : 0) + ((flags & FrameFlag.priority) !== 0 ? 5 : 0);
  return body.subarray(start, body.length - (padded ? (body[0] ?? 0) : 0));
}

function codeOfReset(reason: number): number {
  const codes: Readonly<Record<number, number>> = {
    8: GrpcCode.canceled,
    11: GrpcCode.resourceExhausted,
    12: GrpcCode.permissionDenied,
  };
  return codes[reason] ?? GrpcCode.internal;
}
