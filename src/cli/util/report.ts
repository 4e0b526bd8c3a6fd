// SPDX-License-Identifier: Apache-2.0

import type { Call } from "../command.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { type Format, isFormat } from "../print/printer.ts";
import { drawTable } from "../print/table.ts";

/** One answer of the offline program, in all the shapes that it is printed in. */
export interface Report {
  readonly titles: readonly string[];
  /** One text per title. */
  readonly cells: readonly string[];
  /** Names and values of the format `fields`. */
  readonly fields: readonly (readonly [name: string, value: string | number])[];
  /** The whole JSON text. */
  readonly json: string;
}

/** The format that was asked for; a name that is none ends the command. */
export function reportFormat({ values }: Call): Format {
  const name = values.text("write-out");
  if (isFormat(name)) return name;
  throw new CommandFailure(ExitCode.badFeature, "unsupported output format");
}

export function printReport({ terminal }: Call, format: Format, report: Report): void {
  switch (format) {
    case "simple":
      return terminal.out(`${report.cells.join(", ")}\n`);
    case "fields": {
      const lines = report.fields.map(([name, value]) => `"${name}" : ${value}\n`);
      return terminal.out(lines.join(""));
    }
    case "json":
      return terminal.out(`${report.json}\n`);
    case "table":
      return terminal.out(drawTable({ titles: report.titles, rows: [report.cells] }));
    case "protobuf": {
      const text = "protobuf not supported as output format";
      throw new CommandFailure(ExitCode.badFeature, text);
    }
  }
}
