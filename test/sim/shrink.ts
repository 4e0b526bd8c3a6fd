// SPDX-License-Identifier: Apache-2.0

import type { Fault } from "./faults.ts";
import { type SimOptions, type SimResult, simulate } from "./world.ts";

/** Runs that a search for a smaller list of faults takes at most. */
const RUNS_MAX = 200;

/**
 * Looks for a short list of faults with which the run still fails at the same check: leaves out
 * ever smaller parts, until no single one can be left out.
 */
export async function shrink(failed: SimResult, options: SimOptions): Promise<SimResult> {
  let best = failed;
  let runs = 0;
  let size = Math.ceil(best.faults.length / 2);
  while (size >= 1 && runs < RUNS_MAX) {
    let isSmaller = false;
    for (let at = 0; at < best.faults.length && runs < RUNS_MAX; ) {
      const faults = without(best.faults, at, size);
      const result = await simulate({ ...options, faults });
      runs++;
      if (result.failure?.check === failed.failure?.check) {
        best = result;
        isSmaller = true;
      } else at += size;
    }
    if (size === 1 && !isSmaller) break;
    if (!isSmaller) size = Math.floor(size / 2);
    else size = Math.min(size, Math.max(1, Math.ceil(best.faults.length / 2)));
  }
  return best;
}

function without(faults: readonly Fault[], at: number, count: number): Fault[] {
  return [...faults.slice(0, at), ...faults.slice(at + count)];
}
