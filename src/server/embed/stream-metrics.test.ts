// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { MetricRegistry } from "../observe/index.ts";
import { streamMetrics } from "./stream-metrics.ts";

const LOOP = "etcd_debugging_server_watch_send_loop_";

function sums(registry: MetricRegistry): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of registry.format().split("\n")) {
    const [name = "", value] = line.split(" ");
    if (/_(sum|count)$/.test(name))
      found[name.replace(LOOP, "")] = Math.round(Number(value) * 1e6) / 1e6;
  }
  return found;
}

test("responses of one batch share its time, each by itself and per event", () => {
  const registry = new MetricRegistry();
  const { watchEvents } = streamMetrics(registry, { monotonicMs: () => 0, unixMs: () => 0 });
  watchEvents.sent(8, 4, 16);
  watchEvents.sent(1, 1, 1);
  expect(sums(registry)).toMatchObject({
    watch_stream_duration_seconds_count: 5,
    watch_stream_duration_seconds_sum: 0.009,
    watch_stream_duration_per_event_seconds_count: 5,
    watch_stream_duration_per_event_seconds_sum: 0.003,
    control_stream_duration_seconds_count: 0,
  });
});

test("answers, progress and streams that broke are counted; what never broke does not show", () => {
  const registry = new MetricRegistry();
  const { watch, keepAliveReceiveFailed } = streamMetrics(registry, {
    monotonicMs: () => 0,
    unixMs: () => 0,
  });
  watch.controlSent(2);
  watch.progressed(3);
  expect(sums(registry)).toMatchObject({
    control_stream_duration_seconds_sum: 0.002,
    progress_duration_seconds_sum: 0.003,
  });
  expect(registry.format()).not.toContain("stream_failures");
  watch.receiveFailed();
  keepAliveReceiveFailed();
  keepAliveReceiveFailed();
  expect(
    registry
      .format()
      .split("\n")
      .filter((line) => /^\w*stream_failures/.test(line)),
  ).toEqual([
    'etcd_network_server_stream_failures_total{API="lease-keepalive",Type="receive"} 2',
    'etcd_network_server_stream_failures_total{API="watch",Type="receive"} 1',
  ]);
});
