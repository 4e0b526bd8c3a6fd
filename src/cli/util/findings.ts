// SPDX-License-Identifier: Apache-2.0

import { type Findings, findingPlace } from "../../offline/index.ts";
import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

/** How a command that looks for damage ends; 1 is left to those that could not look. */
export const FindingsExit = { clean: 0, warnings: 2, errors: 3 } as const;

/** Text or JSON; other formats end the command. */
export function findingsFormat({ values }: Call): "simple" | "json" {
  const name = values.text("write-out");
  if (name === "simple" || name === "json") return name;
  throw new CommandFailure(ExitCode.badFeature, "this command prints only simple and json");
}

export function findingsExit({ errors, warnings }: Findings): number {
  if (errors > 0) return FindingsExit.errors;
  return warnings > 0 ? FindingsExit.warnings : FindingsExit.clean;
}

/** One line per finding. */
export function findingLines({ list, errors, warnings }: Findings): string {
  const lines = list.map((finding) => {
    const { severity, problem, remedy } = finding;
    return `${severity}: ${findingPlace(finding)}: ${problem}; ${remedy}\n`;
  });
  const left = errors + warnings - list.length;
  return lines.join("") + (left > 0 ? `... and ${left} more\n` : "");
}

/** `clean`, or how many there are of what. */
export function findingCount({ errors, warnings }: Findings): string {
  if (errors === 0 && warnings === 0) return "clean";
  return `${counted(errors, "error")}, ${counted(warnings, "warning")}`;
}

export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** The findings and what else is to be told, as one JSON text. */
export function findingsJson(findings: Findings, rest: Readonly<Record<string, unknown>>): string {
  const { list, errors, warnings } = findings;
  return `${JSON.stringify({ findings: list, errors, warnings, ...rest })}\n`;
}
