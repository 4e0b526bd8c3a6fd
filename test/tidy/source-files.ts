// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, resolve, sep } from "node:path";

/** A file of the repository, its path relative to the root and with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule found; `line` counts from 1. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export const repositoryRoot = resolve(import.meta.dirname, "../..");

const skippedFolders: ReadonlySet<string> = new Set([
  ".git",
  "bin",
  "coverage",
  "dist",
  "fixtures",
  "gen",
  "node_modules",
]);

/** All files below `folders` with one of the endings, generated and foreign ones left out. */
export function readSources(folders: readonly string[], endings: readonly string[]): SourceFile[] {
  const files: SourceFile[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const full = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name)) visit(full);
      } else if (endings.some((ending) => entry.name.endsWith(ending))) {
        const path = relative(repositoryRoot, full).split(sep).join("/");
        files.push({ path, text: readFileSync(full, "utf8") });
      }
    }
  };
  for (const folder of folders) visit(join(repositoryRoot, folder));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Files that only tests load: they may reach anywhere and be long. */
export function isTestFile(path: string): boolean {
  return /\.(test|bench)\.ts$|\/testing\/|^test\/|^bench\//.test(path);
}

/** Where a relative import of `from` leads. */
export function resolveImport(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** One text per violation, for a readable failure. */
export function formatViolations(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, message }) => `${path}:${line} ${message}`);
}
