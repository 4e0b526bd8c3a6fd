// SPDX-License-Identifier: Apache-2.0

/** Values of a log line in the order of printing. */
export type LogFields = readonly (readonly [key: string, value: string | number])[];

/** One JSON log line as etcd's tools write them to the error output. */
export function logLine(level: "info" | "warn" | "error" | "fatal", fields: LogFields): string {
  const all: LogFields = [["level", level], ["ts", timestamp()], ...fields];
  const members = all.map(([key, value]) => {
    return `"${key}":${typeof value === "number" ? value : JSON.stringify(value)}`;
  });
  return `{${members.join(",")}}\n`;
}

/** The time with microseconds, in UTC. */
function timestamp(): string {
  const now = performance.timeOrigin + performance.now();
  const micros = Math.floor((now % 1) * 1000);
  const seconds = new Date(Math.floor(now)).toISOString().slice(0, -1);
  return `${seconds}${String(micros).padStart(3, "0")}Z`;
}
