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

/** The parts of a series' lines that do not change from scrape to scrape. */
interface SeriesText {
  /** Name and labels of the line of a plain number. */
  readonly plain: string;
  readonly labels: string;
  /** Of the lines of a histogram, once it has shown one: the buckets, the sum and the count. */
  buckets: readonly string[] | undefined;
}

/** The series of a family as the last scrape had them. */
interface Layout {
  /** Label values, by place in the source's order. */
  readonly labels: readonly (readonly string[])[];
  /** Places in the order in which they are written. */
  readonly order: readonly number[];
  readonly texts: readonly SeriesText[];
}

/**
 * Writes one metric as Prometheus' Go client prints it: labels sorted by name, series by their
 * values. Sources give the same series scrape after scrape, so order and texts are kept until they
 * do not: a scrape then only writes numbers.
 */
export class FamilyWriter {
  readonly #name: string;
  readonly #head: string;
  readonly #labels: readonly string[];
  /** Positions of the labels in the order of their names. */
  readonly #order: readonly number[];
  #layout: Layout = { labels: [], order: [], texts: [] };

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
    if (!isLaidOut(this.#layout, samples)) this.#layout = this.#layOut(samples);
    const { order, texts } = this.#layout;
    let out = this.#head;
    for (const place of order) {
      const sample = samples[place];
      const text = texts[place];
      if (sample === undefined || text === undefined) continue;
      out +=
        "histogram" in sample
          ? this.#histogram(text, sample.histogram)
          : `${text.plain}${formatGoFloat(sample.value)}\n`;
    }
    return out;
  }

  #layOut(samples: readonly Sample[]): Layout {
    const keys = samples.map(({ labels }) => this.#keyOf(labels));
    const order = samples.map((_, place) => place);
    order.sort((a, b) => compare(keys[a] ?? "", keys[b] ?? ""));
    const texts = samples.map(({ labels }): SeriesText => {
      const text = this.#labelText(labels);
      return { plain: `${this.#name}${braces(text)} `, labels: text, buckets: undefined };
    });
    return { labels: samples.map(({ labels }) => [...labels]), order, texts };
  }

  /** The values in the order of the label names; comparing keys is comparing series. */
  #keyOf(values: readonly string[]): string {
    return this.#order.map((index) => values[index] ?? "").join("\u0000");
  }

  #labelText(values: readonly string[]): string {
    const pairs = this.#order.map((index) => formatPair(this.#labels[index], values[index]));
    return pairs.join(",");
  }

  #histogram(text: SeriesText, { bounds, counts, sum }: HistogramState): string {
    text.buckets ??= this.#bucketTexts(text.labels, bounds);
    const { buckets } = text;
    let out = "";
    let total = 0;
    for (let index = 0; index <= bounds.length; index++) {
      total += counts[index] ?? 0;
      out += `${buckets[index]}${formatGoFloat(total)}\n`;
    }
    const labels = braces(text.labels);
    out += `${this.#name}_sum${labels} ${formatGoFloat(sum)}\n`;
    return `${out}${this.#name}_count${labels} ${formatGoFloat(total)}\n`;
  }

  #bucketTexts(labels: string, bounds: readonly number[]): readonly string[] {
    const prefix = labels === "" ? "" : `${labels},`;
    return [...bounds, Number.POSITIVE_INFINITY].map(
      (bound) => `${this.#name}_bucket{${prefix}le="${formatGoFloat(bound)}"} `,
    );
  }
}

function isLaidOut({ labels }: Layout, samples: readonly Sample[]): boolean {
  if (labels.length !== samples.length) return false;
  for (let place = 0; place < samples.length; place++) {
    const known = labels[place];
    const values = samples[place]?.labels;
    if (known === undefined || values === undefined || known.length !== values.length) return false;
    for (let at = 0; at < known.length; at++) if (known[at] !== values[at]) return false;
  }
  return true;
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
