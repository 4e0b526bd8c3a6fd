// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../src/base/contracts/random.ts";
import { invariant } from "../../src/base/invariant.ts";

/**
 * A generator that gives the same numbers for the same seed: a 32-bit counter that advances by the
 * golden ratio and is mixed by multiplications. Good enough to shake a test, nothing more.
 */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  intBelow(bound: number): number {
    invariant(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32, `bound ${bound}`);
    return Math.floor((this.#next() / 2 ** 32) * bound);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.intBelow(100) < percent;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.intBelow(256));
  }

  #next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
