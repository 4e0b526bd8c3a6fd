// SPDX-License-Identifier: Apache-2.0

import type { MethodDescriptor } from "../api/message-codec.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import type { Attempt, UnaryConnection } from "./attempt.ts";
import { connectionProblem } from "./dial-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { RpcError } from "./errors.ts";
import { encodeField } from "./frame.ts";
import {
  type CallOptions,
  type ClientOptions,
  KEEPALIVE_TIME_MIN_MS,
  KEEPALIVE_TIMEOUT_DEFAULT_MS,
  RECEIVE_BYTES_MAX_DEFAULT,
  RECONNECT_BACKOFF_MAX_MS,
  RECONNECT_BACKOFF_MIN_MS,
  SEND_BYTES_MAX_DEFAULT,
} from "./options.ts";
import { type PlainAnswer, StreamedAnswer, WholeAnswer } from "./plain-answer.ts";
import type { CallEnd } from "./plain-call.ts";
import { PlainSocket } from "./plain-socket.ts";

const BACKOFF_FACTOR = 1.6;
// Pseudo headers from HPACK's static table: POST and http.
const POST_OVER_HTTP = Buffer.of(0x83, 0x86);
const TIMEOUT_DIGITS_MAX = 8;

/**
 * Calls with one request to one endpoint without TLS, over HTTP/2 framing of its own: loading
 * Node's http2 and grpc-js costs a short command more than all the rest of it.
 */
export class PlainConnection implements UnaryConnection {
  readonly endpoint: Endpoint;
  readonly secure = false;
  readonly #options: ClientOptions;
  readonly #common: Buffer;
  #socket: PlainSocket | undefined;
  #ready = false;
  #closed = false;
  #problem = "";
  #backoffMs = RECONNECT_BACKOFF_MIN_MS;
  #backoff: NodeJS.Timeout | undefined;
  #keepalive: NodeJS.Timeout | undefined;
  #change = Promise.withResolvers<void>();

  constructor(endpoint: Endpoint, options: ClientOptions) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#common = Buffer.concat([
      encodeField(":authority", endpoint.authority),
      encodeField("content-type", "application/grpc"),
      encodeField("te", "trailers"),
      encodeField("user-agent", "etcdx"),
    ]);
  }

  get ready(): boolean {
    return this.#ready;
  }

  async stateChange(deadlineMs: number): Promise<void> {
    if (!this.#ready) this.#connect();
    await withDeadline(this.#change.promise, deadlineMs);
  }

  async unary<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    request: Uint8Array,
    options: CallOptions,
  ): Promise<Attempt<Response>> {
    const deadlineMs = options.deadlineMs ?? Number.POSITIVE_INFINITY;
    while (!this.#ready) {
      if (Date.now() >= deadlineMs) return this.#late();
      if (options.signal?.aborted === true)
        return this.#failed(GrpcCode.canceled, "context canceled");
      if (this.#backoff !== undefined) return { kind: "unconnected", problem: this.#problem };
      await this.stateChange(deadlineMs);
    }
    const limit = this.#options.sendBytesMax || SEND_BYTES_MAX_DEFAULT;
    if (request.length > limit) {
      const text = `trying to send message larger than max (${request.length} vs. ${limit})`;
      return this.#failed(GrpcCode.resourceExhausted, text);
    }
    const answer = new WholeAnswer(this.#receiveBytesMax);
    const end = await this.#send(method.path, request, options, answer);
    switch (end.kind) {
      case "unsent":
        return { kind: "unconnected", problem: this.#problem };
      case "failed":
        return this.#failed(end.code, end.details);
      case "answer":
        return { kind: "answer", response: method.response.decode(end.message) };
    }
  }

  async stream(
    path: string,
    request: Uint8Array,
    options: CallOptions,
    take: (message: Uint8Array) => void,
  ): Promise<void> {
    let failure: { readonly cause: unknown } | undefined;
    const stop = new AbortController();
    const answer = new StreamedAnswer(this.#receiveBytesMax, (message) => {
      if (failure !== undefined) return;
      try {
        take(message);
      } catch (cause) {
        failure = { cause };
        stop.abort();
      }
    });
    const { signal } = options;
    const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const end = await this.#send(path, request, { ...options, signal: both }, answer);
    if (failure !== undefined) throw failure.cause;
    if (end.kind === "unsent") throw new RpcError(GrpcCode.unavailable, "Connection dropped");
    if (end.kind === "failed") throw new RpcError(end.code, end.details);
  }

  get #receiveBytesMax(): number {
    return this.#options.receiveBytesMax || RECEIVE_BYTES_MAX_DEFAULT;
  }

  #late(): Attempt<never> {
    return this.#failed(GrpcCode.deadlineExceeded, "context deadline exceeded");
  }

  #failed(code: number, details: string): Attempt<never> {
    return { kind: "failed", error: new RpcError(code, details), peer: this.endpoint.address };
  }

  async #send(
    path: string,
    request: Uint8Array,
    options: CallOptions,
    answer: PlainAnswer,
  ): Promise<CallEnd> {
    if (this.#socket === undefined) return { kind: "unsent" };
    const { call, stop } = this.#socket.call(this.#fields(path, options), request, answer);
    this.#keepAlive();
    const abort = (): void => {
      call.fail(GrpcCode.canceled, "context canceled");
      stop();
    };
    options.signal?.addEventListener("abort", abort);
    if (options.signal?.aborted === true) abort();
    const timer = timerAt(options.deadlineMs, () => {
      call.fail(GrpcCode.deadlineExceeded, "context deadline exceeded");
      stop();
    });
    const end = await call.end;
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
    return end;
  }

  #fields(path: string, { deadlineMs, metadata = {} }: CallOptions): Buffer {
    const fields = [POST_OVER_HTTP, encodeField(":path", path), this.#common];
    if (deadlineMs !== undefined) {
      const timeout = String(Math.max(Math.ceil(deadlineMs - Date.now()), 0));
      if (timeout.length <= TIMEOUT_DIGITS_MAX)
        fields.push(encodeField("grpc-timeout", `${timeout}m`));
    }
    for (const [name, value] of Object.entries(metadata)) fields.push(encodeField(name, value));
    return Buffer.concat(fields);
  }

  #connect(): void {
    if (this.#closed || this.#socket !== undefined || this.#backoff !== undefined) return;
    const socket = new PlainSocket(dialAddress(this.endpoint), {
      onReady: () => {
        this.#ready = true;
        this.#backoffMs = RECONNECT_BACKOFF_MIN_MS;
        this.#changed();
      },
      onEnd: (error) => {
        if (this.#socket === socket) this.#lost(error);
      },
    });
    this.#socket = socket;
  }

  #lost(error: Error | undefined): void {
    const wasReady = this.#ready;
    this.#socket = undefined;
    this.#ready = false;
    clearInterval(this.#keepalive);
    this.#keepalive = undefined;
    if (!wasReady) this.#fall(error);
    this.#changed();
  }

  /** A connection that could not be made is tried again after a pause that grows. */
  #fall(error: Error | undefined): void {
    this.#problem = dialProblem(error, this.endpoint);
    this.#backoff = setTimeout(() => {
      this.#backoff = undefined;
      this.#changed();
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * BACKOFF_FACTOR, RECONNECT_BACKOFF_MAX_MS);
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** While calls wait, a peer that does not answer pings is given up. */
  #keepAlive(): void {
    if (this.#keepalive !== undefined) return;
    const everyMs = Math.max(this.#options.keepaliveTimeMs ?? 0, KEEPALIVE_TIME_MIN_MS);
    const patienceMs = this.#options.keepaliveTimeoutMs ?? KEEPALIVE_TIMEOUT_DEFAULT_MS;
    this.#keepalive = setInterval(() => {
      const socket = this.#socket;
      if (socket === undefined || !socket.busy) return;
      const late = setTimeout(() => socket.destroy(new Error("keepalive timeout")), patienceMs);
      late.unref();
      socket.ping(() => clearTimeout(late));
    }, everyMs);
    this.#keepalive.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#backoff);
    clearInterval(this.#keepalive);
    this.#socket?.destroy();
  }
}

/** Why there is no connection, in the words of Go's gRPC library. */
function dialProblem(error: Error | undefined, endpoint: Endpoint): string {
  const reason = error?.message ?? "EOF";
  const details = reason.startsWith("getaddrinfo")
    ? "Name resolution failed"
    : `No connection established. Last error: ${reason}`;
  const dialled = /^(?:getaddrinfo|connect) /.test(reason);
  const problem = dialled ? connectionProblem(details, endpoint) : undefined;
  return problem ?? `connection error: desc = "error reading server preface: ${reason}"`;
}

function dialAddress(
  endpoint: Endpoint,
): { readonly host: string; readonly port: number } | string {
  if (endpoint.target.startsWith("unix:")) return endpoint.address;
  const [, host = "", port] = /^dns:\[?(.*?)\]?:(\d*)$/.exec(endpoint.target) ?? [];
  return { host: host === "" ? "localhost" : host, port: Number(port) };
}

// setTimeout takes no longer ones.
const TIMER_MS_MAX = 2 ** 31 - 1;

function timerAt(deadlineMs: number | undefined, action: () => void): NodeJS.Timeout | undefined {
  if (deadlineMs === undefined || deadlineMs - Date.now() > TIMER_MS_MAX) return undefined;
  return setTimeout(action, Math.max(deadlineMs - Date.now(), 0));
}

async function withDeadline(event: Promise<void>, deadlineMs: number): Promise<void> {
  const passed = Promise.withResolvers<void>();
  const timer = timerAt(Number.isFinite(deadlineMs) ? deadlineMs : undefined, passed.resolve);
  await Promise.race([event, passed.promise]);
  clearTimeout(timer);
}
