// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { parseGoBoolean, parseGoInt64, parseGoInteger } from "./go-number.ts";
import { goQuote } from "./go-quote.ts";

test.each([
  ["0", 0, 0n],
  ["-12", 10, -12n],
  ["+7", 10, 7n],
  ["0x1F", 0, 31n],
  ["0b101", 0, 5n],
  ["0o17", 0, 15n],
  ["017", 0, 15n],
  ["1_000", 0, 1000n],
  ["0x_ff", 0, 255n],
  ["0_7", 0, 7n],
  ["694d8e9e05c52164", 16, 0x694d8e9e05c52164n],
  ["9223372036854775807", 10, 9223372036854775807n],
  ["-9223372036854775808", 10, -9223372036854775808n],
] as const)("%s in base %d", (text, base, value) => {
  expect(parseGoInt64(text, base)).toEqual({ ok: true, value });
});

test.each([
  ["", 10, "invalid syntax"],
  ["x", 10, "invalid syntax"],
  ["0x10", 10, "invalid syntax"],
  ["1_0", 10, "invalid syntax"],
  ["_1", 0, "invalid syntax"],
  ["1__0", 0, "invalid syntax"],
  ["1_", 0, "invalid syntax"],
  ["08", 0, "invalid syntax"],
  ["0x", 0, "invalid syntax"],
  ["--1", 0, "invalid syntax"],
  ["9223372036854775808", 10, "value out of range"],
] as const)("%j in base %d is refused: %s", (text, base, reason) => {
  const error = `strconv.ParseInt: parsing ${goQuote(text)}: ${reason}`;
  expect(parseGoInt64(text, base)).toEqual({ ok: false, error });
});

test("booleans have twelve spellings", () => {
  for (const text of ["1", "t", "T", "true", "TRUE", "True"]) {
    expect(parseGoBoolean(text)).toEqual({ ok: true, value: true });
  }
  for (const text of ["0", "f", "F", "false", "FALSE", "False"]) {
    expect(parseGoBoolean(text)).toEqual({ ok: true, value: false });
  }
  expect(parseGoBoolean("tRUE").ok).toBe(false);
  expect(parseGoBoolean("").ok).toBe(false);
});

test("an unsigned integer takes no sign and fits its bits", () => {
  const format = { signed: false, bits: 32 } as const;
  expect(parseGoInteger("0xffffffff", format)).toEqual({ ok: true, value: 0xffffffffn });
  expect(parseGoInteger("1_0", format)).toEqual({ ok: true, value: 10n });
  expect(parseGoInteger("4294967296", format)).toEqual({ ok: false, reason: "range" });
  expect(parseGoInteger("+1", format)).toEqual({ ok: false, reason: "syntax" });
});

test("what is wrong first is what is reported: size or form", () => {
  const format = { signed: true, bits: 64 } as const;
  expect(parseGoInteger("99999999999999999999x", format)).toEqual({ ok: false, reason: "range" });
  expect(parseGoInteger("9x9999999999999999999", format)).toEqual({ ok: false, reason: "syntax" });
});
