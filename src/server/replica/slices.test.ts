// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SLICED_JOBS_MAX, Slices } from "./slices.ts";

/** Slices on a clock that goes on by a millisecond with each piece of work. */
function world() {
  let now = 0;
  const turns: (() => void)[] = [];
  const clock = { monotonicMs: () => now, unixMs: () => now };
  const slices = new Slices(clock, (turn) => turns.push(turn));
  const done: string[] = [];
  const job = (name: string, pieces: number) => {
    let left = pieces;
    return () => {
      now++;
      done.push(name);
      return --left === 0;
    };
  };
  return { slices, turns, done, job };
}

test("short work is done at once", () => {
  const { slices, turns, done, job } = world();
  slices.run(job("a", 3));
  expect(done).toHaveLength(3);
  turns.shift()?.();
  expect([done.length, turns.length]).toEqual([3, 0]);
});

test("long work goes on in later turns, a few milliseconds each", () => {
  const { slices, turns, done, job } = world();
  slices.run(job("a", 10));
  expect(done).toHaveLength(4);
  turns.shift()?.();
  expect(done).toHaveLength(8);
  turns.shift()?.();
  expect([done.length, turns.length]).toEqual([10, 0]);
});

test("what comes later takes turns with what is under way", () => {
  const { slices, turns, done, job } = world();
  slices.run(job("c", 1));
  slices.run(job("a", 9));
  expect(done).toEqual(["c", "a", "a", "a"]);
  turns.shift()?.();
  slices.run(job("b", 2));
  expect(done.slice(8)).toEqual(["b"]);
  turns.shift()?.();
  expect(done.slice(9)).toEqual(["a", "b", "a"]);
});

test("work that begins takes no more of a turn than other work", () => {
  const { slices, turns, done, job } = world();
  for (const name of ["a", "b", "c", "d", "e", "f"]) slices.run(job(name, 2));
  expect(done).toEqual(["a", "a", "b", "b"]);
  turns.shift()?.();
  expect(done.slice(4)).toEqual(["c", "d", "e", "f"]);
  slices.run(job("g", 1));
  expect(done.slice(8)).toEqual(["g"]);
});

test("too much work is refused", () => {
  const { slices, job } = world();
  for (let at = 0; at < SLICED_JOBS_MAX; at++) expect(slices.run(job("a", 100))).toBe(true);
  expect(slices.run(job("b", 1))).toBe(false);
});
