// SPDX-License-Identifier: Apache-2.0
// Writes the table of numbered behaviours into docs/compatibility.md, between its markers.
// With --check it compares instead and fails on a difference.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Section, sections, waiting } from "../test/conformance/catalogue.ts";

const root = join(import.meta.dirname, "..");
const casesDir = join(root, "test/conformance/cases");
const document = join(root, "docs/compatibility.md");
const openMark = "<!-- conformance: written by scripts/conformance-coverage.ts -->";
const closeMark = "<!-- /conformance -->";

const newDocument = `# Compatibility with etcd 3.7.1

Every behaviour below has a number, which also begins the name of its test. The tests run against
our server and, unchanged, against genuine etcd 3.7.1: exact codes, exact texts.

\`\`\`
npx vitest run test/conformance/cases                             # our server
CONFORMANCE_SUBJECT=etcd npx vitest run test/conformance/cases    # genuine etcd 3.7.1
\`\`\`

${openMark}
${closeMark}
`;

/** A case: the number that its name begins with, the rest of the name, and its file. */
interface Case {
  readonly number: string;
  readonly title: string;
  readonly file: string;
  /** Why our server does not pass it yet. */
  readonly gap: string | undefined;
}

/** A case's name, and before it the reason of an open gap. */
const casePattern = /(?:openGap\("([^"]+)"\)\(\s*)?"(S-\d{3}|O-[a-z]+-\d+) ((?:[^"\\]|\\.)+)"/g;

function readCases(): Case[] {
  const cases: Case[] = [];
  for (const file of readdirSync(casesDir).sort()) {
    if (!file.endsWith(".test.ts")) continue;
    const source = readFileSync(join(casesDir, file), "utf8");
    for (const found of source.matchAll(casePattern)) {
      const [, gap, number = "", title = ""] = found;
      cases.push({ number, title, file, gap });
    }
  }
  return cases;
}

function numberText(number: number): string {
  return `S-${String(number).padStart(3, "0")}`;
}

function tableRow(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function caseCells(cases: readonly Case[]): string[] {
  const titles = [...new Set(cases.map((each) => each.title))].join("; ");
  const files = [...new Set(cases.map((each) => each.file))];
  const gap = cases.find((each) => each.gap !== undefined)?.gap;
  const status = gap === undefined ? "tested" : `open: ${gap}`;
  return [titles, files.map((file) => `\`cases/${file}\``).join(", "), status];
}

/** Rows of the numbers that are tested or have a reason to wait; the rest of a section is none. */
function sectionRows(part: Section, byNumber: ReadonlyMap<string, Case[]>): string[] {
  const rows: string[] = [];
  for (let number = part.first; number <= part.last; number += 1) {
    const name = numberText(number);
    const cases = byNumber.get(name);
    const [title = "", reason] = waiting[number] ?? [];
    if (cases !== undefined && reason !== undefined) {
      throw new Error(`${name} is tested and has a reason not to be: ${reason}`);
    }
    if (cases !== undefined) rows.push(tableRow(name, ...caseCells(cases)));
    else if (reason !== undefined) rows.push(tableRow(name, title, "", reason));
    else if (part.isComplete) throw new Error(`${name} is neither tested nor waiting`);
  }
  return rows;
}

function render(cases: readonly Case[]): string {
  const byNumber = Map.groupBy(cases, (each) => each.number);
  const last = sections.at(-1)?.last ?? 0;
  const known = (name: string): boolean => name.startsWith("O-") || Number(name.slice(2)) <= last;
  for (const name of byNumber.keys()) if (!known(name)) throw new Error(`${name} is no number`);
  const head = [tableRow("number", "behaviour", "tested in", "status"), "|---|---|---|---|"];
  const summary = [tableRow("section", "numbers", "tested"), "|---|---|---|"];
  const details: string[] = [];
  for (const part of sections) {
    const rows = sectionRows(part, byNumber);
    const count = rows.filter((row) => row.endsWith("| tested |")).length;
    const numbers = `${numberText(part.first)} to ${numberText(part.last)}`;
    summary.push(tableRow(part.title, numbers, `${count} of ${part.last - part.first + 1}`));
    if (rows.length > 0) details.push(`### ${part.title}`, "", ...head, ...rows, "");
  }
  const observed = [...byNumber].filter(([name]) => name.startsWith("O-")).sort();
  const observedRows = observed.map(([name, each]) => tableRow(name, ...caseCells(each)));
  details.push("### seen on the running etcd", "", ...head, ...observedRows, "");
  return [openMark, "", ...summary, "", ...details, closeMark].join("\n");
}

function main(): void {
  const before = existsSync(document) ? readFileSync(document, "utf8") : newDocument;
  const open = before.indexOf(openMark);
  const close = before.indexOf(closeMark);
  if (open < 0 || close < open) throw new Error(`${document} lacks its markers`);
  const table = render(readCases());
  const after = before.slice(0, open) + table + before.slice(close + closeMark.length);
  if (!process.argv.includes("--check")) {
    writeFileSync(document, after);
    return;
  }
  if (after === before && existsSync(document)) return;
  console.error("docs/compatibility.md is out of date: run node scripts/conformance-coverage.ts");
  process.exitCode = 1;
}

main();
