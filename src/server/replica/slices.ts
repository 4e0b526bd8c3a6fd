// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";

/** What long work may take of one turn of the event loop, all of it together, in milliseconds. */
const TURN_MS = 4;
/** Pieces of work under way; a further one is refused. */
export const SLICED_JOBS_MAX = 1000;

/** One piece of work: does a little and tells whether it is done. A piece takes about 1 ms. */
export type Step = () => boolean;

/**
 * Does work that takes long in slices between the turns, one after another in a circle, so that
 * neither the loop nor the shorter work waits for the longest.
 */
export class Slices {
  readonly #clock: Clock;
  readonly #later: (turn: () => void) => void;
  readonly #jobs: Step[] = [];
  #scheduled = false;

  constructor(clock: Clock, later: (turn: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#later = later;
  }

  /** Begins with the first piece at once; false when too much is under way already. */
  run(step: Step): boolean {
    if (this.#jobs.length >= SLICED_JOBS_MAX) return false;
    const untilMs = this.#clock.monotonicMs() + (this.#jobs.length === 0 ? TURN_MS : 0);
    do {
      if (step()) return true;
    } while (this.#clock.monotonicMs() < untilMs);
    this.#jobs.push(step);
    this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    const untilMs = this.#clock.monotonicMs() + TURN_MS;
    do {
      const step = this.#jobs.shift();
      if (step === undefined) return;
      if (!step()) this.#jobs.push(step);
    } while (this.#clock.monotonicMs() < untilMs);
    if (this.#jobs.length > 0) this.#schedule();
  };
}
