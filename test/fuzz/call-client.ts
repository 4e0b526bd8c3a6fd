// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import {
  clientPreface,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_DATA,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_RST_STREAM,
  FRAME_WINDOW_UPDATE,
} from "../../src/server/h2/frames.ts";
import {
  data,
  frame,
  headers,
  message,
  number,
  requestFields,
  setting,
  settings,
} from "../../src/server/h2/testing/raw-client.ts";

const WINDOW_BYTES = 0x7fff_0000;
const WINDOW_STEP_BYTES = 1 << 24;
const CANCEL = 8;

/** Makes calls of one message each and only sees whether they end. */
export class CallClient {
  /** Calls without an end. */
  inFlight = 0;
  readonly #socket: Socket;
  readonly #heads = new Map<string, Buffer>();
  readonly #waiting = new Set<() => void>();
  #streamId = -1;
  #rest: Buffer = Buffer.alloc(0);
  #unreturned = 0;
  #failure: Error | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server has closed the connection")));
    this.#socket.write(clientPreface);
    this.#socket.write(settings(setting(4, WINDOW_BYTES)));
    this.#socket.write(frame(FRAME_WINDOW_UPDATE, 0, 0, number(WINDOW_BYTES)));
  }

  /** A call whose end counts; a stream that might go on for ever is given up at once. */
  call(path: string, body: Uint8Array, isEndless: boolean): void {
    this.#streamId += 2;
    const id = this.#streamId;
    this.#socket.write(frame(FRAME_HEADERS, FLAG_END_HEADERS, id, this.#head(path)));
    this.#socket.write(data(id, message(body), isEndless ? 0 : FLAG_END_STREAM));
    if (isEndless) this.#socket.write(frame(FRAME_RST_STREAM, 0, id, number(CANCEL)));
    else this.inFlight++;
  }

  /** Resolves when fewer than so many calls are in flight. */
  async until(fewerThan: number): Promise<void> {
    while (this.inFlight >= fewerThan) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#socket.destroy();
  }

  #head(path: string): Buffer {
    const known = this.#heads.get(path) ?? headers(1, requestFields(path)).subarray(9);
    this.#heads.set(path, known);
    return known;
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 9 <= bytes.length) {
      const end = at + 9 + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#frame(bytes.readUInt8(at + 3), bytes.readUInt8(at + 4), bytes.subarray(at + 9, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #frame(type: number, flags: number, payload: Buffer): void {
    if (type === FRAME_GOAWAY) this.#fail(new Error(`sent away: ${payload.toString("latin1", 8)}`));
    if (type === FRAME_HEADERS && (flags & FLAG_END_STREAM) !== 0) this.inFlight--;
    if (type !== FRAME_DATA) return;
    this.#unreturned += payload.length;
    if (this.#unreturned < WINDOW_STEP_BYTES) return;
    this.#socket.write(frame(FRAME_WINDOW_UPDATE, 0, 0, number(this.#unreturned)));
    this.#unreturned = 0;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
