// SPDX-License-Identifier: Apache-2.0

import type { ServerProcess } from "../../test/harness/server-process.ts";
import { h2loadGenerator, hasH2load } from "../h2load.ts";
import { calibrate, measure, type Plan, type Sample } from "../measure.ts";
import { nodeGenerator } from "../node-generator.ts";
import type { Row } from "../rows.ts";

/** How the bursts of a scenario are made: h2load where it is installed. */
export function burstPlan(seconds: number): Plan {
  const generator = hasH2load() ? h2loadGenerator : nodeGenerator;
  return { generator, seconds, keyCount: 1, random: () => 0 };
}

/** The same with a key of `keyCount` at random for each request. */
export function scatteredPlan(seconds: number, keyCount: number): Plan {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  return { generator: nodeGenerator, seconds, keyCount, random };
}

/** Warms up and measures one burst. */
export async function burst(server: ServerProcess, row: Row, plan: Plan): Promise<Sample> {
  return measure(server, row, plan, await calibrate(server, row, plan));
}
