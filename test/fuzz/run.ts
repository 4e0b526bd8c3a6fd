// SPDX-License-Identifier: Apache-2.0

import { SeededRandom } from "../harness/seeded-random.ts";
import type { FuzzTarget } from "./target.ts";

export interface FuzzPlan {
  readonly seed: number;
  /** The number of the first input: a failure names its own. */
  readonly from: number;
  readonly inputs: number;
}

/** The bytes that a target did not stand, and how to make them again. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
}

function describe(target: FuzzTarget, plan: FuzzPlan, at: number, input: Uint8Array): string {
  const again = `--only ${target.name} --seed ${plan.seed} --from ${at} --inputs 1`;
  return `${target.name}: input ${at} of seed ${plan.seed} (${again}): ${Buffer.from(input).toString("hex")}`;
}

/** Feeds a target; throws a `FuzzFailure` with the cause at the first input that breaks it. */
export async function fuzz(
  target: FuzzTarget,
  plan: FuzzPlan,
  progress: (done: number) => Promise<void> | void = () => {},
): Promise<void> {
  const end = plan.from + plan.inputs;
  for (let at = plan.from; at < end; at++) {
    const input = target.input(new SeededRandom(Math.imul(plan.seed, 0x85ebca6b) ^ at));
    try {
      await target.check(input);
    } catch (cause) {
      throw new FuzzFailure(describe(target, plan, at, input), { cause });
    }
    const done = at - plan.from + 1;
    const step = Math.max(1, Math.ceil(plan.inputs / 10));
    if (done % step === 0 || at === end - 1) await progress(done);
  }
  await target.finish();
}
