// SPDX-License-Identifier: Apache-2.0
// Runs the micro benchmark of raft, tiny, so that it cannot rot; and what needs no quiet machine.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { heapOverEntries, runRaftBench } from "../../bench/micro/raft.bench.ts";
import { PAYLOAD_BYTES } from "../../bench/micro/raft-loop.ts";

/** Eight bytes an entry would be more. */
const GROWTH_BYTES_MAX = 1_000_000;
const STEP_ENTRIES = 200_000;

/** The collector, which a worker of the tests is not started with. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("no collector");
  return () => collect();
}

test("the benchmark of raft applies what it proposes", () => {
  const figures = runRaftBench(640);
  expect(figures.map(({ row }) => row)).toContain("three voters, leader, 64 at once");
  for (const { row, checksum } of figures) {
    expect(checksum / PAYLOAD_BYTES, row).toBeGreaterThanOrEqual(640);
  }
});

test("the heap of a leader does not grow with the number of entries it has seen", () => {
  const used = heapOverEntries(3 * STEP_ENTRIES, 3, collector());
  const [, second = 0, third = 0] = used;
  expect(third - second).toBeLessThan(GROWTH_BYTES_MAX);
});
