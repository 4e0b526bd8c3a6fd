// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChaosCluster, type ChaosOptions } from "../../../test/harness/chaos-cluster.ts";

const STEPS = 3000;
const SETTLE_ROUNDS = 100;

/** Seeds that once showed a defect are kept here and run first. */
const KEPT_SEEDS: readonly number[] = [201, 256, 481];

function run(options: Omit<ChaosOptions, "members">): ChaosCluster {
  const cluster = new ChaosCluster({ ...options, members: 3 + (options.seed % 3) });
  for (let i = 0; i < STEPS; i++) cluster.step();
  return cluster;
}

const SAFE = { preVote: true, checkQuorum: true };

describe("a group on a bad network, with members that crash", () => {
  for (const isAsync of [false, true]) {
    const mode = isAsync ? "asynchronous" : "synchronous";

    it(`never contradicts itself, with ${mode} storage`, () => {
      fc.assert(
        fc.property(fc.nat(), fc.boolean(), fc.boolean(), (seed, preVote, checkQuorum) => {
          run({ seed, isAsync, preVote, checkQuorum });
        }),
        { numRuns: 25, examples: KEPT_SEEDS.map((seed) => [seed, true, true]) },
      );
    });

    it(`commits again once the network is well, with ${mode} storage`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const cluster = run({ ...SAFE, seed, isAsync, onlyGrows: true });
          const before = cluster.applied;
          const done = cluster.settle(SETTLE_ROUNDS, () => {
            cluster.leader()?.raft.propose(Uint8Array.of(1));
            return cluster.applied > before + 3;
          });
          expect(done).toBe(true);
        }),
        { numRuns: 15 },
      );
    });
  }

  it("does in these runs what it is to be tested for", () => {
    const total = { applied: 0, reads: 0, snapshots: 0, crashes: 0 };
    for (let seed = 0; seed < 12; seed++) {
      const cluster = run({ ...SAFE, seed, isAsync: seed % 2 === 0 });
      total.applied += cluster.applied;
      total.reads += cluster.readsServed;
      total.snapshots += cluster.snapshotsRestored;
      total.crashes += cluster.crashes;
    }
    expect(total.applied).toBeGreaterThan(100);
    expect(total.reads).toBeGreaterThan(10);
    expect(total.snapshots).toBeGreaterThan(5);
    expect(total.crashes).toBeGreaterThan(50);
  });
});
