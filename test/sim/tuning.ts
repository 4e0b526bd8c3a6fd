// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../harness/seeded-random.ts";

/** How a network treats messages. Times are milliseconds, chances are in a hundred. */
export interface NetworkTuning {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly dropChance: number;
  readonly duplicateChance: number;
  /** Comes as from an old connection, long after what was sent behind it. */
  readonly lateChance: number;
  readonly lateMs: number;
  /** A state that is sent breaks off on its way. */
  readonly cutChance: number;
}

/** What a run is made of besides its faults; all of it is drawn from the seed. */
export interface Tuning {
  readonly members: number;
  readonly clients: number;
  readonly watchers: number;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly preVote: boolean;
  readonly messageBytes: number;
  readonly inflightMessages: number;
  readonly uncommittedBytes: number;
  readonly applyBytes: number;
  readonly requestTimeoutTicks: number;
  readonly catchupEntries: number;
  /** Entries between two snapshots of a member. */
  readonly snapshotEntries: number;
  readonly learnersMax: number;
  /** Changes of the index of keys that are committed together. */
  readonly indexOperations: number;
  /** Time of a sync, on average. */
  readonly syncMs: number;
  readonly network: NetworkTuning;
}

export function drawTuning(random: SeededRandom, members: number | undefined): Tuning {
  const pick = <T>(choices: readonly [T, ...T[]]): T =>
    choices[random.intBelow(choices.length)] ?? choices[0];
  return {
    members: members ?? pick([3, 3, 5, 5, 4, 2, 1]),
    clients: pick([2, 3, 5]),
    watchers: 2,
    tickMs: 100,
    electionTicks: 10,
    preVote: random.chance(85),
    messageBytes: pick([1, 100, 1000, 1_000_000]),
    inflightMessages: pick([1, 4, 64]),
    uncommittedBytes: pick([300, 10_000, 1_000_000]),
    applyBytes: pick([200, 10_000, 1_000_000]),
    requestTimeoutTicks: pick([15, 25]),
    catchupEntries: pick([5, 20, 100]),
    snapshotEntries: pick([20, 60, 200]),
    learnersMax: pick([1, 2]),
    indexOperations: pick([4, 30, 50_000]),
    syncMs: pick([1, 5, 20]),
    network: {
      delayMs: pick([0.2, 5, 25]),
      jitterMs: pick([0.2, 10, 75]),
      dropChance: pick([0, 0, 2, 10]),
      duplicateChance: pick([0, 3, 10]),
      lateChance: pick([0, 1, 3]),
      lateMs: 7500,
      cutChance: pick([0, 20, 50]),
    },
  };
}
