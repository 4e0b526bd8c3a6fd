// SPDX-License-Identifier: Apache-2.0

/** Latencies of one measurement, in microseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMicros: number;
  readonly p99Micros: number;
  readonly maxMicros: number;
}

/** Mean and 99th percentile (nearest rank) of `micros`, which it sorts in place. */
export function summarize(micros: Float64Array): LatencySummary {
  const count = micros.length;
  if (count === 0) return { count, meanMicros: 0, p99Micros: 0, maxMicros: 0 };
  let sum = 0;
  for (const each of micros) sum += each;
  micros.sort();
  const p99Micros = micros[Math.ceil(count * 0.99) - 1] ?? 0;
  return { count, meanMicros: sum / count, p99Micros, maxMicros: micros[count - 1] ?? 0 };
}
