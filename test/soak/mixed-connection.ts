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
} from "../../bench/http2-frames.ts";

/** The window that this side grants; topped up when half of it is used. */
const windowBytes = 16 * 1024 * 1024;
const noPayload = Buffer.alloc(0);

/** One unary call of the load. */
export interface LoadCall {
  readonly path: string;
  /** The gRPC message with its prefix. */
  readonly message: Uint8Array;
  /** Told once: whether there was an answer with a message, which errors do not have. */
  readonly ended: (isAnswered: boolean) => void;
}

export interface CallSource {
  /** The next call, or undefined when there is none at the moment. */
  next(): LoadCall | undefined;
  ended(micros: number): void;
  failed(error: Error): void;
}

interface CallInFlight {
  readonly call: LoadCall;
  readonly startedAt: number;
  dataBytes: number;
}

/** One HTTP/2 connection that keeps up to a number of unary calls of all kinds in flight. */
export class MixedConnection {
  readonly #socket: Socket;
  readonly #source: CallSource;
  readonly #authority: string;
  readonly #inFlightMax: number;
  readonly #headers = new Map<string, Buffer>();
  readonly #calls = new Map<number, CallInFlight>();
  #nextStream = 1;
  #sendWindow = windowInitial;
  #received = 0;
  #waiting: LoadCall | undefined;
  #rest: Buffer = noPayload;

  private constructor(socket: Socket, port: number, inFlightMax: number, source: CallSource) {
    this.#socket = socket;
    this.#source = source;
    this.#authority = `127.0.0.1:${port}`;
    this.#inFlightMax = inFlightMax;
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

  static open(port: number, inFlightMax: number, source: CallSource): Promise<MixedConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        socket.write(opening(windowBytes));
        resolve(new MixedConnection(socket, port, inFlightMax, source));
      });
    });
  }

  get inFlight(): number {
    return this.#calls.size;
  }

  /** Sends what the source has, as far as there is room. */
  pump(): void {
    const parts: Buffer[] = [];
    while (this.#calls.size < this.#inFlightMax) {
      const call = this.#waiting ?? this.#source.next();
      if (call === undefined) break;
      if (call.message.length > this.#sendWindow) {
        this.#waiting = call;
        break;
      }
      this.#waiting = undefined;
      this.#sendWindow -= call.message.length;
      const stream = this.#nextStream;
      this.#nextStream += 2;
      this.#calls.set(stream, { call, startedAt: performance.now(), dataBytes: 0 });
      const headers = this.#headersOf(call.path);
      parts.push(frame({ type: FrameType.HEADERS, flags: END_HEADERS, stream }, headers));
      parts.push(frame({ type: FrameType.DATA, flags: END_STREAM, stream }, call.message));
    }
    if (parts.length > 0) this.#socket.write(Buffer.concat(parts));
  }

  close(): void {
    this.#calls.clear();
    this.#socket.destroy();
  }

  #headersOf(path: string): Buffer {
    let headers = this.#headers.get(path);
    if (headers === undefined) {
      headers = requestHeaders(path, this.#authority);
      this.#headers.set(path, headers);
    }
    return headers;
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
        if ((flags & ACK) === 0) this.#acknowledge(FrameType.SETTINGS, noPayload);
        break;
      case FrameType.PING:
        if ((flags & ACK) === 0) this.#acknowledge(FrameType.PING, payload);
        break;
      case FrameType.WINDOW_UPDATE:
        if (stream === 0) this.#sendWindow += payload.readUInt32BE(0);
        break;
      case FrameType.RST_STREAM:
      case FrameType.GOAWAY:
        this.#source.failed(new Error(`the server broke off: ${payload.toString("hex")}`));
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
    const inFlight = this.#calls.get(stream);
    if (inFlight === undefined) return;
    this.#calls.delete(stream);
    inFlight.call.ended(inFlight.dataBytes > 0);
    this.#source.ended((performance.now() - inFlight.startedAt) * 1000);
  }
}
