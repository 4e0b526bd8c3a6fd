// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../src/base/contracts/clock.ts";
import { invariant } from "../../src/base/invariant.ts";

/** A clock that stands still until the test moves it. */
export class SimClock implements Clock {
  #monotonicMs = 0;
  #unixOffsetMs: number;

  constructor(unixMs = 1_700_000_000_000) {
    this.#unixOffsetMs = unixMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  unixMs(): number {
    return this.#unixOffsetMs + this.#monotonicMs;
  }

  /** Lets time pass on both clocks. */
  advance(milliseconds: number): void {
    invariant(milliseconds >= 0, "time does not run backwards");
    this.#monotonicMs += milliseconds;
  }

  /** Sets the wall clock, as an operator or NTP does; the monotonic clock goes on. */
  jumpTo(unixMs: number): void {
    this.#unixOffsetMs = unixMs - this.#monotonicMs;
  }
}
