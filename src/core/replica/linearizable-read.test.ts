// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { PENDING_READS_MAX } from "./limits.ts";
import { ReadQueue } from "./linearizable-read.ts";

const RETRY_TICKS = 5;

function queueOf(...reads: readonly string[]): ReadQueue<string> {
  const queue = new ReadQueue<string>(counting());
  for (const read of reads) queue.push(read, 0);
  return queue;
}

/** Asks, which must be due, and answers with the context. */
function ask(queue: ReadQueue<string>, tick = 0): bigint {
  const context = queue.question(tick, RETRY_TICKS);
  expect(context).toBeDefined();
  return context ?? -1n;
}

/** Contexts as request IDs are: any numbers, each once. */
function counting(): () => bigint {
  let next = 7n << 48n;
  return () => next++;
}

test("reads that came together share one question and are served together", () => {
  const queue = queueOf("a", "b");
  queue.confirm(ask(queue), 7);
  expect(queue.takeServable(6)).toEqual([]);
  expect(queue.takeServable(7)).toEqual(["a", "b"]);
  expect(queue.takeServable(7)).toEqual([]);
});

test("a read that comes after the question waits for the next one", () => {
  const queue = queueOf("early");
  const context = ask(queue);
  queue.push("late", 0);
  expect(queue.question(0, RETRY_TICKS)).toBeUndefined();
  queue.confirm(context, 3);
  expect(queue.takeServable(9)).toEqual(["early"]);
  queue.confirm(ask(queue), 4);
  expect(queue.takeServable(9)).toEqual(["late"]);
});

test("nothing is asked for nobody", () => {
  expect(queueOf().question(0, RETRY_TICKS)).toBeUndefined();
});

test("a lost question is repeated under a new context, and the old answer counts no more", () => {
  const queue = queueOf("a");
  const lost = ask(queue);
  expect(queue.question(RETRY_TICKS - 1, RETRY_TICKS)).toBeUndefined();
  const again = ask(queue, RETRY_TICKS);
  expect(again).not.toBe(lost);
  queue.confirm(lost, 1);
  expect(queue.takeServable(9)).toEqual([]);
  queue.confirm(again, 2);
  expect(queue.takeServable(9)).toEqual(["a"]);
});

test("batches are served as far as the state has come", () => {
  const queue = queueOf("a");
  queue.confirm(ask(queue), 5);
  queue.push("b", 0);
  queue.confirm(ask(queue), 8);
  expect(queue.takeServable(7)).toEqual(["a"]);
  expect(queue.takeServable(8)).toEqual(["b"]);
});

test("what has waited too long is given up in every stage, and its answer finds nobody", () => {
  const queue = queueOf("confirmed");
  queue.confirm(ask(queue), 100);
  queue.push("asked", 1);
  const context = ask(queue, 1);
  queue.push("next", 2);
  expect(queue.takeStartedBefore(0)).toEqual(["confirmed"]);
  expect(queue.takeStartedBefore(2)).toEqual(["next", "asked"]);
  queue.confirm(context, 1);
  expect(queue.takeServable(200)).toEqual([]);
});

test("the number that waits is bounded, and whoever is served or given up makes room", () => {
  const queue = new ReadQueue<number>(counting());
  for (let read = 0; read < PENDING_READS_MAX; read++) queue.push(read, 0);
  expect(queue.hasRoom).toBe(false);
  expect(queue.takeStartedBefore(0)).toHaveLength(PENDING_READS_MAX);
  expect(queue.hasRoom).toBe(true);
  for (let read = 0; read < PENDING_READS_MAX; read++) queue.push(read, 1);
  queue.confirm(queue.question(1, RETRY_TICKS) ?? -1n, 1);
  expect(queue.hasRoom).toBe(false);
  expect(queue.takeServable(1)).toHaveLength(PENDING_READS_MAX);
  expect(queue.hasRoom).toBe(true);
});
