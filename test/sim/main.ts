// SPDX-License-Identifier: Apache-2.0
//
// npm run sim                                  one batch of 100 seeds
// npm run sim -- --seeds 1000 --minutes 10     a longer one, from seed 1
// npm run sim -- --seed 42 --trace             one run, with everything that happened
// npm run sim -- --seed 42 --faults '[…]'      the same with other faults
//
// Ends with 1 when a promise was broken, or when a batch of at least `COVERED_SEEDS` seeds has not
// seen every named event.

import { parseArgs } from "node:util";
import { type BatchResult, runBatch } from "./batch.ts";
import { NAMED_EVENTS } from "./coverage.ts";
import type { Fault } from "./faults.ts";
import { shrink } from "./shrink.ts";
import { type SimOptions, type SimResult, simulate } from "./world.ts";

/** From so many seeds on a batch has to have seen every named event. */
const COVERED_SEEDS = 500;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    minutes: { type: "string" },
    members: { type: "string" },
    faults: { type: "string" },
    trace: { type: "boolean", default: false },
    shrink: { type: "boolean", default: true },
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

function describeRun(result: SimResult): string {
  const members = values.members === undefined ? "" : ` --members ${values.members}`;
  return `npm run sim -- --seed ${result.seed}${members}`;
}

async function report(result: SimResult): Promise<void> {
  const { failure, seed, side } = result;
  console.log(`FAILED  seed ${seed}, faults ${side} what is promised: ${failure?.message}`);
  if (failure?.cause instanceof Error) console.log(failure.cause.stack);
  console.log(`  replay: ${describeRun(result)} --trace`);
  if (!values.shrink || values.faults !== undefined) return;
  const small = await shrink(result, { ...runOptions(), seed });
  console.log(`  ${small.faults.length} of ${result.faults.length} faults are enough:`);
  console.log(`  ${describeRun(result)} --faults '${JSON.stringify(small.faults)}'`);
}

function summarize(batch: BatchResult): void {
  const { seeds, simulatedMs, realMs, steps, beyond, beyondBroken, coverage, failures } = batch;
  const seconds = realMs / 1000;
  console.log(
    `${seeds} seeds in ${seconds.toFixed(1)} s: ${(seeds / seconds).toFixed(1)} seeds/s, ` +
      `${(simulatedMs / 1000).toFixed(0)} s simulated (${(simulatedMs / realMs).toFixed(0)} times ` +
      `real time), ${(steps / seeds).toFixed(0)} steps per seed`,
  );
  console.log(`${beyond} runs went beyond what is promised, ${beyondBroken} of them broke`);
  for (const event of NAMED_EVENTS) {
    console.log(`${String(coverage.counts.get(event) ?? 0).padStart(9)}  ${event}`);
  }
  const { missing } = coverage;
  console.log(
    `${NAMED_EVENTS.length - missing.length} of ${NAMED_EVENTS.length} named events seen`,
  );
  if (seeds >= COVERED_SEEDS && missing.length > 0) {
    console.log(`never seen: ${missing.join("; ")}`);
    process.exitCode = 1;
  }
  console.log(`${seeds - failures.length} passed, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}

async function runOne(seed: number): Promise<void> {
  const result = await simulate({ ...runOptions(), seed, trace: values.trace });
  if (values.trace) console.log(result.lines.join("\n"));
  console.log(`seed ${seed}: ${result.side} what is promised, digest ${result.digest}`);
  if (result.failure === undefined) return;
  await report(result);
  process.exitCode = 1;
}

if (values.seed !== undefined && values.seeds === undefined) await runOne(Number(values.seed));
else {
  const options = {
    firstSeed: Number(values.seed ?? 1),
    seeds: Number(values.seeds ?? 100),
    msMax: Number(values.minutes ?? 60) * 60_000,
    run: runOptions(),
  };
  summarize(await runBatch(options, report));
}
