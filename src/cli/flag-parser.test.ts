// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boolFlag, durationFlag, type Flags, int64Flag, listFlag, textFlag } from "./flag.ts";
import { parseFlags } from "./flag-parser.ts";

const flags: Flags = {
  all: boolFlag("", { char: "a" }),
  brief: boolFlag("", { char: "b", value: true }),
  out: textFlag("", { char: "o", value: "simple" }),
  limit: int64Flag(""),
  wait: durationFlag("", 5_000_000_000n),
  list: listFlag("", ["one"]),
};

interface Result {
  readonly values?: Record<string, unknown>;
  readonly words?: readonly string[];
  readonly dash?: number | undefined;
  readonly error?: string;
}

function parse(line: readonly string[]): Result {
  const parsed = parseFlags(line, flags);
  if (!parsed.ok) return { error: parsed.error };
  const { values, positional, countAtDash } = parsed.words;
  const changed = values.names.filter((name) => values.changed(name));
  const entries = changed.map((name) => [name, values.get(name)] as const);
  return { values: Object.fromEntries(entries), words: positional, dash: countAtDash };
}

describe("a command line taken apart", () => {
  test.each<[string, Record<string, unknown>, string[], number?]>([
    ["", {}, []],
    ["x y", {}, ["x", "y"]],
    ["--all x", { all: true }, ["x"]],
    ["x --all y", { all: true }, ["x", "y"]],
    ["--all=false", { all: false }, []],
    ["--all false", { all: true }, ["false"]],
    ["--brief=0", { brief: false }, []],
    ["--out json", { out: "json" }, []],
    ["--out=json", { out: "json" }, []],
    ["--out= x", { out: "" }, ["x"]],
    ["--out=a=b", { out: "a=b" }, []],
    ["--out --all", { out: "--all" }, []],
    ["--out a --out b", { out: "b" }, []],
    ["-o json", { out: "json" }, []],
    ["-ojson", { out: "json" }, []],
    ["-o=json", { out: "json" }, []],
    ["-o=", { out: "=" }, []],
    ["-ab", { all: true, brief: true }, []],
    ["-abojson", { all: true, brief: true, out: "json" }, []],
    ["-a=false", { all: false }, []],
    ["-ab=false", { all: true, brief: false }, []],
    ["- x", {}, ["-", "x"]],
    ["x -- --all -o", {}, ["x", "--all", "-o"], 1],
    ["--", {}, [], 0],
    ["-- x -- y", {}, ["x", "--", "y"], 0],
    ["--limit 0x10", { limit: 16n }, []],
    ["--limit -3", { limit: -3n }, []],
    ["--wait 1m", { wait: 60_000_000_000n }, []],
    ["--list a,b --list c", { list: ["a", "b", "c"] }, []],
  ])("%s", (line, values, words, dash) => {
    const result = parse(line === "" ? [] : line.split(" "));
    expect(result).toEqual({ values, words, dash });
  });
});

describe("the first mistake ends it", () => {
  test.each([
    ["--nosuch", "unknown flag: --nosuch"],
    ["--nosuch=5", "unknown flag: --nosuch"],
    ["--toString", "unknown flag: --toString"],
    ["-x", "unknown shorthand flag: 'x' in -x"],
    ["-axo", "unknown shorthand flag: 'x' in -xo"],
    ["--out", "flag needs an argument: --out"],
    ["-o", "flag needs an argument: 'o' in -o"],
    ["-ao", "flag needs an argument: 'o' in -o"],
    ["--=x", "bad flag syntax: --=x"],
    ["---x", "bad flag syntax: ---x"],
    [
      "--limit x",
      'invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      "-a=maybe",
      'invalid argument "maybe" for "-a, --all" flag: ' +
        'strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    ["--nosuch --limit x", "unknown flag: --nosuch"],
  ])("%s", (line, error) => {
    expect(parse(line.split(" "))).toEqual({ error });
  });
});

test("words that cannot be flags come back in their order, whatever flags stand between", () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith("-"));
  const given = fc.constantFrom("--all", "--out=x", "--limit=3", "-b=false");
  const part = fc.oneof(word, given);
  fc.assert(
    fc.property(fc.array(part), (line) => {
      const words = line.filter((text) => !text.startsWith("-"));
      expect(parse(line).words).toEqual(words);
    }),
  );
});

test("behind a double dash nothing is a flag", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (before, after) => {
      const plain = before.filter((text) => !text.startsWith("-"));
      const result = parse([...plain, "--", ...after]);
      expect(result).toEqual({ values: {}, words: [...plain, ...after], dash: plain.length });
    }),
  );
});

test("any line is either taken apart or refused with a text", () => {
  const odd = fc.constantFrom("-", "--", "=", "-o", "--out", "--all=", "-ab", "---", "--limit");
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), odd)), (line) => {
      const result = parse(line);
      expect(result.error ?? result.words).toBeDefined();
    }),
  );
});
