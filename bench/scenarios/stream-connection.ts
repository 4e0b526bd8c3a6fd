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
  uint32,
  windowInitial,
  windowUpdate,
} from "../http2-frames.ts";

/** What this side grants the connection and each stream; topped up when half of it is used. */
const windowBytes = 64 * 1024 * 1024;
const messageHeadBytes = 5;

/** Gets each message of a stream: `bytes` from `start` to `end`, lent until it returns. */
export type MessageSink = (bytes: Buffer, start: number, end: number) => void;

/** One gRPC stream in both directions. */
export interface BenchStream {
  /** Sends a message with its prefix; waits inside when the server's window is used up. */
  send(message: Uint8Array): void;
}

interface StreamState {
  readonly sink: MessageSink;
  readonly waiting: Uint8Array[];
  sendWindow: number;
  received: number;
  /** The beginning of a message whose end has not come. */
  rest: Buffer;
}

/** One HTTP/2 connection with long-lived gRPC streams; reads messages without decoding them. */
export class StreamConnection {
  readonly #socket: Socket;
  readonly #authority: string;
  readonly #failed: (error: Error) => void;
  readonly #streams = new Map<number, StreamState>();
  #nextStream = 1;
  #sendWindow = windowInitial;
  #streamWindow = windowInitial;
  #received = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #isFlushing = false;

  private constructor(socket: Socket, port: number, failed: (error: Error) => void) {
    this.#socket = socket;
    this.#authority = `127.0.0.1:${port}`;
    this.#failed = failed;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => {
      // Without an encoding set, a socket only hands out buffers.
      if (typeof bytes !== "string") this.#onData(bytes);
    });
    socket.on("error", failed);
    socket.on("close", () => {
      if (!this.#isClosed) failed(new Error("the server closed a connection"));
    });
  }

  static open(port: number, failed: (error: Error) => void): Promise<StreamConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        socket.write(opening(windowBytes));
        resolve(new StreamConnection(socket, port, failed));
      });
    });
  }

  stream(path: string, sink: MessageSink): BenchStream {
    const id = this.#nextStream;
    this.#nextStream += 2;
    const state: StreamState = {
      sink,
      waiting: [],
      sendWindow: this.#streamWindow,
      received: 0,
      rest: Buffer.alloc(0),
    };
    this.#streams.set(id, state);
    const headers = requestHeaders(path, this.#authority);
    this.#socket.write(frame({ type: FrameType.HEADERS, flags: END_HEADERS, stream: id }, headers));
    return {
      send: (message) => {
        state.waiting.push(message);
        this.#flushSoon();
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.destroy();
  }

  /** What is sent in one turn leaves in one write, so that this client costs little. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      for (const [id, state] of this.#streams) this.#flush(id, state);
    });
  }

  #flush(id: number, state: StreamState): void {
    const frames: Buffer[] = [];
    for (let next = state.waiting[0]; next !== undefined; next = state.waiting[0]) {
      if (next.length > Math.min(state.sendWindow, this.#sendWindow)) break;
      state.waiting.shift();
      state.sendWindow -= next.length;
      this.#sendWindow -= next.length;
      frames.push(frame({ type: FrameType.DATA, flags: 0, stream: id }, next));
    }
    if (frames.length > 0) this.#socket.write(Buffer.concat(frames));
  }

  #onData(bytes: Buffer): void {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (input.length - at >= frameHeadBytes) {
      const end = at + frameHeadBytes + input.readUIntBE(at, 3);
      if (end > input.length) break;
      this.#onFrame(input, at, end);
      at = end;
    }
    this.#rest = input.subarray(at);
  }

  #onFrame(input: Buffer, at: number, end: number): void {
    const flags = input.readUInt8(at + 4);
    const id = input.readUInt32BE(at + 5);
    const start = at + frameHeadBytes;
    switch (input.readUInt8(at + 3)) {
      case FrameType.DATA:
        this.#onMessages(id, input.subarray(start, end));
        break;
      case FrameType.HEADERS:
        if ((flags & END_STREAM) !== 0) this.#failed(new Error("the server ended a stream"));
        break;
      case FrameType.SETTINGS:
        if ((flags & ACK) === 0) this.#onSettings(input.subarray(start, end));
        break;
      case FrameType.PING:
        if ((flags & ACK) === 0) this.#acknowledge(FrameType.PING, input.subarray(start, end));
        break;
      case FrameType.WINDOW_UPDATE:
        this.#onWindow(id, input.readUInt32BE(start));
        break;
      case FrameType.RST_STREAM:
      case FrameType.GOAWAY:
        this.#failed(new Error(`the server broke off: ${input.toString("hex", start, end)}`));
        break;
      default:
    }
  }

  #onSettings(payload: Buffer): void {
    const initialWindow = 4;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== initialWindow) continue;
      const grown = payload.readUInt32BE(at + 2) - this.#streamWindow;
      this.#streamWindow += grown;
      for (const state of this.#streams.values()) state.sendWindow += grown;
    }
    this.#acknowledge(FrameType.SETTINGS, Buffer.alloc(0));
  }

  #onWindow(id: number, bytes: number): void {
    const state = this.#streams.get(id);
    if (state === undefined) this.#sendWindow += bytes;
    else state.sendWindow += bytes;
    this.#flushSoon();
  }

  #acknowledge(type: number, payload: Uint8Array): void {
    this.#socket.write(frame({ type, flags: ACK, stream: 0 }, payload));
  }

  #onMessages(id: number, data: Buffer): void {
    const state = this.#streams.get(id);
    if (state === undefined) return;
    this.#grant(id, state, data.length);
    const input = state.rest.length === 0 ? data : Buffer.concat([state.rest, data]);
    let at = 0;
    while (input.length - at >= messageHeadBytes) {
      const start = at + messageHeadBytes;
      const end = start + input.readUInt32BE(at + 1);
      if (end > input.length) break;
      state.sink(input, start, end);
      at = end;
    }
    state.rest = input.subarray(at);
  }

  #grant(id: number, state: StreamState, bytes: number): void {
    state.received += bytes;
    this.#received += bytes;
    if (state.received >= windowBytes / 2) {
      const head = { type: FrameType.WINDOW_UPDATE, flags: 0, stream: id };
      this.#socket.write(frame(head, uint32(state.received)));
      state.received = 0;
    }
    if (this.#received >= windowBytes / 2) {
      this.#socket.write(windowUpdate(this.#received));
      this.#received = 0;
    }
  }
}
