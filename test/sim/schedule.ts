// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../src/base/contracts/clock.ts";

interface Event {
  readonly timeMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** What is going to happen, by simulated time; at one time, in the order it was asked for. */
export class Schedule {
  nowMs = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  at(timeMs: number, run: () => void): void {
    const event = { timeMs: Math.max(timeMs, this.nowMs), order: this.#order++, run };
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const above = (hole - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[hole] = parent;
      hole = above;
    }
    heap[hole] = event;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  /** Lets the next event happen, if it comes before `endMs`; false when there is none. */
  step(endMs: number): boolean {
    const next = this.#heap[0];
    if (next === undefined || next.timeMs > endMs) {
      this.nowMs = Math.max(this.nowMs, endMs);
      return false;
    }
    this.#removeFirst();
    this.nowMs = next.timeMs;
    next.run();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let hole = 0;
    for (;;) {
      let below = 2 * hole + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below++;
      }
      if (!isBefore(child, last)) break;
      heap[hole] = child;
      hole = below;
    }
    heap[hole] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}

/** One machine's view of the simulated time: its clock may run fast or slow, and be set. */
export class MachineClock implements Clock {
  readonly #schedule: Schedule;
  /** From when on the clock has gone at which rate, and what it showed then. */
  readonly #spans = [{ fromMs: 0, shownMs: 0, rate: 1 }];
  /** What its wall clock is off, in milliseconds. */
  wallOffsetMs = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Simulated milliseconds per millisecond of this machine's timers. */
  get rate(): number {
    return this.#spans.at(-1)?.rate ?? 1;
  }

  set rate(rate: number) {
    this.#spans.push({ fromMs: this.#schedule.nowMs, shownMs: this.monotonicMs(), rate });
  }

  monotonicMs(): number {
    return this.monotonicAt(this.#schedule.nowMs);
  }

  /** What it showed, or is going to show, at a simulated time. */
  monotonicAt(simulatedMs: number): number {
    let at = this.#spans.length - 1;
    while (at > 0 && (this.#spans[at]?.fromMs ?? 0) > simulatedMs) at--;
    const { fromMs, shownMs, rate } = this.#spans[at] ?? { fromMs: 0, shownMs: 0, rate: 1 };
    return shownMs + (simulatedMs - fromMs) / rate;
  }

  unixMs(): number {
    return 1_700_000_000_000 + this.monotonicMs() + this.wallOffsetMs;
  }
}
