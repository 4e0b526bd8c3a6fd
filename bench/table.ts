// SPDX-License-Identifier: Apache-2.0

import type { Sample } from "./measure.ts";

/** Stands above the table of a smoke run, lest somebody reads it as a comparison. */
export const smokeNotice =
  "Smoke run: a moment of load on servers that have just started. It shows that every row runs; " +
  "its figures compare nothing.";

/** The median rounds of one row; without a reference there is only the subject. */
export interface RowResult {
  readonly row: string;
  readonly subject: Sample;
  readonly reference: Sample | undefined;
}

/** The round with the median rate, so that all its figures belong together. */
export function medianRound(samples: readonly Sample[]): Sample {
  const sorted = samples.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (median === undefined) throw new Error("a median needs at least one round");
  return median;
}

function micros(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} ms` : `${value.toFixed(0)} µs`;
}

function cells(sample: Sample): string[] {
  return [
    Math.round(sample.requestsPerSecond).toLocaleString("en-US"),
    micros(sample.meanMicros),
    micros(sample.p99Micros),
    `${sample.cpuMicrosPerRequest.toFixed(1)} µs`,
  ];
}

function ratio(subject: number, reference: number): string {
  return reference === 0 ? "-" : `${(subject / reference).toFixed(2)}×`;
}

/** A Markdown table. Ratios are subject over reference: rates want to be high, the rest low. */
export function formatTable(
  names: { readonly subject: string; readonly reference: string | undefined },
  results: readonly RowResult[],
): string {
  const measures = ["req/s", "mean", "p99", "CPU/req"];
  const head = ["row", ...measures.map((measure) => `${names.subject}: ${measure}`)];
  if (names.reference !== undefined) {
    head.push(...measures.map((measure) => `${names.reference}: ${measure}`));
    head.push(...measures.map((measure) => `ratio ${measure}`));
  }
  const lines = [head, head.map((_, index) => (index === 0 ? "---" : "--:"))];
  for (const { row, subject, reference } of results) {
    const line = [row, ...cells(subject)];
    if (reference !== undefined) {
      line.push(
        ...cells(reference),
        ratio(subject.requestsPerSecond, reference.requestsPerSecond),
        ratio(subject.meanMicros, reference.meanMicros),
        ratio(subject.p99Micros, reference.p99Micros),
        ratio(subject.cpuMicrosPerRequest, reference.cpuMicrosPerRequest),
      );
    }
    lines.push(line);
  }
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
