// SPDX-License-Identifier: Apache-2.0

import { channel } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const SOCKETS_MAX = 64;

/**
 * Remembers the client sockets that this process opens, so that a failed call can name the local
 * address of its connection; grpc-js does not tell. Beyond the limit the oldest is forgotten.
 */
export class SocketWatch {
  readonly #sockets: Socket[] = [];
  readonly #channel = channel("net.client.socket");
  readonly #listener = (message: unknown): void => {
    if (!isSocketMessage(message)) return;
    this.#sockets.push(message.socket);
    if (this.#sockets.length > SOCKETS_MAX) this.#sockets.shift();
  };

  constructor() {
    this.#channel.subscribe(this.#listener);
  }

  close(): void {
    this.#channel.unsubscribe(this.#listener);
  }

  /** Local address of the newest open connection to the peer, `host:port`. */
  localAddress(peer: string): string | undefined {
    const socket = this.#sockets.findLast((candidate) => {
      const { remoteAddress, remotePort } = candidate;
      return remoteAddress !== undefined && joinHostPort(remoteAddress, remotePort) === peer;
    });
    if (socket?.localAddress === undefined) return undefined;
    return joinHostPort(socket.localAddress, socket.localPort);
  }
}

function joinHostPort(host: string, port: number | undefined): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function isSocketMessage(message: unknown): message is { readonly socket: Socket } {
  return typeof message === "object" && message !== null && "socket" in message;
}
