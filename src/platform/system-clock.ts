// SPDX-License-Identifier: Apache-2.0

import { performance } from "node:perf_hooks";
import type { Clock } from "../base/contracts/clock.ts";

/** The machine's clocks. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  unixMs: () => Date.now(),
};
