// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { goQuote } from "../base/go-quote.ts";
import { splitWords } from "./words.ts";

test.each<[string, string[] | undefined]>([
  ["", []],
  ["put a b", ["put", "a", "b"]],
  ["  put\ta   b ", ["put", "a", "b"]],
  ['put a "b c"', ["put", "a", "b c"]],
  ["put a 'b \"c\"'", ["put", "a", 'b "c"']],
  ["put a 'b\\nc'", ["put", "a", "b\\nc"]],
  ['put a "b\\nc"', ["put", "a", "b\nc"]],
  ['put a "b"c', ["put", "a", "b", "c"]],
  ['put a b"c d"e', ["put", "a", 'b"c', 'd"e']],
  ['put a "x""y"', ["put", "a", "x", "y"]],
  ['put a ""', ["put", "a", ""]],
  ["put a ''", ["put", "a", ""]],
  ['put a "b', ["put", "a", "b"]],
  ["put a 'b", ["put", "a", "b"]],
  ["put a b'c d'", ["put", "a", "b'c", "d'"]],
  ['put a "b\\q"', undefined],
  ['put a "\\400"', undefined],
])("%j", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test("quoted words come back whole", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const line = words.map(goQuote).join(" ");
      expect(splitWords(line)).toEqual(words);
    }),
  );
});
