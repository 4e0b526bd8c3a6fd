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

/**
 * Writes one metric as Prometheus' Go client prints it: labels sorted by name, series by their
 * values. Label texts are kept between scrapes; there are as many as the metric has series.
 */
export class FamilyWriter {
  readonly #name: string;
  readonly #head: string;
  readonly #labels: readonly string[];
  /** Positions of the labels in the order of their names. */
  readonly #order: readonly number[];
  readonly #labelTexts = new Map<string, string>();

  constructor(name: string, spec: MetricSpec) {
    this.#name = name;
    this.#head = `# HELP ${name} ${escapeHelp(spec.help)}\n# TYPE ${name} ${spec.type}\n`;
    this.#labels = spec.labels;
    const positions = spec.labels.map((_, index) => index);
    this.#order = positions.sort((a, b) => compare(spec.labels[a] ?? "", spec.labels[b] ?? ""));
  }

  /** Nothing at all without samples. */
  format(samples: readonly Sample[]): string {
    if (samples.length === 0) return "";
    const keyed = samples.map((sample) => ({ key: this.#keyOf(sample.labels), sample }));
    keyed.sort((a, b) => compare(a.key, b.key));
    let out = this.#head;
    for (const { key, sample } of keyed) {
      const labels = this.#labelText(key, sample.labels);
      out +=
        "histogram" in sample
          ? formatHistogram(this.#name, labels, sample.histogram)
          : `${this.#name}${braces(labels)} ${formatGoFloat(sample.value)}\n`;
    }
    return out;
  }

  /** The values in the order of the label names; comparing keys is comparing series. */
  #keyOf(values: readonly string[]): string {
    return this.#order.map((index) => values[index] ?? "").join("\u0000");
  }

  #labelText(key: string, values: readonly string[]): string {
    const known = this.#labelTexts.get(key);
    if (known !== undefined) return known;
    const pairs = this.#order.map((index) => formatPair(this.#labels[index], values[index]));
    const text = pairs.join(",");
    this.#labelTexts.set(key, text);
    return text;
  }
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
