// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";

test.each([
  ["0", 0n, "0s"],
  ["5s", 5_000_000_000n, "5s"],
  ["1h30m", 5_400_000_000_000n, "1h30m0s"],
  ["1.5s", 1_500_000_000n, "1.5s"],
  ["-250ms", -250_000_000n, "-250ms"],
  [".5ms", 500_000n, "500\u00b5s"],
  ["17ns", 17n, "17ns"],
  ["3.926us", 3926n, "3.926\u00b5s"],
  ["90m0.5s", 5_400_500_000_000n, "1h30m0.5s"],
])("%s", (text, value, formatted) => {
  expect(parseGoDuration(text)).toEqual({ ok: true, value });
  expect(formatGoDuration(value)).toBe(formatted);
});

test.each([
  ["", 'time: invalid duration ""'],
  ["x", 'time: invalid duration "x"'],
  [".s", 'time: invalid duration ".s"'],
  ["5", 'time: missing unit in duration "5"'],
  ["5x", 'time: unknown unit "x" in duration "5x"'],
  ["9999999h", 'time: invalid duration "9999999h"'],
])("%j is refused", (text, error) => {
  expect(parseGoDuration(text)).toEqual({ ok: false, error });
});

test("what is printed reads back as the same time", () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
      expect(parseGoDuration(formatGoDuration(value))).toEqual({ ok: true, value });
    }),
  );
});

const printed: readonly [bigint, string][] = [
  [0n, "0s"],
  [999n, "999ns"],
  [1_500n, "1.5µs"],
  [300_000_000n, "300ms"],
  [1_500_000_000n, "1.5s"],
  [60_000_000_000n, "1m0s"],
  [-5_400_000_000_000n, "-1h30m0s"],
];
test.each(printed)("%d ns are printed as %s", (value, text) => {
  expect(formatGoDuration(value)).toBe(text);
});

test.each(["", "1", "s", ".s", "1h ", "1x", "--1s", "1e3s", "9223372036854775808ns"])(
  "%j is no duration",
  (text) => {
    expect(parseGoDuration(text).ok).toBe(false);
  },
);
