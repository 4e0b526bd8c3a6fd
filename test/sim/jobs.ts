// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { BatchOptions } from "./batch.ts";
import { type RunSummary, Tally } from "./tally.ts";

/**
 * Runs a batch in several processes, each with every so manieth seed. `command` is started with
 * the options of its part, and prints a summary per line; `onFailure` hears of failed seeds.
 */
export async function runInJobs(
  options: BatchOptions,
  { jobs, command }: { readonly jobs: number; readonly command: readonly string[] },
  onFailure: (seed: number) => Promise<void>,
): Promise<Tally> {
  const tally = new Tally();
  const failures: Promise<void>[] = [];
  const runJob = async (job: number): Promise<void> => {
    const seeds = Math.floor((options.seeds - job + jobs - 1) / jobs);
    const part = { ...options, firstSeed: options.firstSeed + job, seeds, stride: jobs };
    const child = spawn(process.execPath, [...command, JSON.stringify(part)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const closed = once(child, "close");
    for await (const line of createInterface({ input: child.stdout })) {
      const summary: RunSummary = JSON.parse(line);
      if (tally.add(summary)) failures.push(onFailure(summary.seed));
    }
    const [code] = await closed;
    if (code !== 0) throw new Error(`a process of the batch ended with ${code}`);
  };
  await Promise.all(Array.from({ length: jobs }, (_, job) => runJob(job)));
  await Promise.all(failures);
  return tally;
}
