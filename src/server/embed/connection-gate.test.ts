// SPDX-License-Identifier: Apache-2.0

import { Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { ConnectionGate } from "./connection-gate.ts";

const WAITING_MAX = 1024;

test("connections wait in order until the gate opens, later ones pass at once", () => {
  const gate = new ConnectionGate();
  const sockets = [new Socket(), new Socket(), new Socket()] as const;
  const accepted: Socket[] = [];
  gate.accept(sockets[0]);
  gate.accept(sockets[1]);
  gate.open((socket) => accepted.push(socket));
  gate.accept(sockets[2]);
  expect(accepted).toEqual(sockets);
});

test("one that breaks or leaves while it waits is not handed on", async () => {
  const gate = new ConnectionGate();
  const [broken, left, stays] = [new Socket(), new Socket(), new Socket()];
  for (const socket of [broken, left, stays]) gate.accept(socket);
  const closed = [broken, left].map(
    (each) => new Promise((resolve) => each.once("close", resolve)),
  );
  broken.destroy(new Error("reset"));
  left.destroy();
  await Promise.all(closed);
  const accepted: Socket[] = [];
  gate.open((socket) => accepted.push(socket));
  expect(accepted).toEqual([stays]);
});

test("one that has waited for two minutes is closed, whether its client is still there or not", () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const gate = new ConnectionGate();
  const [early, late] = [new Socket(), new Socket()];
  gate.accept(early);
  vi.advanceTimersByTime(60_000);
  gate.accept(late);
  vi.advanceTimersByTime(60_000);
  expect([early.destroyed, late.destroyed]).toEqual([true, false]);
  const accepted: Socket[] = [];
  gate.open((socket) => accepted.push(socket));
  vi.advanceTimersByTime(60_000);
  expect(late.destroyed).toBe(false);
  expect(accepted.at(-1)).toBe(late);
});

test("no more than the limit may wait; the next is closed", () => {
  const gate = new ConnectionGate();
  const waiting = Array.from({ length: WAITING_MAX }, () => new Socket());
  for (const socket of waiting) gate.accept(socket);
  const late = new Socket();
  gate.accept(late);
  expect(late.destroyed).toBe(true);
  let accepted = 0;
  gate.open(() => accepted++);
  expect(accepted).toBe(WAITING_MAX);
});
