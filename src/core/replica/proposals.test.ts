// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { PENDING_PROPOSAL_BYTES_MAX, PENDING_PROPOSALS_MAX } from "./limits.ts";
import { type Proposal, ProposalQueue } from "./proposals.ts";

function proposal(id: number, bytes = 1): Proposal {
  const request = { kind: "downgradeVersionTest" } as const;
  return { id, data: new Uint8Array(bytes), request, answered: false };
}

function queueOf(...proposals: readonly Proposal[]): ProposalQueue<Proposal> {
  const queue = new ProposalQueue<Proposal>();
  for (const [at, each] of proposals.entries()) queue.push(each, 10 + at);
  return queue;
}

test("the oldest is taken by its own bytes, not by equal ones", () => {
  const [first, second] = [proposal(1), proposal(2)];
  const queue = queueOf(first, second);
  expect(queue.takeHead(second.data)).toBeUndefined();
  expect(queue.takeHead(new Uint8Array(first.data))).toBeUndefined();
  expect(queue.takeHead(first.data)).toBe(first);
  expect(queue.takeHead(second.data)).toBe(second);
  expect(queue.size).toBe(0);
});

test("any is taken by its ID, once, and those before it stay in order", () => {
  const all = [proposal(1), proposal(2), proposal(3)];
  const queue = queueOf(...all);
  expect(queue.takeById(2)).toBe(all[1]);
  expect(queue.takeById(2)).toBeUndefined();
  expect(queue.takeById(9)).toBeUndefined();
  expect(queue.takeAll()).toEqual([all[0], all[2]]);
});

test("those whose deadline has come expire, and no others", () => {
  const all = [proposal(1), proposal(2), proposal(3)];
  const queue = queueOf(...all);
  expect(queue.takeExpired(9)).toEqual([]);
  expect(queue.takeExpired(11)).toEqual(all.slice(0, 2));
  expect(queue.takeExpired(11)).toEqual([]);
  expect(queue.takeAll()).toEqual(all.slice(2));
});

test("the bytes that wait are bounded, and what was taken makes room", () => {
  const large = proposal(1, PENDING_PROPOSAL_BYTES_MAX - 5);
  const queue = queueOf(large);
  expect(queue.hasRoomFor(5)).toBe(true);
  expect(queue.hasRoomFor(6)).toBe(false);
  queue.takeHead(large.data);
  expect(queue.hasRoomFor(6)).toBe(true);
});

test("the number that waits is bounded", () => {
  const queue = new ProposalQueue<Proposal>();
  const one = proposal(1, 0);
  for (let count = 0; count < PENDING_PROPOSALS_MAX; count++) queue.push(one, 1);
  expect(queue.hasRoomFor(0)).toBe(false);
  expect(queue.takeAll()).toHaveLength(PENDING_PROPOSALS_MAX);
  expect(queue.hasRoomFor(0)).toBe(true);
});

test("taking keeps up with a long run of pushes", () => {
  const queue = new ProposalQueue<Proposal>();
  const waiting: Proposal[] = [];
  for (let id = 0; id < 10_000; id++) {
    const each = proposal(id);
    queue.push(each, id);
    waiting.push(each);
    if (id % 4 === 3) {
      const oldest = waiting.shift();
      expect(queue.takeHead(oldest?.data ?? new Uint8Array())).toBe(oldest);
    }
    if (id % 7 === 6) {
      const [inside] = waiting.splice(3, 1);
      expect(queue.takeById(inside?.id ?? -1)).toBe(inside);
    }
  }
  expect(queue.takeAll()).toEqual(waiting);
});
