// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { goJsonString, goJsonStrings } from "./go-json.ts";

test("Go's encoder escapes what could end a script element", () => {
  expect(goJsonString('<a href="x">&</a>')).toBe(
    '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u003c/a\\u003e"',
  );
});

test("line separators are escaped, other text is not", () => {
  expect(goJsonString("\u2028\u2029 é 世")).toBe('"\\u2028\\u2029 é 世"');
});

test("a lone surrogate becomes the replacement character", () => {
  expect(goJsonString("a\ud800b")).toBe('"a\ufffdb"');
});

test("a list has no spaces", () => {
  expect(goJsonStrings(["http://a:1", "http://b:2"])).toBe('["http://a:1","http://b:2"]');
});
