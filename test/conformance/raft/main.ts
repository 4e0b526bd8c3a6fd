// SPDX-License-Identifier: Apache-2.0
// Runs the scripted raft scenarios of the folders given: every .txt file below them. The last
// line is "N passed, N failed"; cases after a failed one, which are not run, count as failed.
// With --rewrite, files get the output of this engine instead: read the difference.

import { readFileSync, writeFileSync } from "node:fs";
import { rewriteScript } from "../../harness/datadriven.ts";
import { findScripts, handlerFor, runFile } from "./run-folders.ts";

function rewrite(path: string): void {
  const text = readFileSync(path, "utf8");
  const rewritten = rewriteScript(text, handlerFor(text));
  if (rewritten === text) return;
  writeFileSync(path, rewritten);
  console.log(`rewritten: ${path}`);
}

function report(path: string): { passed: number; failed: number } {
  const { passed, failure, notRun } = runFile(path);
  if (failure === undefined) return { passed, failed: 0 };
  console.log(`${path}:${failure.line}: ${failure.directive}`);
  console.log(`expected:\n${failure.expected}actual:\n${failure.actual}`);
  if (notRun > 0) console.log(`${notRun} more cases of this file were not run`);
  return { passed, failed: 1 + notRun };
}

function main(args: readonly string[]): number {
  const paths = args.filter((arg) => arg !== "--rewrite");
  const scripts = paths.flatMap(findScripts);
  if (scripts.length === 0) {
    console.error("usage: conformance:raft [--rewrite] <folder or file>…");
    return 2;
  }
  if (args.includes("--rewrite")) {
    scripts.forEach(rewrite);
    return 0;
  }
  let passed = 0;
  let failed = 0;
  for (const script of scripts) {
    const result = report(script);
    passed += result.passed;
    failed += result.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
