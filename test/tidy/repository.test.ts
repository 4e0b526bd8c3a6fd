// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { banRules, importRules } from "./import-rules.ts";
import { checkBans, checkCycles, checkDirections, checkDoors } from "./rules-imports.ts";
import {
  checkDefaultExports,
  checkFileLengths,
  checkFunctionLengths,
  checkLicence,
  checkLinks,
  checkMarkers,
} from "./rules-text.ts";
import { formatViolations, readSources, repositoryRoot, type Violation } from "./source-files.ts";
import { parse } from "./syntax.ts";

const files = readSources(["src", "test", "scripts", "bench"], [".ts"]).map(parse);
const documents = readSources(["."], [".md"]);

function expectNone(violations: readonly Violation[]): void {
  expect(formatViolations(violations)).toEqual([]);
}

describe("the repository", () => {
  test("has sources to check", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(documents.length).toBeGreaterThan(0);
  });
  test("imports in one direction only", () => expectNone(checkDirections(files, importRules)));
  test("has no import cycles", () => expectNone(checkCycles(files)));
  test("enters folders through their index", () => expectNone(checkDoors(files)));
  test("keeps clock, chance and I/O out of the engines", () =>
    expectNone(checkBans(files, banRules)));
  test("has no file that is too long", () => expectNone(checkFileLengths(files)));
  test("has no function that is too long", () => expectNone(checkFunctionLengths(files)));
  test("has default exports only where a tool wants them", () =>
    expectNone(checkDefaultExports(files)));
  test("names its licence in every source file", () => expectNone(checkLicence(files)));
  test("has no leftover markers", () => expectNone(checkMarkers([...files, ...documents])));
  test("has documents whose links lead somewhere", () => expectNone(checkLinks(documents)));

  test("has generated code that matches its sources", () => {
    const check = spawnSync(process.execPath, ["scripts/gen-api.ts", "--check"], {
      cwd: repositoryRoot,
      encoding: "utf8",
    });
    expect(check.status, `${check.stdout}${check.stderr}`).toBe(0);
  });
});
