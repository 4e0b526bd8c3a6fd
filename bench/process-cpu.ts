// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

let ticksPerSecond = 0;

/** User and system time of a process with all its threads so far, in microseconds (Linux). */
export function processCpuMicros(pid: number): number {
  if (ticksPerSecond === 0) {
    ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  }
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The program's name, in parentheses, may itself hold spaces: count from behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/${pid}/stat is not understood: ${text}`);
  return (ticks * 1_000_000) / ticksPerSecond;
}
