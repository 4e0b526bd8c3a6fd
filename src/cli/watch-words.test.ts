// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  environmentRange,
  interactiveWatchWords,
  type WatchWords,
  watchWords,
} from "./watch-words.ts";

const nothing = { key: "", rangeEnd: "" };

test.each<[string[], number | undefined, WatchWords]>([
  [["a"], undefined, { key: "a", rangeEnd: undefined, command: [] }],
  [["a", "b"], undefined, { key: "a", rangeEnd: "b", command: [] }],
  [["a", "b", "c"], undefined, { key: "a", rangeEnd: undefined, command: [] }],
  [["a", "echo", "hi"], 1, { key: "a", rangeEnd: undefined, command: ["echo", "hi"] }],
  [["a", "b", "echo"], 2, { key: "a", rangeEnd: "b", command: ["echo"] }],
])("%j with the dash at %s", (words, dash, expected) => {
  expect(watchWords(words, dash, nothing)).toEqual(expected);
});

test("the environment gives key and range end, words only a command", () => {
  const range = environmentRange("k", "l");
  const expected = { key: "k", rangeEnd: "l", command: ["echo"] };
  expect(watchWords(["echo"], 0, range)).toEqual(expected);
  expect(watchWords([], undefined, environmentRange("k")).rangeEnd).toBeUndefined();
});

test("arguments that do not fit together are refused", () => {
  expect(() => watchWords([], undefined, nothing)).toThrow("bad number of arguments");
  expect(() => watchWords(["a"], 1, nothing)).toThrow("found separator --, but no commands");
  expect(() => watchWords(["a"], undefined, environmentRange("k"))).toThrow("conflicting");
  expect(() => environmentRange("", "end")).toThrow('ETCDCTL_WATCH_RANGE_END="end"');
});

const known = { key: "k", rangeEnd: "l" };
const keyOnly = { key: "k", rangeEnd: "" };

test.each<[string[], number | undefined, typeof nothing, WatchWords | undefined]>([
  [["a"], undefined, nothing, { key: "a", rangeEnd: undefined, command: [] }],
  [["a", "echo"], 1, nothing, { key: "a", rangeEnd: undefined, command: ["echo"] }],
  [["echo"], 0, nothing, undefined],
  [[], undefined, known, { key: "k", rangeEnd: "l", command: [] }],
  [["echo"], 0, known, { key: "k", rangeEnd: "l", command: ["echo"] }],
  [["m", "echo"], 1, keyOnly, { key: "k", rangeEnd: "m", command: ["echo"] }],
])("a line with %j and the dash at %s", (words, dash, environment, expected) => {
  expect(interactiveWatchWords(words, dash, environment)).toEqual(expected);
});

test("a line whose arguments do not fit together is refused", () => {
  expect(() => interactiveWatchWords([], undefined, nothing)).toThrow("bad number of arguments");
  expect(() => interactiveWatchWords(["a"], undefined, known)).toThrow("conflicting");
});
