// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  type CompactionSchedule,
  PeriodicSchedule,
  RevisionSchedule,
} from "./compaction-schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Runs a schedule over a store that gains one revision per minute; answers what was compacted. */
function run(schedule: CompactionSchedule, minutes: number): { minute: number; to: number }[] {
  const compactions: { minute: number; to: number }[] = [];
  for (let atMs = 0; atMs <= minutes * MINUTE_MS; atMs += schedule.intervalMs) {
    const revision = 1 + Math.floor(atMs / MINUTE_MS);
    const to = schedule.due(atMs, revision);
    if (to === undefined) continue;
    schedule.compacted(atMs, to);
    compactions.push({ minute: atMs / MINUTE_MS, to });
  }
  return compactions;
}

test("S-155 a period below an hour compacts once per period, to what was current a period ago", () => {
  expect(run(new PeriodicSchedule(30 * MINUTE_MS), 100)).toEqual([
    { minute: 30, to: 1 },
    { minute: 60, to: 31 },
    { minute: 90, to: 61 },
  ]);
});

test("a longer period waits for its end and then compacts hourly", () => {
  expect(run(new PeriodicSchedule(3 * HOUR_MS), 310)).toEqual([
    { minute: 180, to: 1 },
    { minute: 240, to: 61 },
    { minute: 300, to: 121 },
  ]);
});

test("an idle store is not compacted twice to the same revision", () => {
  const schedule = new PeriodicSchedule(10 * MINUTE_MS);
  const compactions: number[] = [];
  for (let atMs = 0; atMs < 60 * MINUTE_MS; atMs += schedule.intervalMs) {
    const to = schedule.due(atMs, 7);
    if (to === undefined) continue;
    compactions.push(to);
    schedule.compacted(atMs, to);
  }
  expect(compactions).toEqual([7]);
});

test("a compaction that failed is due again at the next look", () => {
  const schedule = new PeriodicSchedule(10 * MINUTE_MS);
  for (let at = 0; at < 10; at++) expect(schedule.due(at * MINUTE_MS, 5)).toBe(undefined);
  expect(schedule.due(10 * MINUTE_MS, 6)).toBe(5);
  expect(schedule.due(11 * MINUTE_MS, 6)).toBe(5);
});

test("S-154 by revision: every five minutes, to the current one less the retention", () => {
  const schedule = new RevisionSchedule(100);
  expect(schedule.intervalMs).toBe(5 * MINUTE_MS);
  expect(schedule.due(0, 100)).toBe(undefined);
  expect(schedule.due(1, 150)).toBe(50);
  schedule.compacted(1, 50);
  expect(schedule.due(2, 150)).toBe(undefined);
  expect(schedule.due(3, 151)).toBe(51);
});
