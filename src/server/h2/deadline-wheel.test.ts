// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Deadlined, DeadlineWheel } from "./deadline-wheel.ts";

class Entry implements Deadlined {
  readonly deadlineMs: number;
  wheelNext: Deadlined | undefined = undefined;
  wheelPrevious: Deadlined | undefined = undefined;
  wheelSlot = -1;
  toldMs: number[] = [];

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  deadlineReached(): void {
    this.toldMs.push(performance.now());
  }
}

const clock = { monotonicMs: () => performance.now(), unixMs: () => 0 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a deadline wheel", () => {
  test("tells each entry once, never early, and at most a slot late", () => {
    const delays = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(delays, fc.array(fc.nat({ max: 3000 }), { maxLength: 30 }), (waits, gaps) => {
        const wheel = new DeadlineWheel(clock);
        const entries = waits.map((wait, index) => {
          vi.advanceTimersByTime(gaps[index] ?? 0);
          const entry = new Entry(performance.now() + wait);
          wheel.add(entry, performance.now());
          return entry;
        });
        vi.advanceTimersByTime(21_000);
        for (const { deadlineMs, toldMs } of entries) {
          expect(toldMs).toHaveLength(1);
          const lateMs = (toldMs[0] ?? 0) - deadlineMs;
          expect(lateMs).toBeGreaterThanOrEqual(0);
          expect(lateMs).toBeLessThanOrEqual(9);
        }
        expect(wheel.size).toBe(0);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("does not tell what was removed", () => {
    const wheel = new DeadlineWheel(clock);
    const [one, two, three] = [new Entry(100), new Entry(100), new Entry(100)];
    for (const entry of [one, two, three]) wheel.add(entry, 0);
    wheel.remove(two);
    wheel.remove(two);
    vi.advanceTimersByTime(200);
    expect([one, two, three].map(({ toldMs }) => toldMs.length)).toEqual([1, 0, 1]);
  });

  test("lets an entry that is told remove another one that is due", () => {
    const wheel = new DeadlineWheel(clock);
    const two = new Entry(100);
    const one = new Entry(100);
    one.deadlineReached = () => wheel.remove(two);
    wheel.add(two, 0);
    wheel.add(one, 0);
    vi.advanceTimersByTime(200);
    expect(two.toldMs).toEqual([]);
    expect(wheel.size).toBe(0);
  });

  test("stops its timer when closed", () => {
    const wheel = new DeadlineWheel(clock);
    wheel.add(new Entry(100), 0);
    wheel.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
