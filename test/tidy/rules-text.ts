// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { isTestFile, repositoryRoot, type SourceFile, type Violation } from "./source-files.ts";
import { asNode, type ParsedFile, walk } from "./syntax.ts";

export const FILE_LINES_MAX = 600;
export const FUNCTION_LINES_MAX = 70;
const LICENCE = "SPDX-License-Identifier: Apache-2.0";

/** Files that are too long to be read in one go. */
export function checkFileLengths(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - 1;
    const message = `has ${lines} lines, ${FILE_LINES_MAX} are allowed`;
    return lines > FILE_LINES_MAX ? [{ path, line: FILE_LINES_MAX + 1, message }] : [];
  });
}

/** Functions that are too long; those of tests may hold tables and are left alone. */
export function checkFunctionLengths(files: readonly ParsedFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    if (isTestFile(file.path)) continue;
    walk(file.root, (node) => {
      const kinds = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];
      if (!kinds.includes(node.type) || asNode(node["body"]) === undefined) return;
      const line = file.lineOf(node.start);
      const lines = file.lineOf(node.end) - line + 1;
      if (lines <= FUNCTION_LINES_MAX) return;
      const message = `a function has ${lines} lines, ${FUNCTION_LINES_MAX} are allowed`;
      violations.push({ path: file.path, line, message });
    });
  }
  return violations;
}

/** Default exports outside the places where a tool asks for them. */
export function checkDefaultExports(files: readonly ParsedFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    if (file.path.startsWith("src/commands/") || file.path === "vitest.config.ts") continue;
    walk(file.root, (node) => {
      if (node.type !== "ExportDefaultDeclaration") return;
      const line = file.lineOf(node.start);
      violations.push({ path: file.path, line, message: "has a default export" });
    });
  }
  return violations;
}

/** The first line, or the one behind `#!`, names the licence. */
export function checkLicence(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    const [first = "", second = ""] = text.split("\n");
    const line = first.startsWith("#!") ? second : first;
    const marks = [`// ${LICENCE}`, `# ${LICENCE}`];
    return marks.includes(line)
      ? []
      : [{ path, line: 1, message: `does not begin with ${LICENCE}` }];
  });
}

// Put together here so that this file does not find itself.
const markers: readonly (readonly [pattern: RegExp, what: string])[] = [
  [
    new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"].join("|")})\\b`),
    "a leftover marker",
  ],
  [
    new RegExp(`@ts-(${"ig" + "nore"}|${"expect" + "-error"}|${"no" + "check"})`),
    "a silenced type error",
  ],
  [new RegExp(`/${"wo" + "rk"}/(main|shared|notes)\\b`), "a path of somebody's machine"],
];

/** Words that say that something is unfinished, and traces of where it was written. */
export function checkMarkers(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of files) {
    text.split("\n").forEach((content, index) => {
      for (const [pattern, what] of markers) {
        if (!pattern.test(content)) continue;
        violations.push({ path, line: index + 1, message: `contains ${what}` });
      }
    });
  }
  return violations;
}

/** Relative links in documents that lead nowhere. Links inside code fences are not links. */
export function checkLinks(
  documents: readonly SourceFile[],
  exists: (path: string) => boolean = (path) => existsSync(join(repositoryRoot, path)),
): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of documents) {
    let fenced = false;
    text.split("\n").forEach((content, index) => {
      if (content.trimStart().startsWith("```")) fenced = !fenced;
      if (fenced) return;
      for (const target of linkTargets(content)) {
        const resolved = posix.normalize(posix.join(posix.dirname(path), target));
        if (exists(resolved)) continue;
        violations.push({
          path,
          line: index + 1,
          message: `links to ${target}, which is not there`,
        });
      }
    });
  }
  return violations;
}

/** The relative targets of a line's links, without fragments. */
function linkTargets(line: string): string[] {
  const withoutCode = line.replace(/`[^`]*`/g, "");
  const inline = [...withoutCode.matchAll(/\]\(\s*<?([^)\s>]+)/g)].map((match) => match[1] ?? "");
  const reference = /^\s*\[[^\]]+\]:\s*(\S+)/.exec(withoutCode)?.[1];
  return [...inline, ...(reference === undefined ? [] : [reference])]
    .filter((target) => !/^([a-z][a-z0-9+.-]*:|#|\/)/i.test(target))
    .map((target) => decodeURI(target.split("#")[0] ?? ""))
    .filter((target) => target !== "");
}
