// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeText } from "../base/byte-text.ts";
import { goQuote } from "../base/go-quote.ts";
import { CommandFailure, ExitCode } from "./exit-code.ts";
import { parseCompare } from "./txn-syntax.ts";

const key = encodeText("k");

describe("compares", () => {
  test.each([
    ['ver("k") = "3"', { target: 0, result: 0, key, version: 3 }],
    ['version("k") != "3"', { target: 0, result: 3, key, version: 3 }],
    ['c("k") > "3"', { target: 1, result: 1, key, createRevision: 3 }],
    ['create("k") < "-3"', { target: 1, result: 2, key, createRevision: -3 }],
    ['m("k") = "3"', { target: 2, result: 0, key, modRevision: 3 }],
    ['mod("k") = "3"', { target: 2, result: 0, key, modRevision: 3 }],
    ['val("k") = "3"', { target: 3, result: 0, key, value: encodeText("3") }],
    ['value("k") = ""', { target: 3, result: 0, key, value: encodeText("") }],
    ["value(`k`) = `\\n`", { target: 3, result: 0, key, value: encodeText("\\n") }],
    ['lease("k") = "1f"', { target: 4, result: 0, key, lease: 0x1fn }],
    ['val("k")\t=   "x" and more', { target: 3, result: 0, key, value: encodeText("x") }],
    ['val(   "k") = "x"', { target: 3, result: 0, key, value: encodeText("x") }],
  ])("%s", (line, compare) => {
    expect(parseCompare(line)).toEqual(compare);
  });

  test.each([
    ["bad", "malformed comparison: bad"],
    ['val "k" = "x"', 'malformed comparison: val "k" = "x"'],
    ['val(k) = "x"', 'malformed comparison: val(k) = "x"; got val("")  ""'],
    ['val("k") = x', 'malformed comparison: val("k") = x; got val("k") = ""'],
    ['val("k")="x"', 'malformed comparison: val("k")="x"; got val("k")  ""'],
    ['foo(k) = "x"', 'malformed comparison: foo(k) = "x"; got foo("")  ""'],
    ['foo("k") = "x"', 'malformed comparison: foo("k") = "x" (unknown target foo)'],
    [
      'constructor("k") = "x"',
      'malformed comparison: constructor("k") = "x" (unknown target constructor)',
    ],
    ['ver("k") = "x"', 'invalid txn compare request: ver("k") = "x"'],
    ['ver("k") = "0x1"', 'invalid txn compare request: ver("k") = "0x1"'],
    ['val("k") == "x"', 'malformed comparison: val("k") == "x" (unknown operator ==)'],
  ])("%s is refused", (line, message) => {
    expect(() => parseCompare(line)).toThrow(new CommandFailure(ExitCode.invalidInput, message));
  });

  test("any key and value can be written", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        const compare = parseCompare(`val(${goQuote(name)}) = ${goQuote(value)}`);
        expect(compare.key).toEqual(encodeText(name));
        expect(compare.value).toEqual(encodeText(value));
      }),
    );
  });
});
