// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { logQuota, siBytes } from "./quota-log.ts";

function said(bytes: number, configured: number): unknown[] {
  const lines: unknown[] = [];
  logQuota(
    { enabled: () => true, log: (level, _caller, message) => lines.push([level, message]) },
    bytes,
    configured,
  );
  return lines;
}

test("sizes are told in powers of a thousand", () => {
  const sizes = [9, 2147483648, 5000000, 8589934592, 12_345_678];
  expect(sizes.map(siBytes)).toEqual(["9 B", "2.1 GB", "5.0 MB", "8.6 GB", "12 MB"]);
});

test("the start says which quota is in force", () => {
  expect(said(2147483648, 0)).toEqual([["info", "enabled backend quota with default value"]]);
  expect(said(-1, -1)).toEqual([["info", "disabled backend quota"]]);
  expect(said(9e9, 9e9)).toEqual([
    ["warn", "quota exceeds the maximum value"],
    ["info", "enabled backend quota"],
  ]);
});
