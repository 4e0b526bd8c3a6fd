// SPDX-License-Identifier: Apache-2.0

import { type BanRule, doors, doorsBelow, type ImportRule } from "./import-rules.ts";
import { isTestFile, resolveImport, type Violation } from "./source-files.ts";
import { asNode, findImports, type ParsedFile, type SyntaxNode, walk } from "./syntax.ts";

const SRC = "src/";

function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The path below `src`, undefined for files elsewhere. */
function belowSrc(path: string): string | undefined {
  return path.startsWith(SRC) ? path.slice(SRC.length) : undefined;
}

function longestFolder(path: string, rules: readonly ImportRule[]): ImportRule | undefined {
  let best: ImportRule | undefined;
  for (const rule of rules) {
    if (!within(rule.folder, path)) continue;
    if (best === undefined || rule.folder.length > best.folder.length) best = rule;
  }
  return best;
}

/** Imports against the direction of the table, and folders that the table does not know. */
export function checkDirections(
  files: readonly ParsedFile[],
  rules: readonly ImportRule[],
): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    const own = belowSrc(file.path);
    if (own === undefined || isTestFile(file.path)) continue;
    const rule = longestFolder(own, rules);
    if (rule === undefined) {
      violations.push({
        path: file.path,
        line: 1,
        message: "is in a folder without an import rule",
      });
      continue;
    }
    for (const { specifier, line } of findImports(file)) {
      // Data has no direction.
      if (!specifier.startsWith(".") || specifier.endsWith(".json")) continue;
      const target = belowSrc(resolveImport(file.path, specifier));
      const allowed = [rule.folder, ...rule.mayImport];
      if (target === undefined || !allowed.some((folder) => within(folder, target))) {
        violations.push({
          path: file.path,
          line,
          message: `${rule.folder} may not import ${specifier}`,
        });
      }
    }
  }
  return violations;
}

function doorOf(target: string): string | undefined {
  const words = target.split("/");
  if (words[0] === doorsBelow && words.length > 2) return words.slice(0, 2).join("/");
  return doors.find((folder) => within(folder, target));
}

/** Imports from outside a folder that do not go through its `index.ts`. */
export function checkDoors(files: readonly ParsedFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    const own = belowSrc(file.path);
    if (own === undefined || isTestFile(file.path)) continue;
    for (const { specifier, line } of findImports(file)) {
      if (!specifier.startsWith(".")) continue;
      const target = belowSrc(resolveImport(file.path, specifier));
      const door = target === undefined ? undefined : doorOf(target);
      // A folder inside may have a door of its own.
      if (door === undefined || within(door, own) || target?.endsWith("/index.ts")) continue;
      violations.push({
        path: file.path,
        line,
        message: `${specifier} goes past ${door}/index.ts`,
      });
    }
  }
  return violations;
}

/** Files that import each other, however long the way round. */
export function checkCycles(files: readonly ParsedFile[]): Violation[] {
  const graph = new Map<string, readonly { readonly target: string; readonly line: number }[]>();
  for (const file of files) {
    const edges = findImports(file)
      .filter((site) => site.specifier.startsWith("."))
      .map((site) => ({ target: resolveImport(file.path, site.specifier), line: site.line }));
    graph.set(file.path, edges);
  }
  const violations: Violation[] = [];
  const state = new Map<string, "open" | "done">();
  const visit = (path: string, trail: readonly string[]): void => {
    state.set(path, "open");
    for (const { target, line } of graph.get(path) ?? []) {
      if (state.get(target) === "open") {
        const round = [...trail.slice(trail.indexOf(target)), target].join(" → ");
        violations.push({ path, line, message: `is part of a cycle: ${round}` });
      } else if (!state.has(target)) {
        visit(target, [...trail, target]);
      }
    }
    state.set(path, "done");
  };
  for (const path of graph.keys()) if (!state.has(path)) visit(path, [path]);
  return violations;
}

/** Clocks, chance, waiting and the outside world where they are forbidden. */
export function checkBans(files: readonly ParsedFile[], rules: readonly BanRule[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    const own = belowSrc(file.path);
    if (own === undefined || isTestFile(file.path)) continue;
    const rule = rules.find(({ folder }) => within(folder, own));
    if (rule === undefined || rule.except.some((prefix) => own.startsWith(prefix))) continue;
    const add = (line: number, what: string): void => {
      violations.push({ path: file.path, line, message: `${rule.folder} may not use ${what}` });
    };
    walk(file.root, (node, parent, key) => {
      const name = usedName(node, parent, key);
      if (name !== undefined && rule.names.includes(name)) add(file.lineOf(node.start), name);
    });
    if (!rule.foreignImports) continue;
    for (const { specifier, line } of findImports(file)) {
      if (!specifier.startsWith(".")) add(line, specifier);
    }
  }
  return violations;
}

/** The global that a node uses: a bare name, or `Math.random`; async functions use promises. */
function usedName(
  node: SyntaxNode,
  parent: SyntaxNode | undefined,
  key: string,
): string | undefined {
  if (node.type === "AwaitExpression" || node["async"] === true) return "Promise";
  if (node.type === "MemberExpression" && node["computed"] !== true) {
    const object = asNode(node["object"]);
    const property = asNode(node["property"]);
    if (object?.type === "Identifier")
      return `${String(object["name"])}.${String(property?.["name"])}`;
    return undefined;
  }
  if (node.type !== "Identifier") return undefined;
  const isName =
    (key === "property" && parent?.["computed"] !== true) ||
    (key === "key" && parent?.["computed"] !== true) ||
    key === "imported" ||
    key === "exported" ||
    parent?.type === "TSQualifiedName";
  return isName ? undefined : String(node["name"]);
}
