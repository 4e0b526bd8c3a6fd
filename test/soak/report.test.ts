// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { judge } from "./report.ts";
import type { SoakResult, SoakSample } from "./soak.ts";

/** Ten minutes of samples with the memory that `residentAt` gives for a second. */
function run(residentAt: (seconds: number) => number, more: Partial<SoakResult> = {}): SoakResult {
  const samples = Array.from({ length: 120 }, (_, index): SoakSample => {
    const seconds = (index + 1) * 5;
    const residentMib = residentAt(seconds);
    const loopDelayP99Ms = seconds === 300 ? 9 : 3;
    const rest = { requestsPerSecond: 1000, latencyP99Ms: 7, anonymousMib: 50, loopDelayP99Ms };
    return { seconds, residentMib, ...rest };
  });
  const totals = { peakPerSecond: 1250, requests: 600_000, events: 1, renewals: 1, refused: 0 };
  return { ...totals, samples, ...more };
}

describe("a soak", () => {
  test("passes when memory stays, whatever it did before two minutes and between samples", () => {
    const sawtooth = (seconds: number): number => (seconds % 25 === 0 ? 180 : 100);
    expect(judge(run((seconds) => (seconds < 60 ? 20 : sawtooth(seconds))))).toMatchObject({
      ratio: 1,
      isPassed: true,
    });
  });

  test("fails when memory grows by more than a fifth after two minutes", () => {
    const verdict = judge(run((seconds) => 100 + (seconds - 120) * 0.06));
    expect(verdict.ratio).toBeGreaterThan(1.2);
    expect(verdict.isPassed).toBe(false);
    expect(judge(run((seconds) => 100 + (seconds - 120) * 0.03)).isPassed).toBe(true);
  });

  test("fails when a request was refused", () => {
    expect(judge(run(() => 100, { refused: 1 })).isPassed).toBe(false);
  });

  test("tells what was asked for in words", () => {
    expect(judge(run(() => 100)).lines).toEqual([
      "600000 requests, 1000 a second in the median; 1 events, 1 renewals, 0 refused",
      "resident memory 100 MiB after 120 s, 100 MiB after 600 s: ratio 1.00, at most 1.2 is asked",
      "request latency p99 7.0 ms in the median of 5 s",
      "event-loop delay p99 3.0 ms in the median minute, 9.0 ms in the worst",
    ]);
  });
});
