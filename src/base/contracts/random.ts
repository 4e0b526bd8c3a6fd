// SPDX-License-Identifier: Apache-2.0

/** Randomness, handed in from outside so that a seed replays a run. */
export interface Random {
  /** A whole number in [0, bound); `bound` is in 1..2^32. */
  intBelow(bound: number): number;
}
