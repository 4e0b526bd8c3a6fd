// SPDX-License-Identifier: Apache-2.0

import { formatGoFloat } from "./go-float.ts";
import type { MetricSpec } from "./metric-spec.ts";

/** The state of a histogram as it is written out. */
export interface HistogramState {
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulated, one more than there are bounds. */
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}

/** One child of a metric: its label values in the order of the table, and what it holds. */
export type Sample =
  | { readonly labels: readonly string[]; readonly value: number }
  | { readonly labels: readonly string[]; readonly histogram: HistogramState };

/** The content type that etcd sends with the text. */
export const METRICS_CONTENT_TYPE =
  "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

/** One metric as Prometheus' Go client prints it; nothing at all without samples. */
export function formatFamily(name: string, spec: MetricSpec, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const order = spec.labels.map((_, index) => index);
  order.sort((a, b) => compare(spec.labels[a] ?? "", spec.labels[b] ?? ""));
  const sorted = [...samples].sort((a, b) => compareLabels(a.labels, b.labels, order));
  let out = `# HELP ${name} ${escapeHelp(spec.help)}\n# TYPE ${name} ${spec.type}\n`;
  for (const sample of sorted) {
    const pairs = order.map((index) => formatPair(spec.labels[index], sample.labels[index]));
    const labels = pairs.join(",");
    out +=
      "histogram" in sample
        ? formatHistogram(name, labels, sample.histogram)
        : `${name}${braces(labels)} ${formatGoFloat(sample.value)}\n`;
  }
  return out;
}

function formatHistogram(name: string, labels: string, state: HistogramState): string {
  const prefix = labels === "" ? "" : `${labels},`;
  let out = "";
  let total = 0;
  for (let index = 0; index <= state.bounds.length; index++) {
    total += state.counts[index] ?? 0;
    const bound = formatGoFloat(state.bounds[index] ?? Number.POSITIVE_INFINITY);
    out += `${name}_bucket{${prefix}le="${bound}"} ${formatGoFloat(total)}\n`;
  }
  out += `${name}_sum${braces(labels)} ${formatGoFloat(state.sum)}\n`;
  return `${out}${name}_count${braces(labels)} ${formatGoFloat(total)}\n`;
}

function braces(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}

function formatPair(name = "", value = ""): string {
  return `${name}="${escapeLabel(value)}"`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLabels(
  a: readonly string[],
  b: readonly string[],
  order: readonly number[],
): number {
  for (const index of order) {
    const difference = compare(a[index] ?? "", b[index] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}
