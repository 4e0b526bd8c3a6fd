// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import {
  type Directive,
  parseDirective,
  parseScript,
  rewriteScript,
  runScript,
} from "./datadriven.ts";

function echo({ command, args, input }: Directive): string {
  const words = args.map(({ key, values }) => `${key}:${values.join("|")}`);
  return [command, ...words, input].filter((word) => word !== "").join(" ");
}

describe("a script", () => {
  it("is taken apart into cases, past comments and blank lines", () => {
    const cases = parseScript(
      "# a comment\n\n  first 1\n----\none\n\n\n# another\nsecond a=b\n in put \n# not a comment\n" +
        "----\n  two\nthree\n",
    );
    expect(
      cases.map(({ command, input, line, expected }) => [command, input, line, expected]),
    ).toEqual([
      ["first", "", 3, "one\n"],
      ["second", "in put \n# not a comment", 9, "  two\nthree\n"],
    ]);
  });

  it("joins lines that end in a backslash", () => {
    expect(parseScript("go a=1 \\\n   b=2\n----\nok\n")[0]?.args).toEqual([
      { key: "a", values: ["1"] },
      { key: "b", values: ["2"] },
    ]);
  });

  it("may have blank lines in fenced output", () => {
    const [first, second] = parseScript("a\n----\n----\nx\n\ny\n----\n----\n\nb\n----\nok\n");
    expect([first?.expected, second?.command]).toEqual(["x\n\ny\n", "b"]);
  });

  it("needs its separators", () => {
    expect(() => parseScript("go\nok\n")).toThrow('line 1: no ---- after "go"');
    expect(() => parseScript("go\n----\n----\nx\n")).toThrow("the output has no end");
  });
});

describe("a directive line", () => {
  it("has arguments without, with one or with several values", () => {
    expect(parseDirective('cmd 1 k= k=v=w list=(a, b,(c,d)) "q"')).toEqual({
      command: "cmd",
      args: [
        { key: "1", values: [] },
        { key: "k", values: [""] },
        { key: "k", values: ["v=w"] },
        { key: "list", values: ["a", "b", "(c,d)"] },
        { key: '"q"', values: [] },
      ],
    });
  });

  it("needs its parentheses in pairs", () => {
    expect(() => parseDirective("cmd a=(1")).toThrow("unbalanced");
    expect(() => parseDirective("cmd a=1)")).toThrow("unbalanced");
  });
});

describe("running a script", () => {
  it("ends at the first case that fails", () => {
    const cases = parseScript("a\n----\na\n\nb\n----\nwrong\n\nc\n----\nc\n");
    expect(runScript(cases, echo)).toEqual({
      passed: 1,
      failure: { line: 5, directive: "b", expected: "wrong\n", actual: "b\n" },
      notRun: 1,
    });
  });

  it("fails a case whose handler throws", () => {
    const result = runScript(parseScript("a\n----\na\n"), () => {
      throw new Error("boom");
    });
    expect(result.failure?.actual).toContain("boom");
  });
});

describe("rewriting a script", () => {
  it("replaces the output and keeps everything else", () => {
    const text = "# kept\na x=(1,2)\n input\n----\nold\nlines\n\n\n# end\n";
    expect(rewriteScript(text, echo)).toBe(
      "# kept\na x=(1,2)\n input\n----\na x:1|2 input\n\n\n# end\n",
    );
  });

  it("refuses output that could not be told from its end", () => {
    expect(() => rewriteScript("a\n----\n?\n", () => "x\n----")).toThrow("separator");
  });

  it("makes scripts that pass, whatever the output", () => {
    for (const output of ["plain", "two\nlines\n", "blank\n\nline", "", " \n"]) {
      const rewritten = rewriteScript("a\n----\n?\n\nb\n----\n?\n", () => output);
      const { passed, failure } = runScript(parseScript(rewritten), () => output);
      expect([output, failure, passed]).toEqual([output, undefined, 2]);
    }
  });
});
