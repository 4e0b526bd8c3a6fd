// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBytes, encodeText, sequenceLength } from "./byte-text.ts";

test("any bytes survive the way through text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(Buffer.from(encodeText(decodeBytes(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("well-formed text is what a UTF-8 decoder makes of its bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(decodeBytes(Buffer.from(text))).toBe(text.toWellFormed());
    }),
  );
});

test("bytes that are no UTF-8 become lone surrogates, the text around them stays", () => {
  expect(decodeBytes(Uint8Array.of(0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x98))).toBe(
    "a\udcffé\udce2\udc98",
  );
});

test("over-long forms, surrogates and code points beyond the last one are no sequences", () => {
  const none = [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0x80],
    [0xe2, 0x98],
  ];
  for (const bytes of none) expect(sequenceLength(Uint8Array.from(bytes), 0)).toBe(0);
});
