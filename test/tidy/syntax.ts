// SPDX-License-Identifier: Apache-2.0

import { parseAst } from "rolldown/parseAst";
import type { SourceFile } from "./source-files.ts";

/** A node of the syntax tree, as far as the rules look at it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface ParsedFile extends SourceFile {
  readonly root: SyntaxNode;
  /** The line of an offset, from 1. */
  lineOf(offset: number): number;
}

export function parse(file: SourceFile): ParsedFile {
  const root = asNode(parseAst(file.text, { lang: "ts" }));
  if (root === undefined) throw new Error(`${file.path} has no syntax tree`);
  const starts = [0];
  for (let at = file.text.indexOf("\n"); at >= 0; at = file.text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  return { ...file, root, lineOf };
}

/** The value as a node, undefined when it is none. */
export function asNode(value: unknown): SyntaxNode | undefined {
  return isNode(value) ? value : undefined;
}

function isNode(value: unknown): value is SyntaxNode {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  return typeof value.type === "string" && "start" in value && "end" in value;
}

/** Calls `visit` for the node and all below it, with the node above and the key it hangs on. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined, key: string) => void,
): void {
  const step = (current: SyntaxNode, parent: SyntaxNode | undefined, key: string): void => {
    visit(current, parent, key);
    for (const name in current) {
      const value = current[name];
      if (isNode(value)) step(value, current, name);
      else if (Array.isArray(value)) {
        for (const item of value) if (isNode(item)) step(item, current, name);
      }
    }
  };
  step(node, undefined, "");
}

export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
}

const knownImports = new WeakMap<ParsedFile, readonly ImportSite[]>();

/** Everything a file imports or re-exports, types and dynamic imports included. */
export function findImports(file: ParsedFile): readonly ImportSite[] {
  const known = knownImports.get(file);
  if (known !== undefined) return known;
  const sites = collectImports(file);
  knownImports.set(file, sites);
  return sites;
}

function collectImports(file: ParsedFile): ImportSite[] {
  const sites: ImportSite[] = [];
  walk(file.root, (node) => {
    const source = asNode(node["source"]);
    const specifier = source?.["value"];
    const relevant =
      node.type === "ImportDeclaration" ||
      node.type === "ExportNamedDeclaration" ||
      node.type === "ExportAllDeclaration" ||
      node.type === "ImportExpression" ||
      node.type === "TSImportType";
    if (relevant && typeof specifier === "string") {
      sites.push({ specifier, line: file.lineOf(node.start) });
    }
  });
  return sites;
}
