// SPDX-License-Identifier: Apache-2.0

import { type RunSummary, Tally } from "./tally.ts";
import { type SimOptions, type SimResult, simulate } from "./world.ts";

export interface BatchOptions {
  readonly firstSeed: number;
  readonly seeds: number;
  /** The distance from one seed to the next; 1 when absent. */
  readonly stride?: number;
  /** Ends the batch early, in real milliseconds. */
  readonly msMax: number;
  readonly run: Omit<SimOptions, "seed">;
}

/** Runs one seed, and measures it. */
export async function runSeed(options: SimOptions): Promise<[SimResult, RunSummary]> {
  const before = process.cpuUsage();
  const result = await simulate(options);
  const { user, system } = process.cpuUsage(before);
  const { seed, side, members, simulatedMs, steps, undecided } = result;
  const isBroken = result.failure !== undefined;
  const cpuMs = (user + system) / 1000;
  const coverage = result.coverage.entries();
  const summary = { seed, side, isBroken, members, simulatedMs, cpuMs, steps, undecided, coverage };
  return [result, summary];
}

/** Runs seeds one after another; `onRun` hears of each, and the batch waits for it. */
export async function runSeeds(
  options: BatchOptions,
  onRun: (result: SimResult, summary: RunSummary) => void | Promise<void>,
): Promise<void> {
  const { firstSeed, seeds, stride = 1, msMax } = options;
  const startMs = performance.now();
  for (let run = 0; run < seeds && performance.now() - startMs < msMax; run++) {
    const [result, summary] = await runSeed({ ...options.run, seed: firstSeed + run * stride });
    await onRun(result, summary);
  }
}

/** Runs a batch here; `onFailure` hears of each broken promise at once. */
export async function runBatch(
  options: BatchOptions,
  onFailure: (result: SimResult) => void | Promise<void>,
): Promise<Tally> {
  const tally = new Tally();
  await runSeeds(options, (result, summary) => {
    if (tally.add(summary)) return onFailure(result);
  });
  return tally;
}
