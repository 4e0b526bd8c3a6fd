// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { isThorough, sampleOf } from "../harness/thorough.ts";
import { killAll, kindNames } from "./kill-runs.ts";

const RUNS = isThorough ? 2 : 1;
const kinds = sampleOf(kindNames, 4);
/** More than a second per run on a busy machine, and each kind takes a few runs besides. */
const TIMEOUT_MS = 120_000;

test(
  "what is killed at any moment leaves the old state or the new one, and the next run goes on",
  async () => {
    const tallies = await killAll({ kinds, runs: RUNS, seed: 4, revisions: 1000 });
    for (const { before, between, after } of tallies.values()) {
      expect(before + between + after).toBe(RUNS);
    }
    expect([...tallies.keys()]).toEqual(kinds);
  },
  TIMEOUT_MS,
);
