// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import type { Clock } from "../../base/contracts/clock.ts";
import { Connection, type ConnectionShare } from "./connection.ts";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { FlushQueue } from "./flush-queue.ts";
import type { ErrorCode } from "./frames.ts";
import { defaultKeepalive, defaultLimits, type H2Limits, type KeepaliveOptions } from "./limits.ts";
import { type Method, type MethodCounters, MethodTable } from "./method-table.ts";
import { OutputPool } from "./output.ts";
import { HeldBytes } from "./sender.ts";

export interface GrpcEndpointOptions {
  /** By path: `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly limits?: Partial<H2Limits>;
  readonly keepalive?: Partial<KeepaliveOptions>;
  /** Told when a client broke the protocol or a limit, with the code of the GOAWAY it gets. */
  readonly onProtocolError?: (peerAddress: string, code: ErrorCode, reason: string) => void;
}

/** Serves gRPC over HTTP/2 on the sockets that it is given. */
export class GrpcEndpoint {
  /** Counters for metrics; written by the endpoint only. */
  openStreams = 0;
  connectionsAccepted = 0;
  protocolErrors = 0;
  readonly #connections = new Set<Connection>();
  readonly #methods: MethodTable;
  readonly #share: ConnectionShare;
  readonly #wheel: DeadlineWheel;
  readonly #held = new HeldBytes();
  #draining = false;
  #onEmpty: (() => void)[] = [];

  constructor(options: GrpcEndpointOptions) {
    const limits = { ...defaultLimits, ...options.limits };
    this.#methods = new MethodTable(options.methods);
    this.#wheel = new DeadlineWheel(options.clock);
    this.#share = {
      methods: this.#methods,
      limits,
      keepalive: { ...defaultKeepalive, ...options.keepalive },
      clock: options.clock,
      wheel: this.#wheel,
      output: {
        pool: new OutputPool(),
        flushQueue: new FlushQueue(),
        backlogBytesMax: limits.socketBacklogBytesMax,
      },
      held: this.#held,
      streamOpened: () => {
        this.openStreams++;
      },
      streamClosed: () => {
        this.openStreams--;
      },
      protocolError: (peerAddress, code, reason) => {
        this.protocolErrors++;
        options.onProtocolError?.(peerAddress, code, reason);
      },
      connectionClosed: (connection) => this.#closed(connection),
    };
  }

  /** Bytes of answers that wait for clients or are being made, and of unfinished requests. */
  get heldBytes(): number {
    return this.#held.total;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  /** Per method, in the order of registration. */
  get counters(): MethodCounters[] {
    return this.#methods.counters();
  }

  /** Takes over a socket; `firstBytes` are those that were already read from it. */
  accept(socket: Socket, firstBytes?: Buffer): void {
    if (socket.destroyed) return;
    const connection = new Connection(socket, this.#share, peerAddressOf(socket));
    this.connectionsAccepted++;
    this.#connections.add(connection);
    connection.start(firstBytes);
    if (this.#draining) connection.drain();
  }

  /**
   * Asks every client to go elsewhere and resolves when all connections are closed. Calls in
   * flight are served to their end, however long that takes; `close` cuts it short.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const connection of this.#connections) connection.drain();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve);
    });
  }

  /** Closes every connection at once; handlers are told `connection-closed`. */
  close(): void {
    this.#draining = true;
    for (const connection of this.#connections) connection.destroy();
    this.#wheel.close();
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }
}

/** As Go prints it; a unix socket's client has no address and is "@". */
function peerAddressOf(socket: Socket): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined) return "@";
  return remoteAddress.includes(":")
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}
