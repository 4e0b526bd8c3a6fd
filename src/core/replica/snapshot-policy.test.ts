// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SnapshotPolicy } from "./snapshot-policy.ts";

const options = { snapshotCount: 10, intervalMinMs: 1000, lastIndex: 100 };

test("one is due when more entries than the count have been applied", () => {
  const policy = new SnapshotPolicy(options);
  expect(policy.isDue(110, 0)).toBe(false);
  expect(policy.isDue(111, 0)).toBe(true);
});

test("no second one begins while one is being written", () => {
  const policy = new SnapshotPolicy(options);
  policy.started(0);
  expect(policy.isDue(1000, 5000)).toBe(false);
  policy.finished(500);
  expect(policy.isDue(1000, 5000)).toBe(true);
});

test("two beginnings are at least the interval apart, however fast entries come", () => {
  const policy = new SnapshotPolicy(options);
  policy.started(50);
  policy.finished(200);
  expect(policy.isDue(10_000, 1049)).toBe(false);
  expect(policy.isDue(10_000, 1050)).toBe(true);
});

test("entries count from the last recorded snapshot, which never moves back", () => {
  const policy = new SnapshotPolicy(options);
  policy.started(0);
  policy.finished(50);
  expect(policy.lastIndex).toBe(100);
  policy.started(1000);
  policy.finished(300);
  expect(policy.lastIndex).toBe(300);
  expect([policy.isDue(310, 2000), policy.isDue(311, 2000)]).toEqual([false, true]);
});
