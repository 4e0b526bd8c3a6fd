// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";

test("what is printed is read back as the same duration", () => {
  const nanoseconds = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  fc.assert(
    fc.property(nanoseconds, (value) => {
      expect(parseGoDuration(formatGoDuration(value))).toBe(value);
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
    expect(parseGoDuration(text)).toBeUndefined();
  },
);
