// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FrameType,
  frame,
  frameHeadBytes,
  opening,
  requestHeaders,
  windowInitial,
  windowUpdate,
} from "./http2-frames.ts";

/** The window that this side grants; topped up when half of it is used. */
const windowBytes = 16 * 1024 * 1024;

/** Where a connection gets its requests from, and whom it tells about answers. */
export interface LoadSource {
  /** The next request's gRPC message, or undefined when there are no more. */
  next(): Uint8Array | undefined;
  answered(micros: number): void;
  failed(error: Error): void;
}

export interface LoadTarget {
  readonly port: number;
  readonly path: string;
  readonly inFlight: number;
  readonly answerBytesMin: number;
}

interface Call {
  readonly startedAt: number;
  dataBytes: number;
}

/** One HTTP/2 connection that keeps a fixed number of unary calls in flight. */
export class LoadConnection {
  readonly #socket: Socket;
  readonly #source: LoadSource;
  readonly #target: LoadTarget;
  readonly #headers: Buffer;
  readonly #calls = new Map<number, Call>();
  #nextStream = 1;
  #sendWindow = windowInitial;
  #received = 0;
  #waiting: Uint8Array | undefined;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, target: LoadTarget, source: LoadSource) {
    this.#socket = socket;
    this.#source = source;
    this.#target = target;
    this.#headers = requestHeaders(target.path, `127.0.0.1:${target.port}`);
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      // Without an encoding set, a socket only hands out buffers.
      if (typeof bytes !== "string") this.#onData(bytes);
    });
    socket.on("error", (error) => source.failed(error));
    socket.on("close", () => {
      if (this.#calls.size > 0) source.failed(new Error("the server closed a connection"));
    });
  }

  static open(target: LoadTarget, source: LoadSource): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(target.port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        socket.write(opening(windowBytes));
        resolve(new LoadConnection(socket, target, source));
      });
    });
  }

  /** Fills the flight up. */
  pump(): void {
    const parts: Buffer[] = [];
    while (this.#calls.size < this.#target.inFlight) {
      const message = this.#waiting ?? this.#source.next();
      if (message === undefined) break;
      if (message.length > this.#sendWindow) {
        this.#waiting = message;
        break;
      }
      this.#waiting = undefined;
      this.#sendWindow -= message.length;
      const stream = this.#nextStream;
      this.#nextStream += 2;
      this.#calls.set(stream, { startedAt: performance.now(), dataBytes: 0 });
      parts.push(frame({ type: FrameType.HEADERS, flags: END_HEADERS, stream }, this.#headers));
      parts.push(frame({ type: FrameType.DATA, flags: END_STREAM, stream }, message));
    }
    if (parts.length > 0) this.#socket.write(Buffer.concat(parts));
  }

  close(): void {
    this.#calls.clear();
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (input.length - at >= frameHeadBytes) {
      const end = at + frameHeadBytes + input.readUIntBE(at, 3);
      if (end > input.length) break;
      this.#onFrame(input.subarray(at, end));
      at = end;
    }
    this.#rest = input.subarray(at);
    this.pump();
  }

  #onFrame(bytes: Buffer): void {
    const flags = bytes.readUInt8(4);
    const stream = bytes.readUInt32BE(5);
    const payload = bytes.subarray(frameHeadBytes);
    switch (bytes.readUInt8(3)) {
      case FrameType.DATA:
        this.#onMessage(stream, payload.length);
        break;
      case FrameType.HEADERS:
        if ((flags & END_STREAM) !== 0) this.#onTrailers(stream);
        break;
      case FrameType.SETTINGS:
        if ((flags & ACK) === 0) this.#acknowledge(FrameType.SETTINGS, Buffer.alloc(0));
        break;
      case FrameType.PING:
        if ((flags & ACK) === 0) this.#acknowledge(FrameType.PING, payload);
        break;
      case FrameType.WINDOW_UPDATE:
        if (stream === 0) this.#sendWindow += payload.readUInt32BE(0);
        break;
      case FrameType.RST_STREAM:
      case FrameType.GOAWAY:
        this.#source.failed(new Error(`the server reset a call: ${payload.toString("hex")}`));
        break;
      default:
    }
  }

  #acknowledge(type: number, payload: Uint8Array): void {
    this.#socket.write(frame({ type, flags: ACK, stream: 0 }, payload));
  }

  #onMessage(stream: number, bytes: number): void {
    const call = this.#calls.get(stream);
    if (call !== undefined) call.dataBytes += bytes;
    this.#received += bytes;
    if (this.#received < windowBytes / 2) return;
    this.#socket.write(windowUpdate(this.#received));
    this.#received = 0;
  }

  #onTrailers(stream: number): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    this.#calls.delete(stream);
    // gRPC refuses a unary call without any message, so the bytes tell success from failure.
    if (call.dataBytes < this.#target.answerBytesMin) {
      this.#source.failed(new Error(`a call was answered with ${call.dataBytes} bytes`));
      return;
    }
    this.#source.answered((performance.now() - call.startedAt) * 1000);
  }
}
