// SPDX-License-Identifier: Apache-2.0

import { createHistogram } from "node:perf_hooks";
import { expect, test } from "vitest";
import { systemClock } from "../../platform/system-clock.ts";
import { EventLoopDelay } from "./event-loop-delay.ts";
import { MetricRegistry } from "./metrics.ts";

const name = "etcdx_event_loop_delay_seconds";

function shown(registry: MetricRegistry, quantile: string): number {
  const text = registry.format();
  const line = text.split("\n").find((each) => each.startsWith(`${name}{quantile="${quantile}"}`));
  return Number(line?.split(" ")[1]);
}

test("a blocked loop shows as the largest delay", async () => {
  const delay = new EventLoopDelay(systemClock);
  const registry = new MetricRegistry();
  delay.collect(registry);
  // The first look begins the measurement; the second one is late.
  await new Promise((resolve) => setTimeout(resolve, 80));
  const until = performance.now() + 150;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.stop();
  expect(shown(registry, "1")).toBeGreaterThan(0.05);
  expect(shown(registry, "0.5")).toBeLessThanOrEqual(shown(registry, "1"));
});

test("what is shown is the window before, once there is one", () => {
  let nowMs = 0;
  const histogram = createHistogram();
  const clock = { monotonicMs: () => nowMs, unixMs: () => nowMs };
  const delay = new EventLoopDelay(clock, histogram);
  const registry = new MetricRegistry();
  delay.collect(registry);
  const late = (ms: number): void => histogram.record((ms + 50) * 1_000_000);
  late(5);
  expect(shown(registry, "0.99")).toBeCloseTo(0.005, 4);
  late(30);
  nowMs = 60_000;
  expect(shown(registry, "0.99")).toBeCloseTo(0.03, 4);
  late(1);
  nowMs = 90_000;
  expect(shown(registry, "1")).toBeCloseTo(0.03, 4);
  nowMs = 120_000;
  expect(shown(registry, "1")).toBeCloseTo(0.001, 4);
});

test("an idle loop has no delay, not a negative one", () => {
  const histogram = createHistogram();
  histogram.record(49_000_000);
  const registry = new MetricRegistry();
  new EventLoopDelay({ monotonicMs: () => 0, unixMs: () => 0 }, histogram).collect(registry);
  expect(shown(registry, "1")).toBe(0);
});
