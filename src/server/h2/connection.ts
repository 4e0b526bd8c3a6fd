// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { Clock } from "../../base/contracts/clock.ts";
import type { DeadlineWheel } from "./deadline-wheel.ts";
import { FloodGuard } from "./flood-guard.ts";
import { FrameHandler, type FrameHandlerParts } from "./frame-handler.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import {
  clientPreface,
  ErrorCode,
  FRAME_GOAWAY,
  FRAME_PING,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  putUint32,
  WINDOW_BYTES_DEFAULT,
} from "./frames.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import { type KeepaliveTarget, KeepaliveTimer } from "./keepalive-timer.ts";
import type { H2Limits, KeepaliveOptions } from "./limits.ts";
import type { MethodTable } from "./method-table.ts";
import { Output, type OutputShare } from "./output.ts";
import { ownSettings } from "./peer-settings.ts";
import { PingPolicy } from "./ping-policy.ts";
import { type HeldBytes, Sender } from "./sender.ts";
import { StreamTable } from "./stream-table.ts";

/** What the connections of an endpoint share. */
export interface ConnectionShare {
  readonly methods: MethodTable;
  readonly limits: H2Limits;
  readonly keepalive: KeepaliveOptions;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly output: OutputShare;
  readonly held: HeldBytes;
  streamOpened(): void;
  streamClosed(): void;
  /** The client broke the protocol; the connection is being closed with this code. */
  protocolError(peerAddress: string, code: ErrorCode, reason: string): void;
  connectionClosed(connection: Connection): void;
}

const STREAM_ID_MAX = 0x7fff_ffff;
const GOAWAY_BYTES = 8;
/** Payloads of our own pings; the client's answers tell them apart. */
const keepalivePing = Buffer.from("etcdx ka", "latin1");
const drainPing = Buffer.from("etcdx dr", "latin1");

/** One HTTP/2 connection of a gRPC client: its socket, its greeting, and how it ends. */
export class Connection implements KeepaliveTarget, FrameHandlerParts {
  readonly peerAddress: string;
  readonly limits: H2Limits;
  readonly output: Output;
  readonly sender: Sender;
  readonly streams: StreamTable;
  readonly headers: HeaderBlocks;
  readonly guard: FloodGuard;
  readonly pings: PingPolicy;
  /** Nothing of what arrives is looked at any more. */
  closing = false;
  readonly wheel: DeadlineWheel;
  readonly #socket: Socket;
  readonly #share: ConnectionShare;
  readonly #frames: FrameHandler;
  readonly #splitter: FrameSplitter;
  readonly #keepaliveTimer: KeepaliveTimer;
  #prefaceBytesSeen = 0;
  #draining = false;
  #closeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, share: ConnectionShare, peerAddress: string) {
    const { limits, keepalive, clock } = share;
    this.#socket = socket;
    this.#share = share;
    this.peerAddress = peerAddress;
    this.limits = limits;
    this.wheel = share.wheel;
    this.headers = new HeaderBlocks(share.methods, limits);
    this.guard = new FloodGuard(limits);
    this.pings = new PingPolicy(keepalive);
    this.output = new Output(socket, share.output, () => socket.pause());
    this.sender = new Sender(this.output, this.pings, share.held);
    this.streams = new StreamTable(this.output, this.sender, share.held, this);
    this.#frames = new FrameHandler(this);
    this.#frames.nowMs = clock.monotonicMs();
    this.#splitter = new FrameSplitter(this.#frames);
    this.#keepaliveTimer = new KeepaliveTimer(this, clock, limits, keepalive);
  }

  /** Greets the client and starts to read; `firstBytes` were taken from the socket before. */
  start(firstBytes: Buffer | undefined): void {
    const { limits } = this;
    this.output.frame(FRAME_SETTINGS, 0, 0, ownSettings(limits));
    const extra = limits.connectionWindowBytes - WINDOW_BYTES_DEFAULT;
    if (extra > 0) this.output.number(FRAME_WINDOW_UPDATE, 0, extra);
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.destroy());
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.#closed());
    if (firstBytes !== undefined && firstBytes.length > 0) this.#received(firstBytes);
  }

  get lastHeardMs(): number {
    return this.#frames.nowMs;
  }

  get greeted(): boolean {
    return this.#frames.greeted;
  }

  #received(chunk: Buffer): void {
    if (this.closing) return;
    this.#frames.nowMs = this.#share.clock.monotonicMs();
    const held = this.output.hold();
    if (this.#prefaceBytesSeen === clientPreface.length) this.#splitter.push(chunk, 0);
    else this.#preface(chunk);
    if (held) this.output.flush();
  }

  #preface(chunk: Buffer): void {
    const seen = this.#prefaceBytesSeen;
    const part = chunk.subarray(0, clientPreface.length - seen);
    if (!part.equals(clientPreface.subarray(seen, seen + part.length))) {
      this.abort(ErrorCode.protocolError, "not the HTTP/2 preface");
      return;
    }
    this.#prefaceBytesSeen += part.length;
    if (chunk.length > part.length) this.#splitter.push(chunk, part.length);
  }

  streamOpened(): void {
    this.#share.streamOpened();
  }

  streamClosed(left: number): void {
    this.#share.streamClosed();
    if (left === 0 && this.#frames.refusing) this.#end(true);
  }

  sendKeepalivePing(): void {
    this.output.frame(FRAME_PING, 0, 0, keepalivePing);
  }

  keepaliveFailed(): void {
    this.destroy();
  }

  pong(payload: Uint8Array): void {
    if (this.#draining && drainPing.equals(payload)) this.#finishDrain();
  }

  /** The socket has taken everything: go on reading and sending. */
  #drained(): void {
    if (!this.output.blocked) return;
    this.output.blocked = false;
    const held = this.output.hold();
    this.sender.pump();
    if (held) this.output.flush();
    if (!this.output.blocked) this.#socket.resume();
  }

  /**
   * Ends the connection gracefully: announces it, waits until the client must have seen that (it
   * answers a ping), then serves what has begun and nothing new.
   */
  drain(): void {
    if (this.#draining || this.closing) return;
    this.#draining = true;
    this.#goAway(STREAM_ID_MAX, ErrorCode.noError, "");
    this.output.frame(FRAME_PING, 0, 0, drainPing);
    this.#setCloseTimer(() => this.#finishDrain(), this.limits.drainPingTimeoutMs);
  }

  #finishDrain(): void {
    if (this.#frames.refusing || this.closing) return;
    clearTimeout(this.#closeTimer);
    this.#frames.refusing = true;
    this.#goAway(this.#frames.lastStreamId, ErrorCode.noError, "");
    if (this.streams.size === 0) this.#end(true);
  }

  /** Says goodbye with an error and stops listening. */
  abort(code: ErrorCode, reason: string): false {
    if (this.closing) return false;
    this.#share.protocolError(this.peerAddress, code, reason);
    this.#goAway(this.#frames.lastStreamId, code, reason);
    this.#end(false);
    return false;
  }

  #goAway(lastStreamId: number, code: ErrorCode, reason: string): void {
    const text = Buffer.from(reason, "latin1");
    const payload = Buffer.alloc(GOAWAY_BYTES + text.length);
    text.copy(payload, putUint32(payload, putUint32(payload, 0, lastStreamId), code));
    this.output.frame(FRAME_GOAWAY, 0, 0, payload);
  }

  /**
   * Closes behind what was sent, which a client that is not to blame may read at its own pace.
   * What still arrives is read and dropped: unread bytes would make TCP reset the connection.
   */
  #end(patient: boolean): void {
    if (this.closing) return;
    this.closing = true;
    this.output.flush();
    this.output.close();
    this.streams.cancelAll();
    const { closeTimeoutMs } = this.limits;
    clearTimeout(this.#closeTimer);
    if (!patient) this.#setCloseTimer(() => this.destroy(), closeTimeoutMs);
    this.#socket.resume();
    this.#socket.end(() => this.#setCloseTimer(() => this.destroy(), closeTimeoutMs));
  }

  #setCloseTimer(run: () => void, delayMs: number): void {
    clearTimeout(this.#closeTimer);
    if (this.#socket.destroyed) return;
    this.#closeTimer = setTimeout(run, delayMs);
    this.#closeTimer.unref();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #closed(): void {
    this.closing = true;
    clearTimeout(this.#closeTimer);
    this.#keepaliveTimer.close();
    this.output.close();
    this.streams.cancelAll();
    this.#share.connectionClosed(this);
  }
}
