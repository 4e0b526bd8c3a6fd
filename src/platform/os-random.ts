// SPDX-License-Identifier: Apache-2.0

import { randomInt } from "node:crypto";
import type { Random } from "../base/contracts/random.ts";
import { invariant } from "../base/invariant.ts";

const BOUND_MAX = 2 ** 32;

/** Randomness from the operating system. */
export const osRandom: Random = {
  intBelow(bound) {
    invariant(Number.isInteger(bound) && bound >= 1 && bound <= BOUND_MAX, `bound ${bound}`);
    return randomInt(bound);
  },
};
