// SPDX-License-Identifier: Apache-2.0
// npm run fuzz -- [--inputs 1000000] [--only h2,hpack] [--seed 1] [--from 0]

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fuzz } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import { fuzzTargets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "100000" },
    only: { type: "string", default: [...fuzzTargets.keys()].join(",") },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    from: { type: "string", default: "0" },
  },
});

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Heap and buffers in use after a collection, or what the target says, in megabytes. */
async function megabytes(target: FuzzTarget): Promise<string> {
  if (target.memory !== undefined) return ((await target.memory()) / 1e6).toFixed(1);
  // Sockets and timers that have ended are let go of by the loop.
  await new Promise((resolve) => setImmediate(resolve));
  if (typeof collect === "function") collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return ((heapUsed + arrayBuffers) / 1e6).toFixed(1);
}

async function run(name: string): Promise<void> {
  const make = fuzzTargets.get(name);
  if (make === undefined) throw new Error(`no target ${name}, only ${[...fuzzTargets.keys()]}`);
  const plan = {
    seed: Number(values.seed),
    from: Number(values.from),
    inputs: Number(values.inputs),
  };
  const { target, close } = await make();
  const memory: string[] = [];
  const start = performance.now();
  try {
    await fuzz(target, plan, async () => {
      memory.push(await megabytes(target));
    });
  } finally {
    await close();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const heap = `${memory[0]} MB after a tenth, ${memory.at(-1)} MB at the end`;
  console.log(`${name}: ${plan.inputs} inputs of seed ${plan.seed} in ${seconds} s; ${heap}`);
}

// One that nobody awaited counts as much as one that was thrown.
process.on("unhandledRejection", (error) => {
  throw error;
});
for (const name of values.only.split(",")) await run(name);
