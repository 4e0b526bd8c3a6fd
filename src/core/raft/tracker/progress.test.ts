// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { Inflights } from "./inflights.ts";
import { Progress } from "./progress.ts";

function replicating(match: number): Progress {
  const inflights = new Inflights({ messages: 8, bytes: Number.POSITIVE_INFINITY });
  const init = { match, next: match + 1, isLearner: false, recentActive: true, inflights };
  const progress = new Progress(init);
  progress.becomeReplicate();
  return progress;
}

describe("the commit index that was sent", () => {
  it("can be bumped only as far as the follower's log may reach", () => {
    const progress = replicating(5);
    expect(progress.canBumpCommit(3)).toBe(true);
    progress.sentCommit(5);
    // Position 6 is not sent: telling that it is committed would move nothing.
    expect(progress.canBumpCommit(6)).toBe(false);
    progress.sentEntries(2, 20);
    expect(progress.canBumpCommit(6)).toBe(true);
  });

  it("counts as unknown again beyond what the follower turns out to have", () => {
    const progress = replicating(5);
    progress.sentEntries(3, 30);
    progress.sentCommit(8);
    expect(progress.maybeDecreaseTo(8, 6)).toBe(true);
    expect(progress.next).toBe(6);
    progress.sentEntries(3, 30);
    expect(progress.canBumpCommit(8)).toBe(true);
  });
});

describe("a refused append", () => {
  it("is stale when it is about what is known to match, or about another probe", () => {
    const progress = replicating(5);
    expect(progress.maybeDecreaseTo(5, 4)).toBe(false);
    progress.becomeProbe();
    expect(progress.maybeDecreaseTo(9, 4)).toBe(false);
    expect(progress.maybeDecreaseTo(5, 2)).toBe(true);
    expect(progress.next).toBe(6);
  });
});

it("goes on after a snapshot's position once it is known to have arrived", () => {
  const progress = replicating(5);
  progress.becomeSnapshot(20);
  expect([progress.isPaused, progress.next]).toEqual([true, 21]);
  progress.becomeProbe();
  expect([progress.isPaused, progress.next, progress.pendingSnapshot]).toEqual([false, 21, 0]);
});
