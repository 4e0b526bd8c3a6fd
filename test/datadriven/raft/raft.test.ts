// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findScripts, runFile } from "../../conformance/raft/run-folders.ts";

const ROOT = join(import.meta.dirname, "../../..");
const OWN = import.meta.dirname;
/** The scenarios of the reference library, where they are at hand: they are not in this tree. */
const REFERENCE = join(ROOT, "../shared/conformance/raft");

function runAll(folder: string): void {
  const scripts = findScripts(folder);
  it("finds scripts", () => {
    expect(scripts.length).toBeGreaterThan(0);
  });
  for (const script of scripts) {
    it(`follows ${relative(folder, script)}`, () => {
      const { passed, failure } = runFile(script);
      expect(failure).toBeUndefined();
      expect(passed).toBeGreaterThan(0);
    });
  }
}

describe("the engine follows its scripted scenarios", () => {
  runAll(OWN);
});

if (existsSync(REFERENCE)) {
  describe("the engine follows the scripted scenarios of the reference library", () => {
    runAll(REFERENCE);
  });
} else {
  console.log(`left out: the reference library's raft scenarios (no ${REFERENCE})`);
}
