// SPDX-License-Identifier: Apache-2.0

/** A small deterministic source of numbers (xorshift32), the same for the same seed. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    // Zero would stay zero for ever; the multiplier spreads neighbouring seeds.
    this.#state = Math.imul(seed + 1, 0x9e37_79b1) >>> 0 || 1;
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state >>>= 0;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    this.#state >>>= 0;
    return this.#state % limit;
  }
}
