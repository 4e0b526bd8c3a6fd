// SPDX-License-Identifier: Apache-2.0

import type { Terminal } from "../terminal.ts";

export type ConsoleValue = string | number | boolean | readonly string[];
/** Names and values in the order of printing. */
export type ConsoleFields = readonly (readonly [name: string, value: ConsoleValue])[];

export type ConsoleLevel = "info" | "warn" | "error";

/** Writes a line of the offline program's log, in etcdutl's shape, to the error output. */
export function logToConsole(
  terminal: Terminal,
  caller: string,
  message: string,
  fields: ConsoleFields = [],
  level: ConsoleLevel = "info",
): void {
  const json = fields.map(([name, value]) => `${JSON.stringify(name)}: ${valueText(value)}`);
  const end = fields.length === 0 ? "" : `\t{${json.join(", ")}}`;
  terminal.error(`${localTime(new Date())}\t${level}\t${caller}\t${message}${end}\n`);
}

function valueText(value: ConsoleValue): string {
  if (typeof value !== "object") return JSON.stringify(value);
  return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
}

/** To the second, with the offset of the local time zone, as Go writes it. */
function localTime(now: Date): string {
  const offsetMinutes = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${local}Z`;
  const pad = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const minutes = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? "-" : "+"}${pad(minutes / 60)}:${pad(minutes % 60)}`;
}
