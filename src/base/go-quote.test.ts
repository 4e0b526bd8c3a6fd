// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBytes, encodeText } from "./byte-text.ts";
import { goQuote, goQuoteBytes, goUnquote } from "./go-quote.ts";

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

test("decoding and quoting agree on what is a character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(text.isWellFormed());
      expect(goQuote(decodeBytes(Buffer.from(text)))).toBe(goQuote(text));
    }),
  );
});
