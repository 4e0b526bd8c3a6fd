// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { parseCommaList } from "./comma-list.ts";

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
