// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { perfVerdict } from "./check-perf.ts";

const good = { seconds: 60, count: 8900, slowest: 0.13, deviation: 0.0096, errors: new Map() };

test("a load that everything was good about has passed", () => {
  expect(perfVerdict(good, 150)).toEqual({
    passed: true,
    lines: [
      "PASS: Throughput is 149 writes/s",
      "PASS: Slowest request took 0.130000s",
      "PASS: Stddev is 0.009600s",
      "PASS",
    ],
  });
});

test.each([
  [{ count: 8100 }, "FAIL: Throughput too low: 136 writes/s"],
  [{ slowest: 0.5001 }, "Slowest request took too long: 0.500100s"],
  [{ deviation: 0.2 }, "Stddev too high: 0.200000s"],
])("%j alone makes it fail", (flaw, line) => {
  const { passed, lines } = perfVerdict({ ...good, ...flaw }, 150);
  expect(passed).toBe(false);
  expect(lines).toContain(line);
  expect(lines.at(-1)).toBe("FAIL");
});

test("so does an error, which is counted", () => {
  const errors = new Map([["etcdserver: mvcc: database space exceeded", 3]]);
  const { passed, lines } = perfVerdict({ ...good, errors }, 150);
  expect(passed).toBe(false);
  expect(lines.slice(0, 2)).toEqual([
    "FAIL: too many errors",
    "FAIL: ERROR(etcdserver: mvcc: database space exceeded) -> 3",
  ]);
});
