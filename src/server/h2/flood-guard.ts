// SPDX-License-Identifier: Apache-2.0

import type { H2Limits } from "./limits.ts";

/**
 * Counts, per flood window, what costs a client nothing to send and this side something to
 * handle. Each method answers false when its limit is passed; the connection then ends with
 * ENHANCE_YOUR_CALM.
 */
export class FloodGuard {
  readonly #limits: H2Limits;
  #windowEndMs = 0;
  #resets = 0;
  #settings = 0;
  #windowChanges = 0;
  #idleFrames = 0;
  #pings = 0;

  constructor(limits: H2Limits) {
    this.#limits = limits;
  }

  /** A stream that the client reset, or that had to be refused. */
  reset(nowMs: number): boolean {
    this.#roll(nowMs);
    return ++this.#resets <= this.#limits.resetsPerWindowMax;
  }

  settings(nowMs: number): boolean {
    this.#roll(nowMs);
    return ++this.#settings <= this.#limits.settingsPerWindowMax;
  }

  /** SETTINGS that change the windows of so many open streams. */
  windowChanges(nowMs: number, streams: number): boolean {
    this.#roll(nowMs);
    this.#windowChanges += streams;
    return this.#windowChanges <= this.#limits.windowChangesPerWindowMax;
  }

  /** A frame without effect. */
  idleFrame(nowMs: number): boolean {
    this.#roll(nowMs);
    return ++this.#idleFrames <= this.#limits.idleFramesPerWindowMax;
  }

  ping(nowMs: number): boolean {
    this.#roll(nowMs);
    return ++this.#pings <= this.#limits.pingsPerWindowMax;
  }

  #roll(nowMs: number): void {
    if (nowMs < this.#windowEndMs) return;
    this.#windowEndMs = nowMs + this.#limits.floodWindowMs;
    this.#resets = 0;
    this.#settings = 0;
    this.#windowChanges = 0;
    this.#idleFrames = 0;
    this.#pings = 0;
  }
}
