// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";

/** Connections that may wait for the member to be ready; a further one is closed. */
const WAITING_SOCKETS_MAX = 1024;
/**
 * How long they wait; then they are closed. Nothing is read from them meanwhile, so a client that
 * has gone is not noticed sooner.
 */
const WAITING_MS_MAX = 120_000;

/**
 * Holds connections that come before the member can serve them, as etcd's port takes connections
 * while it starts, and hands them on when it is open.
 */
export class ConnectionGate {
  #waiting = new Set<Socket>();
  #accept: ((socket: Socket) => void) | undefined;

  accept(socket: Socket): void {
    if (this.#accept !== undefined) {
      this.#accept(socket);
      return;
    }
    if (this.#waiting.size >= WAITING_SOCKETS_MAX) {
      socket.destroy();
      return;
    }
    this.#waiting.add(socket);
    const timer = setTimeout(() => {
      if (this.#waiting.has(socket)) socket.destroy();
    }, WAITING_MS_MAX);
    timer.unref();
    socket.once("close", () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    });
    // Without a listener a broken connection would end the process.
    socket.on("error", () => socket.destroy());
  }

  open(accept: (socket: Socket) => void): void {
    this.#accept = accept;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const socket of waiting) accept(socket);
  }
}
