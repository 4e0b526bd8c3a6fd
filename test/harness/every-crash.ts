// SPDX-License-Identifier: Apache-2.0

import type { SimDisk } from "./sim-disk.ts";

/** Each decides anew which of the sectors and names that were not synced are lost. */
const SEEDS = 9;
/** More steps than any scenario has: one that never ends is told apart from a long one. */
const STEPS_MAX = 5000;

export interface CrashScenario<World extends { readonly disk: SimDisk }> {
  /** Builds what is there before, durably; the same each time. */
  prepare(): World | Promise<World>;
  /** What is interrupted. Notes in the world what it was promised on the way. */
  run(world: World): void | Promise<void>;
  /** Looks at what the power failure has left. */
  check(world: World): void | Promise<void>;
}

/** For scenarios that take long: how often each step is tried, and how many steps lie between. */
export interface CrashShare {
  readonly seeds?: number;
  readonly stride?: number;
}

/**
 * Lets the power fail before every single operation of a scenario that changes the disk, a few
 * times each with other losses, and at last behind all of them. Answers with how many there are.
 */
export async function crashEverywhere<World extends { readonly disk: SimDisk }>(
  scenario: CrashScenario<World>,
  { seeds = SEEDS, stride = 1 }: CrashShare = {},
): Promise<number> {
  for (let step = 0; step < STEPS_MAX; step += stride) {
    let wasDark = false;
    for (let seed = 0; seed < seeds; seed++) {
      try {
        wasDark = await crashOnce(scenario, step, seed);
      } catch (cause) {
        throw new Error(`power failure before step ${step}, losses of seed ${seed}`, { cause });
      }
    }
    if (!wasDark) return step;
  }
  throw new Error(`the scenario takes more than ${STEPS_MAX} steps`);
}

/** Whether the power failed before the end. */
async function crashOnce<World extends { readonly disk: SimDisk }>(
  scenario: CrashScenario<World>,
  step: number,
  seed: number,
): Promise<boolean> {
  const world = await scenario.prepare();
  world.disk.cutPowerAfter(step);
  try {
    await scenario.run(world);
  } catch (error) {
    if (!world.disk.isDark) throw error;
  }
  const { isDark } = world.disk;
  world.disk.crash({ seed });
  await scenario.check(world);
  return isDark;
}
