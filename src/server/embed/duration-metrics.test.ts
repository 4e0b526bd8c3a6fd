// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { RangeRequest } from "../../api/gen/etcdserverpb.ts";
import type { Request } from "../../core/apply/index.ts";
import { MetricRegistry } from "../observe/index.ts";
import { applyTimes, maintenanceTimes, requestTimes } from "./duration-metrics.ts";

function counts(registry: MetricRegistry): string[] {
  const lines = registry.format().split("\n");
  return lines.filter((line) => /_count|inflight/.test(line) && !line.startsWith("#"));
}

test("an outcome shows once it was seen, and a late compaction is no failure", () => {
  const registry = new MetricRegistry();
  const observe = applyTimes(registry);
  const range: Request = { kind: "range", range: RangeRequest.create({}) };
  observe(range, { kind: "error", error: "compacted" }, 1);
  observe(range, { kind: "error", error: "compacted" }, 1);
  expect(counts(registry)).toEqual([
    'etcd_server_apply_duration_seconds_count{op="Range",success="true",version="v3"} 2',
  ]);
  observe(range, { kind: "error", error: "corrupt" }, 1);
  expect(counts(registry)).toHaveLength(2);
});

test("requests are counted by type and outcome", () => {
  const registry = new MetricRegistry();
  const observe = requestTimes(registry);
  observe("Put", true, 1);
  observe("Put", false, 1);
  expect(counts(registry)).toEqual([
    'etcd_server_request_duration_seconds_count{success="false",type="Put"} 1',
    'etcd_server_request_duration_seconds_count{success="true",type="Put"} 1',
  ]);
});

test("a defragmentation shows while it is under way", () => {
  const registry = new MetricRegistry();
  const times = maintenanceTimes(registry);
  times.defragmenting(2);
  expect(counts(registry)).toContain("etcd_disk_defrag_inflight 1");
  times.defragmenting(0);
  times.defragmented(150);
  const text = counts(registry);
  expect(text).toContain("etcd_disk_defrag_inflight 0");
  expect(text).toContain("etcd_disk_backend_defrag_duration_seconds_count 1");
});
