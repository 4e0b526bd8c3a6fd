// SPDX-License-Identifier: Apache-2.0

import type { Init, MethodDescriptor } from "../api/message-codec.ts";
import { GrpcCode } from "../api/rpc-errors.ts";
import { type Attempt, type Connection, openConnections } from "./connection.ts";
import { ClientOptionsError, RpcError, statusText } from "./errors.ts";
import {
  type AttemptFailure,
  type CallOptions,
  type ClientOptions,
  RECEIVE_BYTES_MAX_DEFAULT,
  SEND_BYTES_MAX_DEFAULT,
} from "./options.ts";
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
  readonly #connections: readonly Connection[];
  readonly #onAttemptFailure: ((failure: AttemptFailure) => void) | undefined;
  readonly #sockets: SocketWatch | undefined;
  #next = 0;

  /** @throws {ClientOptionsError} without endpoints or with limits that contradict each other */
  constructor(options: ClientOptions) {
    checkOptions(options);
    this.endpoints = options.endpoints;
    this.#onAttemptFailure = options.onAttemptFailure;
    this.#sockets = options.onAttemptFailure === undefined ? undefined : new SocketWatch();
    this.#connections = openConnections(options);
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
      const quorum = Math.floor(this.#connections.length / 2) + 1;
      if ((attempt + 1) % quorum === 0) await pause();
    }
  }

  async #attempt<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    bytes: Uint8Array,
    options: CallOptions,
    attempt: number,
  ): Promise<Exclude<Attempt<Response>, { kind: "unconnected" }>> {
    const report = (error: RpcError, connection?: Connection): void =>
      this.#report(method.path, attempt, error, connection);
    let problem = "";
    for (;;) {
      if (isOver(options)) {
        const details =
          problem === "" ? "context deadline exceeded" : `latest balancer error: ${problem}`;
        const error = new RpcError(GrpcCode.deadlineExceeded, details);
        report(error);
        return { kind: "failed", error, peer: "" };
      }
      const connection = this.#pick();
      const outcome = await connection.unary(method, bytes, options);
      if (outcome.kind === "unconnected") {
        problem = outcome.problem;
        await this.#waitForConnection(options);
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
  #pick(): Connection {
    const count = this.#connections.length;
    let picked: Connection | undefined;
    for (let step = 0; step < count && picked?.ready !== true; step++) {
      picked = this.#connections[(this.#next + step) % count];
    }
    if (picked?.ready !== true) picked = this.#connections[this.#next % count];
    this.#next = (this.#next + 1) % count;
    if (picked === undefined) throw new ClientOptionsError("etcdclient: no available endpoints");
    return picked;
  }

  async #waitForConnection(options: CallOptions): Promise<void> {
    if (this.#connections.some((connection) => connection.ready)) return;
    const limit = options.deadlineMs ?? Date.now() + STATE_WAIT_MS;
    await Promise.race(this.#connections.map((connection) => connection.stateChange(limit)));
  }

  #report(method: string, attempt: number, error: RpcError, connection?: Connection): void {
    const remote = connection?.endpoint.address;
    const local = remote === undefined ? undefined : this.#sockets?.localAddress(remote);
    this.#onAttemptFailure?.({
      target: this.#connections[0]?.endpoint.address ?? "",
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
   * Runs `open` on a connection that is up, waiting for one if need be.
   * @throws {RpcError} when the deadline passes first
   */
  async connected(options: CallOptions = {}): Promise<Connection> {
    for (;;) {
      const ready = this.#connections.find((connection) => connection.ready);
      if (ready !== undefined) return ready;
      if (isOver(options)) {
        throw new RpcError(GrpcCode.deadlineExceeded, "context deadline exceeded");
      }
      await this.#waitForConnection(options);
    }
  }

  close(): void {
    this.#sockets?.close();
    for (const connection of this.#connections) connection.close();
  }
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
