// SPDX-License-Identifier: Apache-2.0

import {
  type Columns,
  hashKvColumns,
  healthColumns,
  memberColumns,
  statusColumns,
} from "./columns.ts";
import type { Printer } from "./printable.ts";

/** Lists in a drawn table. */
export function tablePrinter(): Printer {
  return {
    memberList: ({ members }) => drawTable(memberColumns(members)),
    endpointHealth: (list) => drawTable(healthColumns(list)),
    endpointStatus: (list) => drawTable(statusColumns(list)),
    endpointHashKv: (list) => drawTable(hashKvColumns(list)),
  };
}

/** Titles in upper case and centred, cells to the right. */
export function drawTable({ titles, rows }: Columns): string {
  const heads = titles.map((title) => title.replaceAll("_", " ").toUpperCase());
  const cells = rows.map((row) => row.map((cell) => cell.trim()));
  const widths = heads.map((head, index) =>
    Math.max(...[head, ...cells.map((row) => row[index] ?? "")].map(displayWidth)),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}\n`;
  const line = (texts: readonly string[]): string => `│${texts.join("│")}│\n`;
  return [
    rule("┌", "┬", "┐"),
    line(heads.map((head, index) => ` ${centre(head, widths[index] ?? 0)} `)),
    // Without rows the head is closed at once.
    cells.length === 0 ? "" : rule("├", "┼", "┤"),
    ...cells.map((row) => line(row.map((cell, index) => ` ${right(cell, widths[index] ?? 0)} `))),
    rule("└", "┴", "┘"),
  ].join("");
}

function centre(text: string, width: number): string {
  const space = width - displayWidth(text);
  const left = Math.floor(space / 2);
  return " ".repeat(left) + text + " ".repeat(space - left);
}

function right(text: string, width: number): string {
  return " ".repeat(width - displayWidth(text)) + text;
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;

/** Columns that a text takes on a terminal. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (!/\p{M}/u.test(character)) width += wide.test(character) ? 2 : 1;
  }
  return width;
}
