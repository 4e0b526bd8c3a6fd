// SPDX-License-Identifier: Apache-2.0

import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

/**
 * How long a connection may stay without having said which protocol it speaks; then it is closed.
 * The same time that gRPC servers give a client for its handshake.
 */
export const FIRST_BYTES_TIMEOUT_MS = 120_000;

const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export interface ProtocolMuxOptions {
  /** Takes HTTP/2 connections, with the bytes that were already read. */
  readonly http2: { accept(socket: Socket, firstBytes: Buffer): void };
  /** Takes all others; it need not listen itself. */
  readonly http1: HttpServer;
  readonly firstBytesTimeoutMs?: number;
}

/**
 * Lets HTTP/2 and HTTP/1.1 share a port: who sends the HTTP/2 preface gets HTTP/2, everybody else
 * HTTP/1.1 (which answers garbage with 400). Under TLS the protocol is known from ALPN, and the
 * secured socket goes to its server without passing here.
 */
export class ProtocolMux {
  readonly #options: ProtocolMuxOptions;
  /** Connections that have not yet shown their protocol. */
  readonly #undecided = new Set<Socket>();

  constructor(options: ProtocolMuxOptions) {
    this.#options = options;
  }

  /** Takes a fresh connection and passes it on as soon as its first bytes tell where to. */
  accept(socket: Socket): void {
    let seen: Buffer = Buffer.alloc(0);
    const timer = setTimeout(
      () => socket.destroy(),
      this.#options.firstBytesTimeoutMs ?? FIRST_BYTES_TIMEOUT_MS,
    );
    timer.unref();
    this.#undecided.add(socket);
    const drop = (): void => {
      socket.destroy();
    };
    const leave = (): void => {
      clearTimeout(timer);
      this.#undecided.delete(socket);
      socket.off("data", onData).off("error", drop).off("end", drop).off("close", leave);
    };
    const onData = (chunk: Buffer): void => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const protocol = protocolOf(seen);
      if (protocol === undefined) return;
      leave();
      this.#passOn(socket, seen, protocol);
    };
    socket.on("data", onData).on("error", drop).on("end", drop).on("close", leave);
  }

  /** Closes the connections that have not shown their protocol. */
  close(): void {
    for (const socket of this.#undecided) socket.destroy();
  }

  #passOn(socket: Socket, seen: Buffer, protocol: "http2" | "http1"): void {
    if (protocol === "http2") {
      this.#options.http2.accept(socket, seen);
      return;
    }
    socket.pause();
    socket.unshift(seen);
    this.#options.http1.emit("connection", socket);
    socket.resume();
  }
}

/** What the first bytes say; undefined while they could still become the HTTP/2 preface. */
function protocolOf(seen: Buffer): "http2" | "http1" | undefined {
  const length = Math.min(seen.length, http2Preface.length);
  if (seen.compare(http2Preface, 0, length, 0, length) !== 0) return "http1";
  return length === http2Preface.length ? "http2" : undefined;
}
