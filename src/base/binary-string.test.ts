// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { binaryString, bytesOf, compareSlices } from "./binary-string.ts";

const bytes = fc.uint8Array({ maxLength: 20 });

test("bytes survive the way through a string, whatever kind of array holds them", () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(Uint8Array.from(bytesOf(binaryString(value)))).toEqual(value);
      expect(binaryString(Buffer.from(value))).toBe(binaryString(value));
    }),
  );
});

test("a piece is cut out of the middle", () => {
  expect(binaryString(Uint8Array.of(1, 0xff, 0x41, 9), 1, 3)).toBe("\u00ffA");
});

test("strings and pieces are ordered as the bytes are", () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      const order = Buffer.compare(a, b);
      const [textA, textB] = [binaryString(a), binaryString(b)];
      expect(textA < textB ? -1 : textA > textB ? 1 : 0).toBe(order);
      const padded = Buffer.concat([Buffer.of(7), b]);
      expect(Math.sign(compareSlices(a, 0, a.length, padded, 1, padded.length))).toBe(order);
    }),
  );
});
