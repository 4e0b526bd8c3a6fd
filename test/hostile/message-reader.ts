// SPDX-License-Identifier: Apache-2.0

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";

const WINDOW_BYTES = 1 << 24;

/** A call that sends many messages and keeps none of those that come back. */
export class MessageReader {
  onMessage: (message: Uint8Array) => void = () => {};
  /** Messages so far. */
  count = 0;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #waiting = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);
  #failure: unknown;

  constructor(port: number, path: string) {
    const settings = { initialWindowSize: WINDOW_BYTES };
    this.#session = connect(`http://127.0.0.1:${port}`, { settings });
    this.#session.on("connect", () => this.#session.setLocalWindowSize(WINDOW_BYTES));
    this.#session.on("error", (error) => this.#fail(error));
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    this.#stream.on("error", (error) => this.#fail(error));
    this.#stream.on("close", () => this.#fail(new Error("the stream has ended")));
    this.#stream.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  /** Resolves when there is room for more. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#stream.write(bytes)) return;
    await new Promise((resolve) => this.#stream.once("drain", resolve));
  }

  async until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  close(): void {
    this.#session.destroy();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 5 <= bytes.length) {
      const end = at + 5 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      this.count++;
      this.onMessage(bytes.subarray(at + 5, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
