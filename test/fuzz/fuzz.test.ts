// SPDX-License-Identifier: Apache-2.0
// A short run of every fuzzer; `npm run fuzz` makes long ones. The seed is fixed: a failure here
// comes from a change.

import { expect, test } from "vitest";
import { FuzzFailure, fuzz } from "./run.ts";
import type { FuzzTarget } from "./target.ts";
import { fuzzTargets } from "./targets.ts";

const INPUTS = 2000;

test.each([...fuzzTargets.keys()])("%s stands what it gets", async (name) => {
  const made = await fuzzTargets.get(name)?.();
  if (made === undefined) throw new Error(`no target ${name}`);
  try {
    await fuzz(made.target, { seed: 1, from: 0, inputs: INPUTS });
  } finally {
    await made.close();
  }
});

test("a failure names the input that it takes to see it again", async () => {
  const fragile: FuzzTarget = {
    name: "fragile",
    input: (random) => random.bytes(4),
    check: (input) => {
      if ((input[0] ?? 0) > 250) throw new RangeError("too large");
    },
    finish: async () => {},
  };
  const run = (from: number, inputs: number) => fuzz(fragile, { seed: 7, from, inputs });
  const first: unknown = await run(0, 5000).catch((error: unknown) => error);
  if (!(first instanceof FuzzFailure)) throw new Error("nothing was found");
  const at = Number(/--from (\d+)/.exec(first.message)?.[1]);
  expect(first.cause).toBeInstanceOf(RangeError);
  await expect(run(at, 1)).rejects.toThrow(first.message);
});
