// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import type { MetricSpec } from "./metric-spec.ts";
import { type LabelValues, type MetricName, metricTable, type NamesOf } from "./metric-table.ts";
import { FamilyWriter, type Sample } from "./metric-text.ts";

/** A number that only grows. The field may be written directly where every nanosecond counts. */
export class Counter {
  value = 0;
  inc(by = 1): void {
    this.value += by;
  }
}

/** A number that goes up and down. */
export class Gauge {
  value = 0;
  set(value: number): void {
    this.value = value;
  }
}

/** Counts observations by size. `observe` is a binary search and two additions. */
export class Histogram {
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulated; the last one is beyond all bounds. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    this.observeMany(value, 1);
  }

  /** The same as so many observations of one value. */
  observeMany(value: number, times: number): void {
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (bounds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    this.counts[low] = (this.counts[low] ?? 0) + times;
    this.sum += value * times;
  }
}

/** Children of a labelled metric, made on first use. Callers on hot paths keep the child. */
export interface Labeled<N extends MetricName, Child> {
  child(...values: LabelValues<N>): Child;
}

type Owned = Counter | Gauge | Histogram;
type Emit<N extends MetricName> = (value: number, ...labels: LabelValues<N>) => void;
/** Adds the samples of one metric, in any order. */
type Source = (add: (sample: Sample) => void) => void;

/** Children of one labelled metric; a label that clients can choose must never get this far. */
export const LABEL_COMBINATIONS_MAX = 10_000;

/**
 * The metrics of one server. A metric becomes visible when it is owned, which means that somebody
 * holds its object and changes it, or collected, which means that a function is asked for its
 * value when it is scraped. Engines keep plain numbers and know nothing of this.
 */
export class MetricRegistry {
  readonly #families = new Map<MetricName, { writer: FamilyWriter; source: Source }>();

  counter(name: NamesOf<"counter", "plain">): Counter {
    return this.#own(name, new Counter());
  }

  gauge(name: NamesOf<"gauge", "plain">): Gauge {
    return this.#own(name, new Gauge());
  }

  histogram(name: NamesOf<"histogram", "plain">): Histogram {
    return this.#own(name, new Histogram(metricTable[name].bounds));
  }

  labeledCounter<N extends NamesOf<"counter", "labeled">>(name: N): Labeled<N, Counter> {
    return this.#ownLabeled(name, () => new Counter());
  }

  labeledGauge<N extends NamesOf<"gauge", "labeled">>(name: N): Labeled<N, Gauge> {
    return this.#ownLabeled(name, () => new Gauge());
  }

  labeledHistogram<N extends NamesOf<"histogram", "labeled">>(name: N): Labeled<N, Histogram> {
    const { bounds } = metricTable[name];
    return this.#ownLabeled(name, () => new Histogram(bounds));
  }

  /** Shows what `read` answers at the time of the scrape. */
  collect(name: NamesOf<"counter" | "gauge", "plain">, read: () => number): void {
    this.#register(name, (add) => add({ labels: [], value: read() }));
  }

  /** The same for a metric with labels: `read` emits any number of samples. */
  collectEach<N extends NamesOf<"counter" | "gauge", "labeled">>(
    name: N,
    read: (emit: Emit<N>) => void,
  ): void {
    this.#register(name, (add) => read((value, ...labels) => add({ labels, value })));
  }

  /** Everything in Prometheus' text format, families and samples in the order of the Go client. */
  format(): string {
    let out = "";
    for (const name of [...this.#families.keys()].sort()) {
      const family = this.#families.get(name);
      if (family === undefined) continue;
      const samples: Sample[] = [];
      family.source((sample) => samples.push(sample));
      out += family.writer.format(samples);
    }
    return out;
  }

  #own<T extends Owned>(name: MetricName, metric: T): T {
    this.#register(name, (add) => add({ labels: [], ...readOwned(metric) }));
    return metric;
  }

  #ownLabeled<N extends MetricName, T extends Owned>(name: N, create: () => T): Labeled<N, T> {
    const children = new Map<string, { readonly labels: readonly string[]; readonly metric: T }>();
    this.#register(name, (add) => {
      for (const { labels, metric } of children.values()) add({ labels, ...readOwned(metric) });
    });
    return {
      child: (...labels) => {
        const key = labels.join("\u0000");
        const known = children.get(key);
        if (known !== undefined) return known.metric;
        invariant(children.size < LABEL_COMBINATIONS_MAX, `too many label values of ${name}`);
        const metric = create();
        children.set(key, { labels, metric });
        return metric;
      },
    };
  }

  #register(name: MetricName, source: Source): void {
    invariant(!this.#families.has(name), `metric ${name} has two owners`);
    const spec: MetricSpec = metricTable[name];
    this.#families.set(name, { writer: new FamilyWriter(name, spec), source });
  }
}

function readOwned(metric: Owned): { readonly value: number } | { readonly histogram: Histogram } {
  return metric instanceof Histogram ? { histogram: metric } : { value: metric.value };
}
