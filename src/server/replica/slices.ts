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
 * neither the loop nor the shorter work waits for the longest. Work that begins has first pieces
 * done at once, as long as all that began in the same turn has not used up its time.
 */
export class Slices {
  readonly #clock: Clock;
  readonly #later: (turn: () => void) => void;
  readonly #jobs: Step[] = [];
  #scheduled = false;
  /** What beginnings have taken of this turn. */
  #begunMs = 0;

  constructor(clock: Clock, later: (turn: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#later = later;
  }

  /**
   * Begins with the first piece at once if the turn has time for it, or else in a later turn. False
   * when too much is under way already.
   */
  run(step: Step): boolean {
    if (this.#jobs.length >= SLICED_JOBS_MAX) return false;
    if (this.#begunMs < TURN_MS && this.#begin(step)) return true;
    this.#jobs.push(step);
    this.#schedule();
    return true;
  }

  /** Does some of the work; true when that was all of it. */
  #begin(step: Step): boolean {
    const beganMs = this.#clock.monotonicMs();
    const untilMs = this.#jobs.length === 0 ? beganMs + TURN_MS - this.#begunMs : beganMs;
    let nowMs = beganMs;
    let isDone = false;
    do {
      isDone = step();
      nowMs = this.#clock.monotonicMs();
    } while (!isDone && nowMs < untilMs);
    this.#begunMs += nowMs - beganMs;
    this.#schedule();
    return isDone;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    this.#begunMs = 0;
    const untilMs = this.#clock.monotonicMs() + TURN_MS;
    do {
      const step = this.#jobs.shift();
      if (step === undefined) return;
      if (!step()) this.#jobs.push(step);
    } while (this.#clock.monotonicMs() < untilMs);
    if (this.#jobs.length > 0) this.#schedule();
  };
}
