// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";

/** What long work may take of one turn of the event loop, all of it together, in milliseconds. */
const TURN_MS = 4;
/** Pieces of long work that begin in one turn; what comes behind them waits. */
const BEGINNINGS_MAX = 4;
/** Pieces of long work under way; no more begin meanwhile. */
const UNDER_WAY_MAX = 1000;
/** Pieces of work that wait to begin; a further one is refused. */
export const WAITING_MAX = 10_000;
/** Places at the front of the waiting that are given back together. */
const LEFT_PLACES_MAX = 1024;

/** One piece of work: does a little and tells whether it is done. A piece takes about 1 ms. */
export type Step = () => boolean;

/**
 * Does work that takes long in slices between the turns, one after another in a circle, so that
 * neither the loop nor the shorter work waits for the longest. What needs one piece only is done
 * at once, however much of it there is: answers that leave together cost half as much as those
 * that leave in several turns. Of what needs more only a few begin in a turn.
 */
export class Slices {
  readonly #clock: Clock;
  readonly #later: (turn: () => void) => void;
  readonly #underWay: Step[] = [];
  readonly #waiting: Step[] = [];
  /** Those before have begun. */
  #waitingFrom = 0;
  #scheduled = false;
  /** How many that need more than a piece have begun in this turn. */
  #begun = 0;

  constructor(clock: Clock, later: (turn: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#later = later;
  }

  /**
   * Begins with the first piece at once, or in a later turn when enough long work has begun in
   * this one. False when too much waits already.
   */
  run(step: Step): boolean {
    if (this.#mayBegin && this.#waitingFrom === this.#waiting.length) {
      this.#begin(step);
      return true;
    }
    if (this.#waiting.length - this.#waitingFrom >= WAITING_MAX) return false;
    this.#waiting.push(step);
    return true;
  }

  get #mayBegin(): boolean {
    return this.#begun < BEGINNINGS_MAX && this.#underWay.length < UNDER_WAY_MAX;
  }

  /** Does a piece of the work, or as much as a turn has time for if it is the only one. */
  #begin(step: Step): void {
    const untilMs = this.#clock.monotonicMs() + (this.#underWay.length === 0 ? TURN_MS : 0);
    do {
      if (step()) return;
    } while (this.#clock.monotonicMs() < untilMs);
    this.#begun++;
    this.#underWay.push(step);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    this.#begun = 0;
    const untilMs = this.#clock.monotonicMs() + TURN_MS;
    do {
      const step = this.#underWay.shift();
      if (step === undefined) break;
      if (!step()) this.#underWay.push(step);
    } while (this.#clock.monotonicMs() < untilMs);
    this.#beginWaiting();
    if (this.#underWay.length > 0) this.#schedule();
  };

  #beginWaiting(): void {
    while (this.#mayBegin && this.#waitingFrom < this.#waiting.length) {
      const step = this.#waiting[this.#waitingFrom++];
      if (step !== undefined) this.#begin(step);
    }
    const areAllLeft = this.#waitingFrom === this.#waiting.length;
    if (!areAllLeft && this.#waitingFrom < LEFT_PLACES_MAX) return;
    this.#waiting.splice(0, this.#waitingFrom);
    this.#waitingFrom = 0;
  }
}
