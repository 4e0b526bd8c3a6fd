// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { H2Limits, KeepaliveOptions } from "./limits.ts";

/** What the timer asks of its connection. */
export interface KeepaliveTarget {
  /** When the client was last heard of. */
  readonly lastHeardMs: number;
  /** The client's first SETTINGS have arrived. */
  readonly greeted: boolean;
  sendKeepalivePing(): void;
  /** The client is gone, or never said anything sensible. */
  keepaliveFailed(): void;
}

/**
 * The one timer of a connection: first it waits for the client's greeting, then it pings after
 * silence and ends the connection when no sign of life follows.
 */
export class KeepaliveTimer {
  readonly #target: KeepaliveTarget;
  readonly #clock: Clock;
  readonly #limits: H2Limits;
  readonly #keepalive: KeepaliveOptions;
  #timer: NodeJS.Timeout | undefined;
  #pingedMs = -1;

  constructor(
    target: KeepaliveTarget,
    clock: Clock,
    limits: H2Limits,
    keepalive: KeepaliveOptions,
  ) {
    this.#target = target;
    this.#clock = clock;
    this.#limits = limits;
    this.#keepalive = keepalive;
    this.#arm(Math.min(limits.handshakeTimeoutMs, keepalive.intervalMs));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.ceil(delayMs)));
    this.#timer.unref();
  }

  #check(): void {
    const nowMs = this.#clock.monotonicMs();
    const silentMs = nowMs - this.#target.lastHeardMs;
    if (!this.#target.greeted && silentMs >= this.#limits.handshakeTimeoutMs) {
      this.#target.keepaliveFailed();
      return;
    }
    if (!this.#target.greeted) {
      this.#arm(this.#limits.handshakeTimeoutMs - silentMs);
    } else if (this.#pingedMs >= 0 && this.#target.lastHeardMs <= this.#pingedMs) {
      const leftMs = this.#pingedMs + this.#keepalive.timeoutMs - nowMs;
      if (leftMs > 0) this.#arm(leftMs);
      else this.#target.keepaliveFailed();
    } else if (silentMs >= this.#keepalive.intervalMs) {
      this.#pingedMs = nowMs;
      this.#target.sendKeepalivePing();
      this.#arm(this.#keepalive.timeoutMs);
    } else {
      this.#pingedMs = -1;
      this.#arm(this.#keepalive.intervalMs - silentMs);
    }
  }
}
