// SPDX-License-Identifier: Apache-2.0

import type { Figure } from "./scenario.ts";

/** One row: the medians of each server, in the order of the servers. */
export interface Line extends Pick<Figure, "row" | "unit" | "wants"> {
  readonly asked: string;
  /** Undefined where a server has no such row. */
  readonly values: readonly (number | undefined)[];
}

function cell(value: number | undefined, unit: Figure["unit"]): string {
  if (value === undefined) return "";
  if (unit === "/s") return `${Math.round(value).toLocaleString("en-US")} /s`;
  if (unit === "MB") return `${value.toFixed(0)} MB`;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ${unit}`;
}

/** A Markdown table; the ratio is the first server over the second. */
export function formatFigures(names: readonly string[], lines: readonly Line[]): string {
  const head = ["row", ...names, ...(names.length > 1 ? ["ratio"] : []), "asked"];
  const table = [head, head.map((_, at) => (at === 0 ? "---" : "--:"))];
  for (const { row, unit, values, asked } of lines) {
    const [subject = 0, reference] = values;
    const ratio = reference === undefined ? "" : `${(subject / reference).toFixed(2)}×`;
    const cells = values.map((value) => cell(value, unit));
    table.push([row, ...cells, ...(names.length > 1 ? [ratio] : []), asked]);
  }
  return table.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
