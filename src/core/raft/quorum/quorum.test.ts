// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JointConfig } from "./joint.ts";
import { EMPTY_MAJORITY, MajorityConfig, type VoteResult } from "./majority.ts";

const voters = fc.uniqueArray(fc.bigInt(1n, 9n), { maxLength: 7 });
const acks = fc.dictionary(fc.constantFrom(..."123456789"), fc.integer({ min: 1, max: 8 }));
const votes = fc.dictionary(fc.constantFrom(..."123456789"), fc.boolean());

function lookup<T>(values: Record<string, T>): (id: bigint) => T | undefined {
  return (id) => values[String(id)];
}

/** The largest index that more than half have, found by trying all of them. */
function slowCommitted(ids: readonly bigint[], acked: (id: bigint) => number | undefined): number {
  if (ids.length === 0) return Number.POSITIVE_INFINITY;
  for (let index = 8; index > 0; index--) {
    const having = ids.filter((id) => (acked(id) ?? 0) >= index);
    if (having.length > ids.length / 2) return index;
  }
  return 0;
}

/** Whether the missing votes can still decide: by casting them all in either way. */
function slowVote(ids: readonly bigint[], voteOf: (id: bigint) => boolean | undefined): VoteResult {
  const wins = (missing: boolean): boolean =>
    ids.length === 0 || ids.filter((id) => voteOf(id) ?? missing).length > ids.length / 2;
  if (wins(false)) return "won";
  return wins(true) ? "pending" : "lost";
}

describe("a majority", () => {
  it("commits what more than half have", () => {
    fc.assert(
      fc.property(voters, acks, (ids, acked) => {
        const config = new MajorityConfig(ids);
        expect(config.committedIndex(lookup(acked))).toBe(slowCommitted(ids, lookup(acked)));
      }),
    );
  });

  it("decides a vote as soon as the missing ones cannot change it", () => {
    fc.assert(
      fc.property(voters, votes, (ids, cast) => {
        const config = new MajorityConfig(ids);
        expect(config.voteResult(lookup(cast))).toBe(slowVote(ids, lookup(cast)));
      }),
    );
  });
});

describe("two majorities", () => {
  it("commit what both commit, in whatever order they stand", () => {
    fc.assert(
      fc.property(voters, voters, acks, (a, b, acked) => {
        const [first, second] = [new MajorityConfig(a), new MajorityConfig(b)];
        const slow = Math.min(slowCommitted(a, lookup(acked)), slowCommitted(b, lookup(acked)));
        expect(new JointConfig(first, second).committedIndex(lookup(acked))).toBe(slow);
        expect(new JointConfig(second, first).committedIndex(lookup(acked))).toBe(slow);
      }),
    );
  });

  it("win a vote when both do, and lose it when one does", () => {
    fc.assert(
      fc.property(voters, voters, votes, (a, b, cast) => {
        const joint = new JointConfig(new MajorityConfig(a), new MajorityConfig(b));
        const results = [slowVote(a, lookup(cast)), slowVote(b, lookup(cast))];
        const slow = results.includes("lost")
          ? "lost"
          : results.includes("pending")
            ? "pending"
            : "won";
        expect(joint.voteResult(lookup(cast))).toBe(slow);
      }),
    );
  });

  it("are one when the second is empty or the same", () => {
    fc.assert(
      fc.property(voters, acks, (ids, acked) => {
        const half = new MajorityConfig(ids);
        const alone = half.committedIndex(lookup(acked));
        expect(new JointConfig(half, EMPTY_MAJORITY).committedIndex(lookup(acked))).toBe(alone);
        expect(new JointConfig(half, half).committedIndex(lookup(acked))).toBe(alone);
      }),
    );
  });

  it("know their members, ascending and once each", () => {
    const joint = new JointConfig(new MajorityConfig([3n, 1n]), new MajorityConfig([2n, 3n]));
    expect(joint.ids).toEqual([1n, 2n, 3n]);
    expect([joint.has(2n), joint.has(4n), joint.isJoint, joint.isSingleton]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
