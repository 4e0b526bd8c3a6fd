// SPDX-License-Identifier: Apache-2.0

export interface CounterSpec<L extends readonly string[]> {
  readonly type: "counter";
  readonly help: string;
  readonly labels: L;
}
export interface GaugeSpec<L extends readonly string[]> {
  readonly type: "gauge";
  readonly help: string;
  readonly labels: L;
}
export interface HistogramSpec<L extends readonly string[]> {
  readonly type: "histogram";
  readonly help: string;
  readonly labels: L;
  /** Upper bounds of the buckets, rising, without the infinite one. */
  readonly bounds: readonly number[];
}

export type MetricSpec =
  | CounterSpec<readonly string[]>
  | GaugeSpec<readonly string[]>
  | HistogramSpec<readonly string[]>;

export function counter(help: string): CounterSpec<readonly []>;
export function counter<const L extends readonly string[]>(help: string, labels: L): CounterSpec<L>;
export function counter(help: string, labels: readonly string[] = []): MetricSpec {
  return { type: "counter", help, labels };
}

export function gauge(help: string): GaugeSpec<readonly []>;
export function gauge<const L extends readonly string[]>(help: string, labels: L): GaugeSpec<L>;
export function gauge(help: string, labels: readonly string[] = []): MetricSpec {
  return { type: "gauge", help, labels };
}

export function histogram(help: string, bounds: readonly number[]): HistogramSpec<readonly []>;
export function histogram<const L extends readonly string[]>(
  help: string,
  bounds: readonly number[],
  labels: L,
): HistogramSpec<L>;
export function histogram(
  help: string,
  bounds: readonly number[],
  labels: readonly string[] = [],
): MetricSpec {
  return { type: "histogram", help, bounds, labels };
}

/** `count` bounds, the first `start`, each `factor` times the one before. */
export function exponential(start: number, factor: number, count: number): readonly number[] {
  const bounds: number[] = [];
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound);
  return bounds;
}
