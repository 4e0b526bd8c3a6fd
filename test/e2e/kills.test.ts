// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { killRuns } from "./kill-runs.ts";

const RUNS = 9;
/** About two seconds per run on a busy machine. */
const TIMEOUT_MS = 120_000;

test(
  "restores and exports that are killed leave nothing or a whole directory",
  async () => {
    const { absent, whole } = await killRuns(RUNS, 4);
    expect(absent + whole).toBe(RUNS);
  },
  TIMEOUT_MS,
);
