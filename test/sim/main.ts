// SPDX-License-Identifier: Apache-2.0
//
// npm run sim                                  one batch of 100 seeds
// npm run sim -- --seeds 1000 --minutes 10     a longer one, from seed 1
// npm run sim -- --seeds 1000 --jobs 2         the same in two processes
// npm run sim -- --seed 42 --trace             one run, with everything that happened
// npm run sim -- --seed 42 --faults '[…]'      the same with other faults
//
// Ends with 1 when a promise was broken, when a batch of at least `COVERED_SEEDS` seeds has not
// seen every named event, or when too many histories were too large to judge.

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BatchOptions, runBatch, runSeeds } from "./batch.ts";
import type { Fault } from "./faults.ts";
import { runInJobs } from "./jobs.ts";
import { shrink } from "./shrink.ts";
import { type SimOptions, type SimResult, simulate } from "./world.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    minutes: { type: "string" },
    members: { type: "string" },
    jobs: { type: "string", default: "1" },
    faults: { type: "string" },
    trace: { type: "boolean", default: false },
    shrink: { type: "boolean", default: true },
    /** In a process of a batch: its part, as JSON. */
    part: { type: "string" },
  },
  allowNegative: true,
});

function runOptions(): Omit<SimOptions, "seed"> {
  return {
    ...(values.members === undefined ? {} : { members: Number(values.members) }),
    ...(values.faults === undefined ? {} : { faults: parseFaults(values.faults) }),
  };
}

function parseFaults(text: string): Fault[] {
  const faults: unknown = JSON.parse(text);
  if (!Array.isArray(faults)) throw new TypeError("--faults is a list, as a failure prints it");
  return faults;
}

function describeRun(seed: number): string {
  const members = values.members === undefined ? "" : ` --members ${values.members}`;
  return `npm run sim -- --seed ${seed}${members}`;
}

async function report(result: SimResult): Promise<void> {
  const { failure, seed, side } = result;
  console.log(`FAILED  seed ${seed}, faults ${side} what is promised: ${failure?.message}`);
  if (failure?.cause instanceof Error) console.log(failure.cause.stack);
  console.log(`  replay: ${describeRun(seed)} --trace`);
  if (!values.shrink || values.faults !== undefined) return;
  const small = await shrink(result, { ...runOptions(), seed });
  console.log(`  ${small.faults.length} of ${result.faults.length} faults are enough:`);
  console.log(`  ${describeRun(seed)} --faults '${JSON.stringify(small.faults)}'`);
}

async function runOne(seed: number): Promise<void> {
  const result = await simulate({ ...runOptions(), seed, trace: values.trace });
  if (values.trace) console.log(result.lines.join("\n"));
  console.log(`seed ${seed}: ${result.side} what is promised, digest ${result.digest}`);
  if (result.failure === undefined) return;
  await report(result);
  process.exitCode = 1;
}

async function runMany(): Promise<void> {
  const options: BatchOptions = {
    firstSeed: Number(values.seed ?? 1),
    seeds: Number(values.seeds ?? 100),
    msMax: Number(values.minutes ?? 60) * 60_000,
    run: runOptions(),
  };
  const jobs = Number(values.jobs);
  const command = [fileURLToPath(import.meta.url), "--part"];
  const tally =
    jobs > 1
      ? await runInJobs(options, { jobs, command }, async (seed) =>
          report(await simulate({ ...options.run, seed })),
        )
      : await runBatch(options, report);
  for (const line of tally.describe()) console.log(line);
  if (!tally.isPassed) process.exitCode = 1;
}

async function runPart(part: string): Promise<void> {
  const options: BatchOptions = JSON.parse(part);
  await runSeeds(options, (_result, summary) => console.log(JSON.stringify(summary)));
}

if (values.part !== undefined) await runPart(values.part);
else if (values.seed !== undefined && values.seeds === undefined) await runOne(Number(values.seed));
else await runMany();
