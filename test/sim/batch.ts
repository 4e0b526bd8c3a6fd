// SPDX-License-Identifier: Apache-2.0

import { Coverage } from "./coverage.ts";
import { type SimOptions, type SimResult, simulate } from "./world.ts";

export interface BatchOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Ends the batch early, in real milliseconds. */
  readonly msMax: number;
  readonly run: Omit<SimOptions, "seed">;
}

export interface BatchResult {
  readonly seeds: number;
  readonly simulatedMs: number;
  readonly steps: number;
  readonly realMs: number;
  readonly coverage: Coverage;
  /** Broken promises where the faults stayed within what the protocol survives. */
  readonly failures: readonly SimResult[];
  /** Runs beyond that, and how many of them broke a promise. */
  readonly beyond: number;
  readonly beyondBroken: number;
}

/** Runs seeds one after another; `onFailure` hears of each broken promise at once. */
export async function runBatch(
  options: BatchOptions,
  onFailure: (result: SimResult) => Promise<void>,
): Promise<BatchResult> {
  const startMs = performance.now();
  const coverage = new Coverage();
  const failures: SimResult[] = [];
  const sums = { seeds: 0, simulatedMs: 0, steps: 0, beyond: 0, beyondBroken: 0 };
  while (sums.seeds < options.seeds && performance.now() - startMs < options.msMax) {
    const result = await simulate({ ...options.run, seed: options.firstSeed + sums.seeds });
    sums.seeds++;
    sums.simulatedMs += result.simulatedMs;
    sums.steps += result.steps;
    coverage.add(result.coverage);
    const isBroken = result.failure !== undefined;
    if (result.side === "beyond") {
      sums.beyond++;
      if (isBroken) sums.beyondBroken++;
    } else if (isBroken) {
      failures.push(result);
      await onFailure(result);
    }
  }
  return { ...sums, realMs: performance.now() - startMs, coverage, failures };
}
