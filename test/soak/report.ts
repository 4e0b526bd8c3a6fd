// SPDX-License-Identifier: Apache-2.0

import type { SoakResult, SoakSample } from "./soak.ts";

/** Resident memory at the end may be so many times that of `referenceSeconds`. */
export const ratioMax = 1.2;
/** When the first memory is read; a shorter run reads it after a fifth of its time. */
const referenceSeconds = 120;
/** Memory goes up and down with collections: what counts is the median of so long before. */
const windowSeconds = 30;

export interface Verdict {
  readonly lines: readonly string[];
  readonly ratio: number;
  readonly isPassed: boolean;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The median resident memory of the samples that lead up to a moment, in MiB. */
function residentAt(samples: readonly SoakSample[], seconds: number): number {
  const window = samples.filter(
    (each) => each.seconds <= seconds && each.seconds > seconds - windowSeconds,
  );
  const [first] = samples;
  const used = window.length > 0 ? window : first === undefined ? [] : [first];
  return median(used.map(({ residentMib }) => residentMib));
}

/** What came of a run, in words. */
export function judge(result: SoakResult): Verdict {
  const { samples, refused } = result;
  const endSeconds = samples.at(-1)?.seconds ?? 0;
  const early = Math.min(referenceSeconds, endSeconds / 5);
  const before = residentAt(samples, early);
  const after = residentAt(samples, endSeconds);
  const ratio = after / before;
  const rates = samples.map(({ requestsPerSecond }) => requestsPerSecond);
  const latencies = samples.map(({ latencyP99Ms }) => latencyP99Ms);
  const delays = samples.flatMap(({ loopDelayP99Ms }) => loopDelayP99Ms ?? []);
  const lines = [
    `${result.requests} requests, ${Math.round(median(rates))} a second in the median; ` +
      `${result.events} events, ${result.renewals} renewals, ${refused} refused`,
    `resident memory ${before.toFixed(0)} MiB after ${early.toFixed(0)} s, ` +
      `${after.toFixed(0)} MiB after ${endSeconds.toFixed(0)} s: ` +
      `ratio ${ratio.toFixed(2)}, at most ${ratioMax} is asked`,
    `request latency p99 ${median(latencies).toFixed(1)} ms in the median of 5 s`,
  ];
  if (delays.length > 0) {
    lines.push(
      `event-loop delay p99 ${median(delays).toFixed(1)} ms in the median minute, ` +
        `${Math.max(...delays).toFixed(1)} ms in the worst`,
    );
  }
  return { lines, ratio, isPassed: ratio <= ratioMax && refused === 0 };
}
