// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";

/** One answered request, for the log line that a slow one earns. */
export interface FinishedRequest {
  readonly startedMs: number;
  readonly remote: string;
  readonly path: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** A value's size stands for the value. */
  readonly content: string;
}

/** Warns about unary requests that took longer than `--warning-unary-request-duration`. */
export class SlowRequests {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #thresholdMs: number;

  constructor(clock: Clock, logger: Logger, thresholdMs: number) {
    this.#clock = clock;
    this.#logger = logger;
    this.#thresholdMs = thresholdMs;
  }

  now(): number {
    return this.#clock.monotonicMs();
  }

  isSlow(startedMs: number): boolean {
    return this.#clock.monotonicMs() - startedMs > this.#thresholdMs;
  }

  warn(request: FinishedRequest): void {
    const spentMs = this.#clock.monotonicMs() - request.startedMs;
    const startUnixMs = this.#clock.unixMs() - spentMs;
    this.#logger.log("warn", "grpc/slow-requests.ts", "request stats", {
      "start time": new Date(startUnixMs).toISOString(),
      "time spent": `${spentMs.toFixed(3)}ms`,
      remote: request.remote,
      "response type": request.path,
      "request count": 1,
      "request size": request.requestBytes,
      "response count": 1,
      "response size": request.responseBytes,
      "request content": request.content,
    });
  }
}
