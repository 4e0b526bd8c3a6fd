// SPDX-License-Identifier: Apache-2.0

import type { ApplyResult, Request } from "../../core/apply/index.ts";
import type { MaintenanceTimes, RequestType } from "../grpc/index.ts";
import type { Histogram, MetricRegistry } from "../observe/index.ts";

/** Histograms by name and outcome, each made when it is first needed. */
class Outcomes {
  readonly #create: (name: string, isOk: "true" | "false") => Histogram;
  readonly #succeeded = new Map<string, Histogram>();
  readonly #failed = new Map<string, Histogram>();

  constructor(create: (name: string, isOk: "true" | "false") => Histogram) {
    this.#create = create;
  }

  observe(name: string, isOk: boolean, tookMs: number): void {
    const known = isOk ? this.#succeeded : this.#failed;
    let histogram = known.get(name);
    if (histogram === undefined) {
      histogram = this.#create(name, isOk ? "true" : "false");
      known.set(name, histogram);
    }
    histogram.observe(tookMs / 1000);
  }
}

/** How long requests took to apply, by kind; a compaction that came too late counts as done. */
export function applyTimes(
  registry: MetricRegistry,
): (request: Request, result: ApplyResult, tookMs: number) => void {
  const family = registry.labeledHistogram("etcd_server_apply_duration_seconds");
  const outcomes = new Outcomes((kind, isOk) =>
    family.child("v3", `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, isOk),
  );
  return ({ kind }, result, tookMs) => {
    const isOk = result.kind !== "error" || result.error === "compacted";
    outcomes.observe(kind, isOk, tookMs);
  };
}

/** How long requests took from their arrival to their answer. */
export function requestTimes(
  registry: MetricRegistry,
): (type: RequestType, isOk: boolean, tookMs: number) => void {
  const family = registry.labeledHistogram("etcd_server_request_duration_seconds");
  const outcomes = new Outcomes((type, isOk) => family.child(type, isOk));
  return (type, isOk, tookMs) => outcomes.observe(type, isOk, tookMs);
}

/** How long the key space took for a range, from its first key read to its last. */
export function rangeTimes(registry: MetricRegistry): (isOk: boolean, tookMs: number) => void {
  const family = registry.labeledHistogram("etcd_server_range_duration_seconds");
  const outcomes = new Outcomes((_, isOk) => family.child(isOk));
  return (isOk, tookMs) => outcomes.observe("range", isOk, tookMs);
}

/** How long the work of Maintenance took, and whether a defragmentation is under way. */
export function maintenanceTimes(registry: MetricRegistry): MaintenanceTimes {
  const defragmentation = registry.histogram("etcd_disk_backend_defrag_duration_seconds");
  const inFlight = registry.gauge("etcd_disk_defrag_inflight");
  const hash = registry.histogram("etcd_mvcc_hash_duration_seconds");
  const hashRevision = registry.histogram("etcd_mvcc_hash_rev_duration_seconds");
  return {
    defragmenting: (count) => inFlight.set(count > 0 ? 1 : 0),
    defragmented: (tookMs) => defragmentation.observe(tookMs / 1000),
    hashed: (tookMs) => hash.observe(tookMs / 1000),
    hashedRevision: (tookMs) => hashRevision.observe(tookMs / 1000),
  };
}
