// SPDX-License-Identifier: Apache-2.0

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { catchStopSignals, type SignalTarget, type StopSignal } from "./signals.ts";

class FakeProcess extends EventEmitter implements SignalTarget {
  readonly pid: number;
  readonly ended: (StopSignal | number)[] = [];
  constructor(pid: number) {
    super();
    this.pid = pid;
  }
  kill(_pid: number, signal: StopSignal): void {
    this.ended.push(signal);
  }
  exit(code: number): void {
    this.ended.push(code);
  }
}

test("the first signal is handed over and ends nothing", async () => {
  const target = new FakeProcess(7);
  const signals = catchStopSignals(target);
  target.emit("SIGINT");
  expect(await signals.received).toBe("SIGINT");
  expect(target.ended).toEqual([]);
});

test("a second signal ends the process by that signal, whichever came first", () => {
  const target = new FakeProcess(7);
  catchStopSignals(target);
  target.emit("SIGINT");
  target.emit("SIGTERM");
  expect(target.ended).toEqual(["SIGTERM"]);
});

test("finishing releases the listeners before it raises the signal again", () => {
  const target = new FakeProcess(7);
  const signals = catchStopSignals(target);
  signals.finish("SIGTERM");
  expect(target.listenerCount("SIGTERM") + target.listenerCount("SIGINT")).toBe(0);
  expect(target.ended).toEqual(["SIGTERM"]);
});

test("process 1 leaves with code 0 because no signal would end it", () => {
  const target = new FakeProcess(1);
  catchStopSignals(target).finish("SIGTERM");
  expect(target.ended).toEqual([0]);
});
