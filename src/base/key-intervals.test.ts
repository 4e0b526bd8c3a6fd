// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { KeyIntervals } from "./key-intervals.ts";

function intervals(...ranges: [string, string][]): KeyIntervals {
  const set = new KeyIntervals();
  for (const [key, end] of ranges) set.add(Buffer.from(key, "latin1"), Buffer.from(end, "latin1"));
  return set;
}

test("a key without an end is that key alone", () => {
  const set = intervals(["foo", ""]);
  expect(set.contains("foo")).toBe(true);
  expect(set.contains("foo\0")).toBe(false);
  expect(set.contains("fo")).toBe(false);
});

test("a range holds its first key and not its end, in unsigned byte order", () => {
  const set = intervals(["b", "\xf0"]);
  expect(set.contains("b")).toBe(true);
  expect(set.contains("\x80")).toBe(true);
  expect(set.contains("\xf0")).toBe(false);
  expect(set.contains("a")).toBe(false);
});

test("a range up to a zero byte holds nothing", () => {
  const set = intervals(["m", "\0"]);
  expect(set.contains("m")).toBe(false);
  expect(set.contains("\xff\xff")).toBe(false);
});

test("a united set holds what either holds", () => {
  const set = intervals(["a", ""]);
  set.addAll(intervals(["x", "z"]));
  expect(set.contains("a")).toBe(true);
  expect(set.contains("y")).toBe(true);
  expect(set.contains("b")).toBe(false);
});
