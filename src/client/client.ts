// SPDX-License-Identifier: Apache-2.0

import type { Init, MethodDescriptor } from "../api/message-codec.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import type { Attempt, UnaryConnection } from "./attempt.ts";
import type { Connection } from "./connection.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { ClientOptionsError, RpcError, statusText } from "./errors.ts";
import {
  type AttemptFailure,
  type CallOptions,
  type ClientOptions,
  RECEIVE_BYTES_MAX_DEFAULT,
  SEND_BYTES_MAX_DEFAULT,
  type TlsOptions,
} from "./options.ts";
import { PlainConnection } from "./plain-connection.ts";
import { SocketWatch } from "./sockets.ts";

const ATTEMPTS_MAX = 100;
const ROUND_PAUSE_MS = 25;
const ROUND_PAUSE_JITTER = 0.1;
// For calls without a deadline: how long one wait for a connection lasts before it is renewed.
const STATE_WAIT_MS = 60_000;

/** Whether sending a request twice does no harm. */
export type Repeatable = { readonly repeatable: boolean };

/** A client of one cluster: calls go round its endpoints, and wait for one that answers. */
export class Client {
  readonly endpoints: readonly string[];
  readonly #options: ClientOptions;
  readonly #parsed: readonly Endpoint[];
  /** Carry calls with one request. */
  readonly #connections: Promise<readonly UnaryConnection[]>;
  /** Carry other streams, once there is one. */
  #streamConnections: Promise<readonly Connection[]> | undefined;
  readonly #onAttemptFailure: ((failure: AttemptFailure) => void) | undefined;
  readonly #sockets: SocketWatch | undefined;
  #next = 0;

  /** @throws {ClientOptionsError} without endpoints or with limits that contradict each other */
  constructor(options: ClientOptions) {
    checkOptions(options);
    this.endpoints = options.endpoints;
    this.#onAttemptFailure = options.onAttemptFailure;
    this.#sockets = options.onAttemptFailure === undefined ? undefined : new SocketWatch();
    this.#options = options;
    this.#parsed = options.endpoints.map(parseEndpoint);
    this.#connections = this.#openConnections();
  }

  /** With TLS options, or a spelling that asks for TLS, connections for unary calls are grpc-js's. */
  #openConnections(): Promise<readonly UnaryConnection[]> {
    if (this.#tls !== undefined) return this.#openStreamConnections();
    return Promise.resolve(this.#parsed.map((end) => new PlainConnection(end, this.#options)));
  }

  #openStreamConnections(): Promise<readonly Connection[]> {
    const tls = this.#tls;
    this.#streamConnections ??= import("./connection.ts").then(({ Connection }) =>
      this.#parsed.map((endpoint) => new Connection(endpoint, this.#options, tls)),
    );
    return this.#streamConnections;
  }

  /** The first endpoint's spelling decides about TLS for all. */
  get #tls(): TlsOptions | undefined {
    const security = this.#parsed[0]?.security;
    if (security === "none") return undefined;
    return security === "required" ? (this.#options.tls ?? {}) : this.#options.tls;
  }

  /**
   * Calls a unary method. A read is repeated while servers are unavailable; a write only if it
   * cannot have reached one.
   * @throws {RpcError} when the call failed
   */
  async call<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    request: Init<Request>,
    options: CallOptions & Partial<Repeatable> = {},
  ): Promise<Response> {
    const bytes = method.request.encode(request);
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(method, bytes, options, attempt);
      if (outcome.kind === "answer") return outcome.response;
      const again = options.repeatable === true && isTransient(outcome.error);
      if (!again || attempt + 1 >= ATTEMPTS_MAX) throw outcome.error;
      const quorum = Math.floor(this.#parsed.length / 2) + 1;
      if ((attempt + 1) % quorum === 0) await pause();
    }
  }

  async #attempt<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    bytes: Uint8Array,
    options: CallOptions,
    attempt: number,
  ): Promise<Exclude<Attempt<Response>, { kind: "unconnected" }>> {
    const report = (error: RpcError, connection?: UnaryConnection): void =>
      this.#report(method.path, attempt, error, connection);
    const connections = await this.#connections;
    let problem = "";
    for (;;) {
      if (isOver(options)) {
        const details =
          problem === "" ? "context deadline exceeded" : `latest balancer error: ${problem}`;
        const error = new RpcError(GrpcCode.deadlineExceeded, details);
        report(error);
        return { kind: "failed", error, peer: "" };
      }
      const connection = this.#pick(connections);
      const outcome = await connection.unary(method, bytes, options);
      if (outcome.kind === "unconnected") {
        problem = outcome.problem;
        await waitForConnection(connections, options);
        continue;
      }
      if (outcome.kind === "answer") return outcome;
      if (problem === "" || outcome.error.code !== GrpcCode.deadlineExceeded) {
        report(outcome.error, connection);
        return outcome;
      }
    }
  }

  /** The next connection in turn that is ready; if none is, the next one. */
  #pick(connections: readonly UnaryConnection[]): UnaryConnection {
    const count = connections.length;
    let picked: UnaryConnection | undefined;
    for (let step = 0; step < count && picked?.ready !== true; step++) {
      picked = connections[(this.#next + step) % count];
    }
    if (picked?.ready !== true) picked = connections[this.#next % count];
    this.#next = (this.#next + 1) % count;
    if (picked === undefined) throw new ClientOptionsError("etcdclient: no available endpoints");
    return picked;
  }

  #report(method: string, attempt: number, error: RpcError, connection?: UnaryConnection): void {
    const remote = connection?.endpoint.address;
    const local = remote === undefined ? undefined : this.#sockets?.localAddress(remote);
    this.#onAttemptFailure?.({
      target: this.#parsed[0]?.address.replace(/^[^/]*:\/\//, "") ?? "",
      method,
      attempt,
      error: statusText(error.code, error.details),
      peer:
        remote === undefined || local === undefined
          ? undefined
          : { remote, local, secure: connection?.secure === true },
    });
  }

  /**
   * A connection that is up, for streams; waits for one if need be.
   * @throws {RpcError} when the deadline passes first
   */
  async connected(options: CallOptions = {}): Promise<Connection> {
    return firstReady(await this.#openStreamConnections(), options);
  }

  /**
   * The same for calls with one request, which need less of a connection.
   * @throws {RpcError} when the deadline passes first
   */
  async connectedForCalls(options: CallOptions = {}): Promise<UnaryConnection> {
    return firstReady(await this.#connections, options);
  }

  close(): void {
    this.#sockets?.close();
    for (const open of [this.#connections, this.#streamConnections]) {
      void open?.then((connections) => {
        for (const connection of connections) connection.close();
      });
    }
  }
}

async function firstReady<C extends UnaryConnection>(
  connections: readonly C[],
  options: CallOptions,
): Promise<C> {
  for (;;) {
    const ready = connections.find((connection) => connection.ready);
    if (ready !== undefined) return ready;
    if (isOver(options)) {
      throw new RpcError(GrpcCode.deadlineExceeded, "context deadline exceeded");
    }
    await waitForConnection(connections, options);
  }
}

async function waitForConnection(
  connections: readonly UnaryConnection[],
  options: CallOptions,
): Promise<void> {
  if (connections.some((connection) => connection.ready)) return;
  const limit = options.deadlineMs ?? Date.now() + STATE_WAIT_MS;
  await Promise.race(connections.map((connection) => connection.stateChange(limit)));
}

function checkOptions(options: ClientOptions): void {
  if (options.endpoints.length === 0) {
    throw new ClientOptionsError("etcdclient: no available endpoints");
  }
  const send = options.sendBytesMax || SEND_BYTES_MAX_DEFAULT;
  const receive = options.receiveBytesMax || RECEIVE_BYTES_MAX_DEFAULT;
  if (receive < send && options.receiveBytesMax && options.sendBytesMax) {
    throw new ClientOptionsError(
      `gRPC message recv limit (${receive} bytes) must be greater than send limit (${send} bytes)`,
    );
  }
}

function isTransient(error: RpcError): boolean {
  return error.code === GrpcCode.unavailable;
}

function isOver(options: CallOptions): boolean {
  if (options.signal?.aborted === true) return true;
  return options.deadlineMs !== undefined && Date.now() >= options.deadlineMs;
}

function pause(): Promise<void> {
  const spread = (Math.random() * 2 - 1) * ROUND_PAUSE_JITTER;
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ROUND_PAUSE_MS * (1 + spread));
  return promise;
}
