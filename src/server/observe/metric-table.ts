// SPDX-License-Identifier: Apache-2.0

import type { MetricSpec } from "./metric-spec.ts";
import { engineMetrics } from "./metric-table-engine.ts";
import { runtimeMetrics } from "./metric-table-runtime.ts";
import { serverMetrics } from "./metric-table-server.ts";

/** Every metric this server may expose, under the names etcd 3.7.1 gives them, or `etcdx_`. */
export const metricTable = { ...serverMetrics, ...engineMetrics, ...runtimeMetrics } as const;

export type MetricTable = typeof metricTable;
export type MetricName = keyof MetricTable;

/** The names whose metric has this type, with or without labels. */
export type NamesOf<Type extends MetricSpec["type"], Labels extends "plain" | "labeled"> = {
  [N in MetricName]: MetricTable[N] extends { type: Type; labels: infer L }
    ? (L extends readonly [] ? "plain" : "labeled") extends Labels
      ? N
      : never
    : never;
}[MetricName];

type TextFor<Labels extends readonly string[]> = { readonly [I in keyof Labels]: string };

/** One value per label, in the order of the table. */
export type LabelValues<N extends MetricName> = TextFor<MetricTable[N]["labels"]>;
