// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { Clock } from "../../base/contracts/clock.ts";
import type { DeadlineWheel } from "./deadline-wheel.ts";
import { FloodGuard } from "./flood-guard.ts";
import { type FrameSink, FrameSplitter } from "./frame-splitter.ts";
import {
  clientPreface,
  ErrorCode,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PUSH_PROMISE,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  putUint32,
  uint31At,
  WINDOW_BYTES_DEFAULT,
} from "./frames.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import { type KeepaliveTarget, KeepaliveTimer } from "./keepalive-timer.ts";
import type { H2Limits, KeepaliveOptions } from "./limits.ts";
import { MessageStream } from "./message-stream.ts";
import type { MethodTable } from "./method-table.ts";
import { Output, type OutputShare } from "./output.ts";
import { ownSettings, readSettings } from "./peer-settings.ts";
import { PingPolicy } from "./ping-policy.ts";
import type { RequestHead } from "./request-head.ts";
import { Sender } from "./sender.ts";
import type { ServerStream, StreamHost } from "./server-stream.ts";
import { UnaryStream } from "./unary-stream.ts";

/** What the connections of an endpoint share. */
export interface ConnectionShare {
  readonly methods: MethodTable;
  readonly limits: H2Limits;
  readonly keepalive: KeepaliveOptions;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly output: OutputShare;
  streamOpened(): void;
  streamClosed(): void;
  /** The client broke the protocol; the connection is being closed with this code. */
  protocolError(peerAddress: string, code: ErrorCode, reason: string): void;
  connectionClosed(connection: Connection): void;
}

const NO_BYTES = Buffer.alloc(0);
const STREAM_ID_MAX = 0x7fff_ffff;
const PING_BYTES = 8;
const PRIORITY_BYTES = 5;
/** Payloads of our own pings; the client's answers tell them apart. */
const keepalivePing = Buffer.from("etcdx ka", "latin1");
const drainPing = Buffer.from("etcdx dr", "latin1");

/**
 * One HTTP/2 connection of a gRPC client: understands its frames, keeps its streams and windows,
 * and judges what it does against the limits.
 */
export class Connection implements FrameSink, StreamHost, KeepaliveTarget {
  readonly peerAddress: string;
  readonly limits: H2Limits;
  readonly sender: Sender;
  lastHeardMs: number;
  greeted = false;
  readonly #socket: Socket;
  readonly #share: ConnectionShare;
  readonly #output: Output;
  readonly #splitter = new FrameSplitter(this);
  readonly #headers: HeaderBlocks;
  readonly #guard: FloodGuard;
  readonly #pings: PingPolicy;
  readonly #keepaliveTimer: KeepaliveTimer;
  readonly #streams = new Map<number, ServerStream>();
  /** Bytes of the preface that have been seen. */
  #prefaceSeen = 0;
  #lastStreamId = 0;
  #receiveWindow: number;
  #unacknowledged = 0;
  #initialSendWindow = WINDOW_BYTES_DEFAULT;
  #assemblyBytes = 0;
  /** The stream whose header block goes on in CONTINUATION frames; 0: none. */
  #continued = 0;
  #continuedEndStream = false;
  #draining = false;
  /** New streams are not served any more. */
  #refusing = false;
  /** Nothing of what arrives is looked at any more. */
  #deaf = false;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, share: ConnectionShare, peerAddress: string) {
    this.#socket = socket;
    this.#share = share;
    this.peerAddress = peerAddress;
    this.limits = share.limits;
    this.#receiveWindow = share.limits.connectionWindowBytes;
    this.#headers = new HeaderBlocks(share.methods, share.limits);
    this.#guard = new FloodGuard(share.limits);
    this.#pings = new PingPolicy(share.keepalive);
    this.#output = new Output(socket, share.output, () => this.#socket.pause());
    this.sender = new Sender(this.#output, this.#pings);
    this.lastHeardMs = share.clock.monotonicMs();
    this.#keepaliveTimer = new KeepaliveTimer(this, share.clock, share.limits, share.keepalive);
  }

  /** Greets the client and starts to read; `firstBytes` were taken from the socket before. */
  start(firstBytes: Buffer | undefined): void {
    const { limits } = this;
    this.#output.frame(FRAME_SETTINGS, 0, 0, ownSettings(limits));
    const extra = limits.connectionWindowBytes - WINDOW_BYTES_DEFAULT;
    if (extra > 0) this.#output.number(FRAME_WINDOW_UPDATE, 0, extra);
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#socketEnded());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#closed());
    if (firstBytes !== undefined && firstBytes.length > 0) this.#received(firstBytes);
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  #received(chunk: Buffer): void {
    if (this.#deaf) return;
    this.lastHeardMs = this.#share.clock.monotonicMs();
    const held = this.#output.hold();
    if (this.#prefaceSeen === clientPreface.length) this.#splitter.push(chunk, 0);
    else this.#preface(chunk);
    this.#output.release(held);
  }

  #preface(chunk: Buffer): void {
    const wanted = clientPreface.length - this.#prefaceSeen;
    const part = chunk.subarray(0, wanted);
    const expected = clientPreface.subarray(this.#prefaceSeen, this.#prefaceSeen + part.length);
    if (!part.equals(expected)) {
      this.#abort(ErrorCode.protocolError, "not the HTTP/2 preface");
      return;
    }
    this.#prefaceSeen += part.length;
    if (chunk.length > part.length) this.#splitter.push(chunk, part.length);
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
    if (this.#continued !== 0 && (type !== FRAME_CONTINUATION || id !== this.#continued)) {
      return this.#abort(ErrorCode.protocolError, "a header block is not finished");
    }
    if (type === FRAME_DATA) return this.#onData(flags, id, bytes, start, end);
    if (type === FRAME_HEADERS) return this.#onHeaders(flags, id, bytes, start, end);
    if (type === FRAME_SETTINGS) return this.#onSettings(flags, id, bytes, start, end);
    if (!this.greeted) return this.#abort(ErrorCode.protocolError, "SETTINGS have to come first");
    switch (type) {
      case FRAME_WINDOW_UPDATE:
        return this.#onWindowUpdate(id, bytes, start, end);
      case FRAME_RST_STREAM:
        return this.#onReset(id, end - start);
      case FRAME_PING:
        return this.#onPing(flags, id, bytes, start, end);
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

  #onData(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (id > this.#lastStreamId || id === 0) {
      return this.#abort(ErrorCode.protocolError, `DATA on idle stream ${id}`);
    }
    const size = to - from;
    let start = from;
    let end = to;
    if ((flags & FLAG_PADDED) !== 0) {
      end -= bytes[start++] ?? 0;
      if (size === 0 || end < start) return this.#abort(ErrorCode.protocolError, "bad padding");
    }
    if (!this.#countReceived(size)) return false;
    const stream = this.#streams.get(id);
    if (stream === undefined) return this.#idleFrame();
    if (stream.clientDone) {
      this.#resetStream(stream, ErrorCode.streamClosed);
      return this.#countReset();
    }
    stream.receiveWindow -= size;
    if (stream.receiveWindow < 0) {
      this.#resetStream(stream, ErrorCode.flowControlError);
      return this.#countReset();
    }
    const last = (flags & FLAG_END_STREAM) !== 0;
    if (last) stream.clientDone = true;
    else if (end === start && !this.#idleFrame()) return false;
    if (size > end - start) this.consumed(stream, size - (end - start));
    stream.receive(bytes, start, end);
    return !this.#deaf;
  }

  /**
   * Counts against the connection's window and gives it back at once: what a stream may hold is
   * bounded by its own window, and one that is slow must not stop the others.
   */
  #countReceived(size: number): boolean {
    this.#receiveWindow -= size;
    if (this.#receiveWindow < 0) {
      return this.#abort(ErrorCode.flowControlError, "more data than the connection's window");
    }
    this.#unacknowledged += size;
    if (this.#unacknowledged >= this.limits.connectionWindowBytes / 2) {
      this.#output.number(FRAME_WINDOW_UPDATE, 0, this.#unacknowledged);
      this.#receiveWindow += this.#unacknowledged;
      this.#unacknowledged = 0;
    }
    return true;
  }

  consumed(stream: ServerStream, bytes: number): void {
    stream.unacknowledged += bytes;
    if (stream.clientDone || stream.unacknowledged < this.limits.streamWindowBytes / 2) return;
    this.#output.number(FRAME_WINDOW_UPDATE, stream.id, stream.unacknowledged);
    stream.receiveWindow += stream.unacknowledged;
    stream.unacknowledged = 0;
  }

  assemblyGrew(bytes: number): boolean {
    if (bytes > 0 && this.#assemblyBytes + bytes > this.limits.assemblyBytesMax) return false;
    this.#assemblyBytes += bytes;
    return true;
  }

  #onHeaders(flags: number, id: number, bytes: Buffer, from: number, to: number): boolean {
    if (!this.greeted) return this.#abort(ErrorCode.protocolError, "SETTINGS have to come first");
    if ((id & 1) === 0) return this.#abort(ErrorCode.protocolError, `HEADERS on stream ${id}`);
    let start = from;
    let end = to;
    if ((flags & FLAG_PADDED) !== 0) end -= bytes[start++] ?? 0;
    if ((flags & FLAG_PRIORITY) !== 0) start += PRIORITY_BYTES;
    if (end < start) return this.#abort(ErrorCode.protocolError, "bad padding");
    const endStream = (flags & FLAG_END_STREAM) !== 0;
    if ((flags & FLAG_END_HEADERS) === 0) {
      this.#continued = id;
      this.#continuedEndStream = endStream;
      return this.#collect(bytes, start, end);
    }
    const head = this.#headers.decode(bytes, start, end);
    if (head === undefined) return this.#abort(ErrorCode.compressionError, "bad header block");
    return this.#onHead(id, endStream, head);
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
    const head = this.#headers.finishCollected();
    if (head === undefined) return this.#abort(ErrorCode.compressionError, "bad header block");
    return this.#onHead(id, this.#continuedEndStream, head);
  }

  #onHead(id: number, endStream: boolean, head: RequestHead): boolean {
    if (id <= this.#lastStreamId) return this.#onTrailers(id, endStream);
    this.#lastStreamId = id;
    if (this.#refusing) return true;
    const { refusal } = head;
    if (refusal?.kind === "reset") {
      this.#output.number(FRAME_RST_STREAM, id, refusal.code);
      return this.#countReset();
    }
    if (
      this.#streams.size >= this.limits.maxConcurrentStreams ||
      this.sender.queuedBytes > this.limits.connectionQueueBytesMax
    ) {
      this.#output.number(FRAME_RST_STREAM, id, ErrorCode.refusedStream);
      return this.#countReset();
    }
    if (refusal !== undefined) {
      const { httpStatus, code, message } = refusal;
      const trailers = refusal.acceptEncoding ? acceptGzip : [];
      this.sender.refuse(id, httpStatus, { code, message, trailers });
      if (!endStream) this.#output.number(FRAME_RST_STREAM, id, ErrorCode.noError);
      return true;
    }
    this.#open(id, endStream, head);
    return !this.#deaf;
  }

  /** Headers on a stream that is open end the request; on any other they are an error. */
  #onTrailers(id: number, endStream: boolean): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.clientDone) {
      return this.#abort(ErrorCode.streamClosed, `HEADERS on closed stream ${id}`);
    }
    if (!endStream) {
      this.#resetStream(stream, ErrorCode.protocolError);
      return this.#countReset();
    }
    stream.clientDone = true;
    stream.receive(NO_BYTES, 0, 0);
    return !this.#deaf;
  }

  #open(id: number, endStream: boolean, head: RequestHead): void {
    const { entry, timeoutMs } = head;
    if (entry === undefined) return;
    const { method, counters } = entry;
    const deadlineMs = timeoutMs < 0 ? undefined : this.lastHeardMs + timeoutMs;
    const window = this.#initialSendWindow;
    const stream =
      method.kind === "unary"
        ? new UnaryStream(this, id, head, counters, deadlineMs, window, method.handler)
        : new MessageStream(this, id, head, counters, deadlineMs, window);
    this.#streams.set(id, stream);
    this.#share.streamOpened();
    stream.clientDone = endStream;
    if (deadlineMs !== undefined) {
      if (timeoutMs === 0) {
        stream.deadlineReached();
        return;
      }
      this.#share.wheel.add(stream, this.lastHeardMs);
    }
    if (stream instanceof MessageStream && method.kind === "stream") stream.open(method.handler);
    if (endStream && !stream.ended) stream.receive(NO_BYTES, 0, 0);
  }

  streamDone(stream: ServerStream): void {
    if (!this.#streams.delete(stream.id)) return;
    if (!stream.clientDone) this.#output.number(FRAME_RST_STREAM, stream.id, ErrorCode.noError);
    this.#forget(stream);
  }

  #forget(stream: ServerStream): void {
    this.#streams.delete(stream.id);
    if (stream.wheelSlot >= 0) this.#share.wheel.remove(stream);
    this.#share.streamClosed();
    if (this.#refusing && this.#streams.size === 0) this.#end();
  }

  #resetStream(stream: ServerStream, code: ErrorCode): void {
    this.#output.number(FRAME_RST_STREAM, stream.id, code);
    this.#forget(stream);
    stream.cancel("cancelled");
  }

  #countReset(): boolean {
    if (this.#guard.reset(this.lastHeardMs)) return !this.#deaf;
    return this.#abort(ErrorCode.enhanceYourCalm, "too many reset streams");
  }

  #idleFrame(): boolean {
    if (this.#guard.idleFrame(this.lastHeardMs)) return true;
    return this.#abort(ErrorCode.enhanceYourCalm, "too many frames without effect");
  }

  #onReset(id: number, size: number): boolean {
    if (size !== 4) return this.#abort(ErrorCode.frameSizeError, "RST_STREAM of a wrong size");
    if (id === 0 || id > this.#lastStreamId) {
      return this.#abort(ErrorCode.protocolError, `RST_STREAM on idle stream ${id}`);
    }
    const stream = this.#streams.get(id);
    if (stream !== undefined) {
      this.#forget(stream);
      stream.cancel("cancelled");
    }
    return this.#countReset();
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
    if (id > this.#lastStreamId) {
      return this.#abort(ErrorCode.protocolError, `WINDOW_UPDATE on idle stream ${id}`);
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return true;
    if (increment === 0 || !this.sender.widen(stream, increment)) {
      const code = increment === 0 ? ErrorCode.protocolError : ErrorCode.flowControlError;
      this.#resetStream(stream, code);
      return this.#countReset();
    }
    this.sender.pump();
    return !this.#deaf;
  }

  #widenConnection(increment: number): boolean {
    if (increment === 0) return this.#abort(ErrorCode.protocolError, "WINDOW_UPDATE of 0");
    if (!this.sender.widenConnection(increment)) {
      return this.#abort(ErrorCode.flowControlError, "the connection's window overflows");
    }
    this.sender.pump();
    return !this.#deaf;
  }

  #onSettings(flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (id !== 0) return this.#abort(ErrorCode.protocolError, "SETTINGS on a stream");
    if ((flags & FLAG_ACK) !== 0) {
      if (end > start) return this.#abort(ErrorCode.frameSizeError, "SETTINGS ack with payload");
      if (!this.greeted) return this.#abort(ErrorCode.protocolError, "SETTINGS have to come first");
      return this.#idleFrame();
    }
    if (!this.#guard.settings(this.lastHeardMs)) {
      return this.#abort(ErrorCode.enhanceYourCalm, "too many SETTINGS");
    }
    this.greeted = true;
    const settings = readSettings(bytes, start, end);
    if (typeof settings === "number") return this.#abort(settings, "bad SETTINGS");
    if (settings.headerTableBytes !== undefined) {
      this.sender.headers.peerTableBytes(settings.headerTableBytes);
    }
    this.#output.frame(FRAME_SETTINGS, FLAG_ACK, 0, NO_BYTES);
    if (settings.initialWindow === undefined) return true;
    return this.#changeInitialWindow(settings.initialWindow);
  }

  #changeInitialWindow(bytes: number): boolean {
    const change = bytes - this.#initialSendWindow;
    this.#initialSendWindow = bytes;
    for (const stream of this.#streams.values()) {
      if (!this.sender.widen(stream, change)) {
        return this.#abort(ErrorCode.flowControlError, "a stream's window overflows");
      }
    }
    this.sender.pump();
    return !this.#deaf;
  }

  #onPing(flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (id !== 0) return this.#abort(ErrorCode.protocolError, "PING on a stream");
    if (end - start !== PING_BYTES) {
      return this.#abort(ErrorCode.frameSizeError, "PING of a wrong size");
    }
    const payload = bytes.subarray(start, end);
    if ((flags & FLAG_ACK) !== 0) {
      if (this.#draining && payload.equals(drainPing)) this.#finishDrain();
      return this.#idleFrame();
    }
    this.#output.frame(FRAME_PING, FLAG_ACK, 0, payload);
    if (
      !this.#guard.ping(this.lastHeardMs) ||
      !this.#pings.ping(this.lastHeardMs, this.#streams.size)
    ) {
      return this.#abort(ErrorCode.enhanceYourCalm, "too_many_pings");
    }
    return true;
  }

  sendKeepalivePing(): void {
    this.#output.frame(FRAME_PING, 0, 0, keepalivePing);
  }

  keepaliveFailed(_reason: string): void {
    this.destroy();
  }

  /** The socket has taken everything: go on reading and sending. */
  #drained(): void {
    if (!this.#output.blocked) return;
    this.#output.blocked = false;
    const held = this.#output.hold();
    this.sender.pump();
    this.#output.release(held);
    if (!this.#output.blocked) this.#socket.resume();
  }

  /**
   * Ends the connection gracefully: announces it, waits until the client must have seen that (it
   * answers a ping), then serves what has begun and nothing new.
   */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#goAway(STREAM_ID_MAX, ErrorCode.noError, "");
    this.#output.frame(FRAME_PING, 0, 0, drainPing);
    this.#closeTimer = setTimeout(() => this.#finishDrain(), this.limits.drainPingTimeoutMs);
    this.#closeTimer.unref();
  }

  #finishDrain(): void {
    if (this.#refusing) return;
    clearTimeout(this.#closeTimer);
    this.#refusing = true;
    this.#goAway(this.#lastStreamId, ErrorCode.noError, "");
    if (this.#streams.size === 0) this.#end();
  }

  /** Says goodbye with an error and stops listening. Answers false, for those who go on if not. */
  #abort(code: ErrorCode, reason: string): false {
    if (this.#deaf) return false;
    this.#share.protocolError(this.peerAddress, code, reason);
    this.#goAway(this.#lastStreamId, code, reason);
    this.#end();
    return false;
  }

  #goAway(lastStreamId: number, code: ErrorCode, reason: string): void {
    const text = Buffer.from(reason, "latin1");
    const payload = Buffer.alloc(PING_BYTES + text.length);
    text.copy(payload, putUint32(payload, putUint32(payload, 0, lastStreamId), code));
    this.#output.frame(FRAME_GOAWAY, 0, 0, payload);
  }

  /** Closes behind what was sent. What still arrives is read and dropped, lest TCP resets. */
  #end(): void {
    this.#deaf = true;
    this.#output.flush();
    this.#cancelAll();
    this.#socket.resume();
    this.#socket.end();
    clearTimeout(this.#closeTimer);
    this.#closeTimer = setTimeout(() => this.destroy(), this.limits.closeTimeoutMs);
    this.#closeTimer.unref();
  }

  #socketEnded(): void {
    this.#deaf = true;
    this.#cancelAll();
    this.destroy();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #closed(): void {
    this.#deaf = true;
    clearTimeout(this.#closeTimer);
    this.#keepaliveTimer.close();
    this.#output.close();
    this.#cancelAll();
    this.#share.connectionClosed(this);
  }

  #cancelAll(): void {
    const streams = [...this.#streams.values()];
    for (const stream of streams) {
      this.#forget(stream);
      stream.cancel("connection-closed");
    }
  }
}

const acceptGzip = [["grpc-accept-encoding", "gzip"]] as const;
