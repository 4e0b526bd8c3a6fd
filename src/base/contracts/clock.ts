// SPDX-License-Identifier: Apache-2.0

/** Time, handed in from outside so that a simulated twin can stand in for it. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. Fractions are allowed. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch; may jump. */
  unixMs(): number;
}
