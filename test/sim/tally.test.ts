// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { NAMED_EVENTS } from "./coverage.ts";
import { COVERED_SEEDS, type RunSummary, Tally } from "./tally.ts";

const RUN: RunSummary = {
  seed: 1,
  side: "within",
  isBroken: false,
  members: 3,
  simulatedMs: 20_000,
  cpuMs: 100,
  steps: 1000,
  undecided: 0,
  coverage: NAMED_EVENTS.map((event) => [event, 1] as const),
};

function tallyOf(runs: number, init: Partial<RunSummary> = {}): Tally {
  const tally = new Tally();
  for (let run = 0; run < runs; run++) tally.add({ ...RUN, ...init });
  return tally;
}

test("a broken promise fails a batch, unless the run went beyond what is promised", () => {
  const tally = tallyOf(2);
  expect(tally.add({ ...RUN, side: "beyond", isBroken: true })).toBe(false);
  expect(tally.isPassed).toBe(true);
  expect(tally.add({ ...RUN, seed: 7, isBroken: true })).toBe(true);
  expect([tally.isPassed, tally.failed]).toEqual([false, [7]]);
});

test("more than one run in a thousand whose histories stay undecided fails a batch", () => {
  const tally = tallyOf(1999);
  for (const passes of [true, true, false]) {
    tally.add({ ...RUN, undecided: 2 });
    expect(tally.isPassed).toBe(passes);
  }
  expect(tally.describe().join("\n")).toContain("after too long a search: 3 runs");
});

test("a long batch fails when a named event was never seen, a short one does not", () => {
  const missing = { coverage: RUN.coverage.slice(1) };
  expect(tallyOf(COVERED_SEEDS - 1, missing).isPassed).toBe(true);
  const long = tallyOf(COVERED_SEEDS, missing);
  expect(long.isPassed).toBe(false);
  expect(long.describe()).toContain(`never seen: ${NAMED_EVENTS[0]}`);
});

test("the speed of clusters that begin with three members is told apart", () => {
  const tally = tallyOf(1);
  tally.add({ ...RUN, members: 5, cpuMs: 300 });
  const lines = tally.describe();
  expect(lines).toContain("100 simulated seconds per second of one core");
  expect(lines).toContain("200 of them where a run begins with three members");
});
