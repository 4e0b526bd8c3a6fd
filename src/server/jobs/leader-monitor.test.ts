// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { LeaderMonitor } from "./leader-monitor.ts";

/** A monitor whose checks the test makes itself. */
function monitor() {
  const world = { hasLeader: true, lost: 0 };
  const job = new LeaderMonitor({
    hasLeader: () => world.hasLeader,
    electionTimeoutMs: 1_000_000,
    lost: () => world.lost++,
  });
  return { world, job };
}

test("a leader is lost after three election timeouts without one", () => {
  const { world, job } = monitor();
  job.check();
  world.hasLeader = false;
  job.check();
  job.check();
  expect(world.lost).toBe(0);
  job.check();
  expect(world.lost).toBe(1);
  job.stop();
});

test("a leader in between begins the count anew", () => {
  const { world, job } = monitor();
  for (const hasLeader of [false, false, true, false, false]) {
    world.hasLeader = hasLeader;
    job.check();
  }
  expect(world.lost).toBe(0);
  job.stop();
});
