// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { banRules, importRules } from "./import-rules.ts";
import { checkBans, checkCycles, checkDirections, checkDoors } from "./rules-imports.ts";
import {
  checkDefaultExports,
  checkFileLengths,
  checkFunctionLengths,
  checkLicence,
  checkLinks,
  checkMarkers,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
} from "./rules-text.ts";
import { formatViolations } from "./source-files.ts";
import { parse } from "./syntax.ts";

function source(path: string, text: string) {
  return parse({ path, text });
}

test("an import against the direction is found, a type-only one and a dynamic one too", () => {
  const files = [
    source("src/core/raft/a.ts", 'import type { B } from "../mvcc/index.ts";\n'),
    source("src/base/b.ts", '\nexport * from "../api/x.ts";\n'),
    source("src/client/c.ts", 'const x = import("../server/embed/index.ts");\n'),
    source("src/core/lease/d.ts", 'type X = import("../auth/index.ts").X;\n'),
  ];
  expect(formatViolations(checkDirections(files, importRules))).toEqual([
    "src/core/raft/a.ts:1 core/raft may not import ../mvcc/index.ts",
    "src/base/b.ts:2 base may not import ../api/x.ts",
    "src/client/c.ts:1 client may not import ../server/embed/index.ts",
    "src/core/lease/d.ts:1 core/lease may not import ../auth/index.ts",
  ]);
});

test("an import in the right direction passes, and so does a test that reaches elsewhere", () => {
  const files = [
    source("src/core/apply/a.ts", 'import { b } from "../mvcc/index.ts";\n'),
    source("src/base/b.test.ts", 'import { c } from "../api/x.ts";\n'),
    source("src/base/c.ts", 'import data from "../../data.json" with { type: "json" };\n'),
  ];
  expect(checkDirections(files, importRules)).toEqual([]);
});

test("a folder that the table does not know is found", () => {
  const files = [source("src/misc/a.ts", "export const a = 1;\n")];
  expect(checkDirections(files, importRules).length).toBe(1);
});

test("an import past an index is found", () => {
  const files = [
    source("src/core/apply/a.ts", 'import { b } from "../mvcc/store.ts";\n'),
    source("src/server/embed/b.ts", 'import { c } from "../config/load.ts";\n'),
    source("src/core/mvcc/c.ts", 'import { d } from "./watch/event.ts";\n'),
  ];
  expect(formatViolations(checkDoors(files))).toEqual([
    "src/core/apply/a.ts:1 ../mvcc/store.ts goes past core/mvcc/index.ts",
    "src/server/embed/b.ts:1 ../config/load.ts goes past server/config/index.ts",
  ]);
});

test("a cycle of types is a cycle", () => {
  const files = [
    source("src/base/a.ts", 'import type { B } from "./b.ts";\n'),
    source("src/base/b.ts", 'import type { C } from "./c.ts";\n'),
    source("src/base/c.ts", 'import type { A } from "./a.ts";\n'),
  ];
  expect(formatViolations(checkCycles(files))).toEqual([
    "src/base/c.ts:1 is part of a cycle: src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts",
  ]);
  expect(checkCycles(files.slice(0, 2))).toEqual([]);
});

const banned = [
  "const now = Date.now();",
  "const at = new Date();",
  "const chance = Math.random();",
  "setTimeout(() => {}, 1);",
  "const { env } = process;",
  "async function wait() {}",
  "let later: Promise<void>;",
  'import { readFileSync } from "node:fs";',
  'import { open } from "lmdb";',
];
test.each(banned)("in an engine this is found: %s", (line) => {
  const file = source("src/core/mvcc/a.ts", `${line}\n`);
  expect(checkBans([file], banRules).length).toBeGreaterThan(0);
});

test("the same names as properties, and the same code elsewhere, are no concern of the bans", () => {
  const text = "const a = options.process; const b = { Date: 1 }; const c = Math.max(1, 2);\n";
  const files = [
    source("src/core/mvcc/a.ts", text),
    source("src/server/replica/b.ts", "const now = Date.now();\n"),
    source("src/core/backend/lmdb-store.ts", 'import { open } from "lmdb";\n'),
    source("src/core/wal/c.ts", "async function write(): Promise<void> {}\n"),
  ];
  expect(checkBans(files, banRules)).toEqual([]);
});

test("a file and a function that are too long are found, one line less passes", () => {
  const path = "src/base/a.ts";
  const lines = (count: number): string => "a();\n".repeat(count);
  expect(checkFileLengths([{ path, text: lines(FILE_LINES_MAX + 1) }]).length).toBe(1);
  expect(checkFileLengths([{ path, text: lines(FILE_LINES_MAX) }])).toEqual([]);
  const wrap = (count: number) => source(path, `class A {\n  f() {\n${lines(count - 2)}  }\n}\n`);
  expect(formatViolations(checkFunctionLengths([wrap(FUNCTION_LINES_MAX + 1)]))).toEqual([
    "src/base/a.ts:2 a function has 71 lines, 70 are allowed",
  ]);
  expect(checkFunctionLengths([wrap(FUNCTION_LINES_MAX)])).toEqual([]);
});

test("a default export is found outside the commands", () => {
  const text = "export default class A {}\n";
  expect(checkDefaultExports([source("src/base/a.ts", text)]).length).toBe(1);
  expect(checkDefaultExports([source("src/commands/ctl/a.ts", text)])).toEqual([]);
});

test("a file without its licence line is found", () => {
  const line = "// SPDX-License-Identifier: Apache-2.0";
  expect(checkLicence([{ path: "a.ts", text: "export {};\n" }]).length).toBe(1);
  expect(checkLicence([{ path: "a.ts", text: `\n${line}\n` }]).length).toBe(1);
  expect(checkLicence([{ path: "a.ts", text: `#!/usr/bin/env node\n${line}\n` }])).toEqual([]);
});

const leftovers = [
  `// ${"TO"}DO: later`,
  `// ${"FIX"}ME`,
  `// @ts-${"ignore"} because`,
  `const path = "/${"work"}/main/x";`,
];
test.each(leftovers)("this is found as a leftover: %s", (line) => {
  expect(checkMarkers([{ path: "a.ts", text: `a();\n${line}\n` }])).toMatchObject([{ line: 2 }]);
});

test("words that only contain a marker are none", () => {
  expect(checkMarkers([{ path: "a.ts", text: `const ${"TO"}DOS = "hackney";\n` }])).toEqual([]);
});

test("a link that leads nowhere is found, whatever its form", () => {
  const text =
    "[a](./gone.md#x)\n[b]: gone.md\n![c](pic.png)\n`[d](code.md)`\n```\n[e](fence.md)\n```\n";
  const found = checkLinks([{ path: "docs/x.md", text }], () => false);
  expect(found.map(({ line }) => line)).toEqual([1, 2, 3]);
});

test("links to other sites, to anchors and to files that are there pass", () => {
  const text = "[a](https://x.org/y.md) [b](#c) [d](mailto:a@b.c) [e](../README.md#top)\n";
  expect(checkLinks([{ path: "docs/x.md", text }], (path) => path === "README.md")).toEqual([]);
});
