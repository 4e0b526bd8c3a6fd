// SPDX-License-Identifier: Apache-2.0

import type { KeepaliveOptions } from "./limits.ts";

/** Strikes that a client may collect; one more ends the connection. As in grpc-go. */
const STRIKES_MAX = 2;
/** A client without streams that may not ping is still granted one ping in this time. */
const IDLE_PING_INTERVAL_MS = 7_200_000;

/** Judges how often a client pings, with grpc-go's rules. */
export class PingPolicy {
  readonly #keepalive: KeepaliveOptions;
  #lastPingMs = Number.NEGATIVE_INFINITY;
  #strikes = 0;
  /** Set whenever headers or data are sent: the next ping is then taken as answered interest. */
  forgiven = false;

  constructor(keepalive: KeepaliveOptions) {
    this.#keepalive = keepalive;
  }

  /** A ping arrived; false when it was one too many. */
  ping(nowMs: number, openStreams: number): boolean {
    const sinceLastMs = nowMs - this.#lastPingMs;
    this.#lastPingMs = nowMs;
    if (this.forgiven) {
      this.forgiven = false;
      this.#strikes = 0;
      return true;
    }
    const idle = openStreams === 0 && !this.#keepalive.permitWithoutStream;
    const intervalMs = idle ? IDLE_PING_INTERVAL_MS : this.#keepalive.minTimeMs;
    if (sinceLastMs < intervalMs) this.#strikes++;
    return this.#strikes <= STRIKES_MAX;
  }
}
