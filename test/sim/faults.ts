// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../harness/seeded-random.ts";

/**
 * What is done to a cluster, and when. `target` chooses a machine: -1 whoever leads at that
 * moment, others by number among the members. All of it is data, so that a run can be repeated
 * with a part of its faults.
 */
export type Fault = { readonly atMs: number } & (
  | {
      readonly kind: "crash";
      readonly target: number;
      readonly power: boolean;
      readonly downMs: number;
    }
  | {
      readonly kind: "crash at step";
      readonly target: number;
      readonly power: boolean;
      readonly steps: number;
      readonly downMs: number;
    }
  | { readonly kind: "crash all"; readonly downMs: number }
  /** Everybody crashes when a snapshot's record is on disk, and its state is not the store yet. */
  | { readonly kind: "crash installing"; readonly power: boolean; readonly downMs: number }
  | { readonly kind: "pause"; readonly target: number; readonly forMs: number }
  | { readonly kind: "split"; readonly mask: number; readonly forMs: number }
  | {
      readonly kind: "one way";
      readonly target: number;
      readonly isDeaf: boolean;
      readonly forMs: number;
    }
  | { readonly kind: "ring"; readonly forMs: number }
  /** Members campaign against each other, round after round, and some crash right then. */
  | {
      readonly kind: "storm";
      readonly rounds: number;
      readonly gapMs: number;
      readonly salt: number;
    }
  /** A leader is elected again with entries of its older term, see `figure-eight.ts`. */
  | { readonly kind: "figure eight"; readonly salt: number }
  | { readonly kind: "stall"; readonly target: number; readonly ms: number; readonly forMs: number }
  | {
      readonly kind: "disk error";
      readonly target: number;
      readonly operation: "write" | "datasync" | "open" | "read";
      readonly isFull: boolean;
      readonly after: number;
    }
  | { readonly kind: "damage"; readonly target: number; readonly place: number }
  | { readonly kind: "set clock"; readonly target: number; readonly byMs: number }
  | {
      readonly kind: "skew";
      readonly target: number;
      readonly percent: number;
      readonly forMs: number;
    }
  | { readonly kind: "add learner" }
  | { readonly kind: "promote" }
  | { readonly kind: "add voter" }
  | { readonly kind: "remove"; readonly target: number }
  | { readonly kind: "update"; readonly target: number }
  | { readonly kind: "replace"; readonly target: number }
  | { readonly kind: "transfer"; readonly target: number }
  | { readonly kind: "joint"; readonly choice: number; readonly isExplicit: boolean }
  | { readonly kind: "snapshot"; readonly target: number }
  | { readonly kind: "older disk"; readonly target: number; readonly backMs: number }
  | { readonly kind: "empty disk"; readonly target: number }
);

/** Faults that a cluster does not promise to survive. */
export const BEYOND: ReadonlySet<Fault["kind"]> = new Set(["older disk", "empty disk"]);

type Maker = (random: SeededRandom, atMs: number) => Fault;

const target = (random: SeededRandom): number => (random.chance(40) ? -1 : random.intBelow(8));
const forMs = (random: SeededRandom): number => 250 + random.intBelow(3500);

const makers: readonly (readonly [weight: number, make: Maker])[] = [
  [
    12,
    (random, atMs) => ({
      atMs,
      kind: "crash",
      target: target(random),
      power: random.chance(60),
      downMs: 25 + random.intBelow(2000),
    }),
  ],
  [
    14,
    (random, atMs) => ({
      atMs,
      kind: "crash at step",
      target: target(random),
      power: random.chance(70),
      steps: random.intBelow(60),
      downMs: 5 + random.intBelow(1000),
    }),
  ],
  [
    4,
    (random, atMs) => ({
      atMs,
      kind: "crash installing",
      power: random.chance(70),
      downMs: 5 + random.intBelow(500),
    }),
  ],
  [3, (random, atMs) => ({ atMs, kind: "crash all", downMs: 5 + random.intBelow(500) })],
  [6, (random, atMs) => ({ atMs, kind: "pause", target: target(random), forMs: forMs(random) })],
  // Long enough for leases to be renewed under another leader, and to run out at this one.
  [2, (random, atMs) => ({ atMs, kind: "pause", target: -1, forMs: 2000 + random.intBelow(4000) })],
  [
    9,
    (random, atMs) => ({ atMs, kind: "split", mask: random.intBelow(256), forMs: forMs(random) }),
  ],
  [
    8,
    (random, atMs) => ({
      atMs,
      kind: "one way",
      target: target(random),
      isDeaf: random.chance(50),
      forMs: forMs(random),
    }),
  ],
  [3, (random, atMs) => ({ atMs, kind: "ring", forMs: forMs(random) })],
  [
    8,
    (random, atMs) => ({
      atMs,
      kind: "storm",
      rounds: 1 + random.intBelow(12),
      gapMs: 5 + random.intBelow(200),
      salt: random.intBelow(2 ** 31),
    }),
  ],
  [3, (random, atMs) => ({ atMs, kind: "figure eight", salt: random.intBelow(2 ** 31) })],
  [
    5,
    (random, atMs) => ({
      atMs,
      kind: "stall",
      target: target(random),
      ms: 25 + random.intBelow(750),
      forMs: forMs(random),
    }),
  ],
  [
    6,
    (random, atMs) => ({
      atMs,
      kind: "disk error",
      target: target(random),
      operation: (["write", "datasync", "open", "read"] as const)[random.intBelow(4)] ?? "write",
      isFull: random.chance(40),
      after: random.intBelow(5),
    }),
  ],
  [
    2,
    (random, atMs) => ({
      atMs,
      kind: "damage",
      target: target(random),
      place: random.intBelow(2 ** 31),
    }),
  ],
  [
    3,
    (random, atMs) => ({
      atMs,
      kind: "set clock",
      target: target(random),
      byMs: random.intBelow(20_000) - 10_000,
    }),
  ],
  [
    3,
    (random, atMs) => ({
      atMs,
      kind: "skew",
      target: target(random),
      percent: 60 + random.intBelow(100),
      forMs: forMs(random),
    }),
  ],
  [6, (_random, atMs) => ({ atMs, kind: "add learner" })],
  [8, (_random, atMs) => ({ atMs, kind: "promote" })],
  [4, (_random, atMs) => ({ atMs, kind: "add voter" })],
  [7, (random, atMs) => ({ atMs, kind: "remove", target: target(random) })],
  [3, (random, atMs) => ({ atMs, kind: "update", target: target(random) })],
  [3, (random, atMs) => ({ atMs, kind: "replace", target: target(random) })],
  [6, (random, atMs) => ({ atMs, kind: "transfer", target: random.intBelow(8) })],
  [
    7,
    (random, atMs) => ({
      atMs,
      kind: "joint",
      choice: random.intBelow(2 ** 16),
      isExplicit: random.chance(50),
    }),
  ],
  [6, (random, atMs) => ({ atMs, kind: "snapshot", target: target(random) })],
];

const beyondMakers: readonly Maker[] = [
  (random, atMs) => ({
    atMs,
    kind: "older disk",
    target: target(random),
    backMs: 500 + random.intBelow(5000),
  }),
  (random, atMs) => ({ atMs, kind: "empty disk", target: target(random) }),
];

const totalWeight = makers.reduce((sum, [weight]) => sum + weight, 0);

function draw(random: SeededRandom, atMs: number): Fault {
  let left = random.intBelow(totalWeight);
  for (const [weight, make] of makers) {
    if (left < weight) return make(random, atMs);
    left -= weight;
  }
  return { atMs, kind: "promote" };
}

/** The faults of a run: some runs are quiet, some are an ordeal. */
export function planFaults(
  random: SeededRandom,
  options: { readonly forMs: number; readonly beyond: boolean },
): Fault[] {
  const count = [3, 8, 15, 25][random.intBelow(4)] ?? 8;
  const faults = Array.from({ length: count }, () => draw(random, random.intBelow(options.forMs)));
  if (options.beyond) {
    const make = beyondMakers[random.intBelow(beyondMakers.length)];
    if (make !== undefined) faults.push(make(random, options.forMs / 2));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}
