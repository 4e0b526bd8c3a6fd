// SPDX-License-Identifier: Apache-2.0

const names: Readonly<Record<number, string>> = { 0: "NONE", 1: "NOSPACE", 2: "CORRUPT" };

/** The name of an alarm; the bare number of one that nobody knows. */
export function alarmName(alarm: number): string {
  return names[alarm] ?? String(alarm);
}
