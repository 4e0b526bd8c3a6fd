// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../harness/seeded-random.ts";

/** Something that takes bytes from strangers. */
export interface FuzzTarget {
  readonly name: string;
  /** Makes one input; the same numbers make the same input. */
  input(random: SeededRandom): Uint8Array;
  /** Feeds it, and throws when what follows is not allowed. */
  check(input: Uint8Array): Promise<void> | void;
  /** Sees everything to its end that is still under way. */
  finish(): Promise<void>;
  /** What the taker of the inputs holds, in bytes, when that is another process. */
  memory?(): Promise<number>;
}

/** Makes a target; what it holds is given back by `close`. */
export type FuzzTargetFactory = () => Promise<{ target: FuzzTarget; close(): Promise<void> }>;
