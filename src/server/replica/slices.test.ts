// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { Slices, WAITING_MAX } from "./slices.ts";

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

test("short work is done at once, however much of it there is", () => {
  const { slices, turns, done, job } = world();
  for (let at = 0; at < 500; at++) expect(slices.run(job("a", 1))).toBe(true);
  expect([done.length, turns.length]).toEqual([500, 0]);
});

test("long work goes on in later turns, a few milliseconds each", () => {
  const { slices, turns, done, job } = world();
  slices.run(job("a", 10));
  const after = [done.length];
  while (turns.length > 0) {
    turns.shift()?.();
    after.push(done.length);
  }
  expect(after).toEqual([4, 8, 10]);
});

test("what comes later takes turns with what is under way", () => {
  const { slices, turns, done, job } = world();
  slices.run(job("a", 9));
  slices.run(job("b", 2));
  expect(done.slice(4)).toEqual(["b"]);
  turns.shift()?.();
  expect(done.slice(5)).toEqual(["a", "b", "a", "a"]);
});

test("of long work only a few begin in a turn, and what comes behind them waits", () => {
  const { slices, turns, done, job } = world();
  for (const name of ["a", "b", "c", "d", "e", "f"]) slices.run(job(name, 6));
  slices.run(job("short", 1));
  expect(done).toEqual(["a", "a", "a", "a", "b", "c", "d"]);
  turns.shift()?.();
  expect(done.slice(7)).toEqual(["a", "b", "c", "d", "e", "f", "short"]);
  slices.run(job("g", 2));
  expect(done.slice(14)).toEqual(["g"]);
});

test("much long work waits, and is all done", () => {
  const { slices, turns, done, job } = world();
  for (let at = 0; at < 5000; at++) expect(slices.run(job("a", 2))).toBe(true);
  let most = 0;
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    const before = done.length;
    turn();
    most = Math.max(most, done.length - before);
  }
  expect(done.length).toBe(10_000);
  expect(most).toBeLessThanOrEqual(4 + 4 + 3);
});

test("no more than a thousand are under way; the others wait to begin", () => {
  const { slices, turns, job } = world();
  const begun = new Set<number>();
  const ended = new Set<number>();
  for (let at = 0; at < 1100; at++) {
    const step = job("a", 400);
    slices.run(() => {
      begun.add(at);
      const isDone = step();
      if (isDone) ended.add(at);
      return isDone;
    });
  }
  let most = 0;
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    turn();
    most = Math.max(most, begun.size - ended.size);
  }
  expect([most, ended.size]).toEqual([1000, 1100]);
});

test("too much work is refused", () => {
  const { slices, turns, job } = world();
  let taken = 0;
  while (slices.run(job("a", 9))) taken++;
  // Four have begun.
  expect(taken).toBe(WAITING_MAX + 4);
  turns.shift()?.();
  expect(slices.run(job("b", 1))).toBe(true);
});
