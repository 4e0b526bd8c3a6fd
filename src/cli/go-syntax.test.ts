// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBytes, encodeText } from "./byte-text.ts";
import { parseCommaList } from "./comma-list.ts";
import { formatGoDuration, parseGoDuration } from "./go-duration.ts";
import { parseGoBoolean, parseGoInt64 } from "./go-number.ts";
import { goQuote, goQuoteBytes, goUnquote } from "./go-quote.ts";

describe("quoting", () => {
  test.each([
    ["", '""'],
    ["plain", '"plain"'],
    ['say "hi"\\', '"say \\"hi\\"\\\\"'],
    ["\x07\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
    ["\x00\x1f\x7f", '"\\x00\\x1f\\x7f"'],
    ["é☃\u{1f600}", '"é☃\u{1f600}"'],
    ["\u00a0\u200b\ufeff", '"\\u00a0\\u200b\\ufeff"'],
    ["\u{e0001}", '"\\U000e0001"'],
    ["\ufffd", '"\ufffd"'],
  ])("%j becomes %s", (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  test("bytes that are no UTF-8 are written one by one", () => {
    expect(goQuoteBytes(Uint8Array.of(0xff, 0x61, 0xe2, 0x98))).toBe('"\\xffa\\xe2\\x98"');
  });

  test("whatever was quoted can be unquoted", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const back = goUnquote(goQuoteBytes(bytes));
        expect(back === undefined ? undefined : Buffer.from(encodeText(back))).toEqual(
          Buffer.from(bytes),
        );
      }),
    );
  });

  test.each([
    ['"\\x61\\141\\u0061\\U00000061"', "aaaa"],
    ["`raw \\n \r`", "raw \\n "],
    ['"\\xff"', "\udcff"],
    ['"\udcff"', "\ufffd"],
  ])("%j is unquoted", (literal, text) => {
    expect(goUnquote(literal)).toBe(text);
  });

  test.each([
    '"',
    '""x',
    '"a"b"',
    '"\\q"',
    '"\\x6"',
    '"\\400"',
    '"\\ud800"',
    '"\\U00110000"',
    '"\\\'"',
    "'a'",
    "plain",
    '"a\nb"',
    "`a`b`",
    "",
  ])("%j is no literal", (literal) => {
    expect(goUnquote(literal)).toBeUndefined();
  });
});

describe("numbers", () => {
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
});

describe("durations", () => {
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
      fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n), (value) => {
        expect(parseGoDuration(formatGoDuration(value))).toEqual({ ok: true, value });
      }),
    );
  });
});

describe("lists", () => {
  test.each([
    ["", []],
    ["a", ["a"]],
    ["a,b,", ["a", "b", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"a""b"', ['a"b']],
  ])("%j", (text, list) => {
    const parsed = parseCommaList(text);
    // A comma at the end opens one more, empty field.
    expect(parsed).toEqual({ ok: true, value: list });
  });

  test.each([
    ['a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
    ['x,"', 'parse error on line 1, column 4: extraneous or missing " in quoted-field'],
  ])("%j is refused", (text, error) => {
    expect(parseCommaList(text)).toEqual({ ok: false, error });
  });
});

test("decoding and quoting agree on what is a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(text.isWellFormed());
      expect(goQuote(decodeBytes(Buffer.from(text)))).toBe(goQuote(text));
    }),
  );
});
