// SPDX-License-Identifier: Apache-2.0

import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../../base/contracts/clock.ts";
import type { MetricRegistry } from "./metrics.ts";

/** What is asked of Node's histogram of delays, in nanoseconds. */
export interface DelayHistogram {
  percentile(percent: number): number;
  reset(): void;
}

/**
 * The loop is looked at this often: a stall of half as long is seen every other time. Every 20 ms
 * made most of what an idle process wakes up for, and a quarter of its CPU.
 */
const RESOLUTION_MS = 50;
/** A window of measurement ends with the first scrape after so long. */
const WINDOW_MS = 60_000;
const QUANTILES: readonly string[] = ["0.5", "0.9", "0.99", "1"];

type Delays = readonly { readonly quantile: string; readonly seconds: number }[];

/**
 * How late the event loop is, which is what every request waits besides its own work. Shows the
 * last whole window, and until there is one what was seen so far.
 */
export class EventLoopDelay {
  readonly #clock: Clock;
  readonly #histogram: DelayHistogram;
  readonly #disable: () => void;
  #windowStartMs: number;
  #lastWindow: Delays | undefined;

  constructor(clock: Clock, histogram?: DelayHistogram) {
    this.#clock = clock;
    this.#windowStartMs = clock.monotonicMs();
    if (histogram !== undefined) {
      this.#histogram = histogram;
      this.#disable = () => {};
      return;
    }
    const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    monitor.enable();
    this.#histogram = monitor;
    this.#disable = () => monitor.disable();
  }

  collect(registry: MetricRegistry): void {
    registry.collectEach("etcdx_event_loop_delay_seconds", (emit) => {
      for (const { quantile, seconds } of this.#read()) emit(seconds, quantile);
    });
  }

  /** Measures no more. */
  stop(): void {
    this.#disable();
  }

  #read(): Delays {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#lastWindow = this.#current();
      this.#windowStartMs = nowMs;
      this.#histogram.reset();
    }
    return this.#lastWindow ?? this.#current();
  }

  /** Node records the time between two looks, the interval included. */
  #current(): Delays {
    return QUANTILES.map((quantile) => {
      const nanoseconds = this.#histogram.percentile(Number(quantile) * 100);
      return { quantile, seconds: Math.max(0, nanoseconds - RESOLUTION_MS * 1e6) / 1e9 };
    });
  }
}
