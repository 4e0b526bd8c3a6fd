// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import type { LeaseView, RevisionView, Stored, StoreView } from "./changes.ts";
import { checkHistory } from "./history.ts";
import { type Attempt, longTtlSeconds, type Outcome, shortTtlSeconds } from "./operations.ts";
import { describeDelete, describePut, type WatchRecord } from "./watch-rules.ts";

/** When it started; and unless it was never answered, when it ended and at which revision. */
type Times = readonly [startedAt: number, endedAt?: number, revision?: number, deleted?: number];

function timed(at: Times): { startedAt: number; outcome: Outcome } {
  const [startedAt, endedAt, revision, deleted = 0] = at;
  if (endedAt === undefined || revision === undefined) return { startedAt, outcome: "unanswered" };
  return { startedAt, outcome: { revision, endedAt, deleted } };
}

const put = (value: string, key: string, at: Times, lease = 0n): Attempt => ({
  kind: "put",
  key,
  value,
  lease,
  ...timed(at),
});
const del = (key: string, at: Times): Attempt => ({ kind: "delete", key, ...timed(at) });
const grant = (lease: bigint, at: Times, ttlSeconds = longTtlSeconds): Attempt => ({
  kind: "grant",
  lease,
  ttlSeconds,
  ...timed(at),
});
const revoke = (lease: bigint, at: Times): Attempt => ({ kind: "revoke", lease, ...timed(at) });

function pair(
  value: string,
  key: string,
  revisions: readonly [number, number, number],
  lease = 0n,
): Stored {
  const [createRevision, modRevision, version] = revisions;
  return { key, value, createRevision, modRevision, version, lease };
}

/** One revision: a pair that was put, or keys that were deleted. */
type Step = Stored | readonly string[];

function isPair(step: Step): step is Stored {
  return "value" in step;
}

/** A store that did the steps at the revisions from 2 on; leases list the keys that name them. */
function storeOf(steps: readonly Step[], more: Partial<StoreView> = {}): StoreView {
  const revisions = new Map<number, RevisionView>();
  const pairs = new Map<string, Stored>();
  const leaseIds = new Set<bigint>();
  for (const [index, step] of steps.entries()) {
    if (isPair(step)) {
      pairs.set(step.key, step);
      if (step.lease !== 0n) leaseIds.add(step.lease);
    } else for (const key of step) pairs.delete(key);
    const writes = isPair(step) ? [step] : [];
    const keys = isPair(step) ? undefined : [...pairs.keys()];
    revisions.set(index + 2, { writes, keys, count: pairs.size });
  }
  const latest = [...pairs.values()];
  const leases: LeaseView[] = [...leaseIds].map((id) => ({
    id,
    grantedTtlSeconds: longTtlSeconds,
    keys: latest.filter(({ lease }) => lease === id).map(({ key }) => key),
  }));
  const currentRevision = steps.length + 1;
  return { currentRevision, revisions, latest, leases, isSettled: true, ...more };
}

// Two writers: v3 was never answered, v2 and v4 overlapped.
const attempts: readonly Attempt[] = [
  put("v1", "a", [1, 2, 2]),
  put("v2", "b", [3, 6, 4]),
  put("v3", "a", [4]),
  put("v4", "a", [5, 7, 3]),
];
const kept: readonly Stored[] = [
  pair("v1", "a", [2, 2, 1]),
  pair("v4", "a", [2, 3, 2]),
  pair("v2", "b", [4, 4, 1]),
];
const unanswered = pair("v3", "a", [2, 5, 3]);

const violationsOf = (steps: readonly Step[], sent: readonly Attempt[] = attempts): string =>
  checkHistory(sent, storeOf(steps)).join("\n");

describe("a history of puts", () => {
  test("passes in order, whether an unanswered put was kept or not", () => {
    expect(violationsOf(kept)).toBe("");
    expect(violationsOf([...kept, unanswered])).toBe("");
  });

  test("lacking an acknowledged put is caught", () => {
    expect(violationsOf(kept.slice(0, 2))).toContain("v2 was acknowledged at 4 and is not there");
  });

  test("with an acknowledged put at another revision is caught", () => {
    const moved = [
      pair("v1", "a", [2, 2, 1]),
      pair("v2", "b", [3, 3, 1]),
      pair("v4", "a", [2, 4, 2]),
    ];
    expect(violationsOf(moved)).toContain("v4 was acknowledged at 3 and is not there");
  });

  test("with a put applied twice is caught", () => {
    const twice = [...kept, unanswered, { ...unanswered, modRevision: 6, version: 4 }];
    expect(violationsOf(twice)).toBe("v3 was applied at 5 and 6");
  });

  test("with a value that nobody sent is caught", () => {
    expect(violationsOf([...kept, pair("x", "c", [5, 5, 1])])).toBe("x at 5 was never sent");
  });

  test("with a value under a foreign key or lease is caught", () => {
    const key = [...kept, pair("v3", "c", [5, 5, 1])];
    expect(violationsOf(key)).toBe("v3 was sent for a, stored under c");
    const lease = [...kept, { ...unanswered, lease: 8n }];
    expect(violationsOf(lease)).toContain("v3 was sent with lease 0, stored with 8");
  });

  test("with a refused put is caught", () => {
    const refused: Attempt = { ...put("v3", "a", [4], 9n), outcome: "refused" };
    const sent = [
      ...attempts.filter((each) => each !== attempts[2]),
      refused,
      grant(9n, [1, 2, 1]),
    ];
    const stored = { ...unanswered, lease: 9n };
    expect(violationsOf([...kept, stored], sent)).toContain("v3 was refused and is stored at 5");
  });

  test("with a version left out is caught", () => {
    expect(violationsOf([...kept, { ...unanswered, version: 4 }])).toContain("due were 3 and 2");
  });

  test("with a revision left out is caught", () => {
    const store = storeOf(kept, { currentRevision: 5 });
    expect(checkHistory(attempts, store)).toContain("revision 5 wrote 0 pairs instead of one");
  });

  test("with a wrong count of keys is caught", () => {
    const store = storeOf(kept);
    const revisions = new Map(store.revisions).set(4, {
      writes: kept.slice(2),
      keys: undefined,
      count: 3,
    });
    expect(checkHistory(attempts, { ...store, revisions })).toEqual([
      "revision 4 counts 3 keys, due were 2",
    ]);
  });

  test("with one revision acknowledged to two puts is caught", () => {
    const doubled = [...attempts, put("v5", "a", [1, 9, 2])];
    expect(violationsOf(kept, doubled)).toContain("revision 2 was acknowledged to v1 and v5");
  });

  test("with an old value as the latest one is caught", () => {
    const [first] = kept;
    const store = storeOf(kept);
    const latest = store.latest.map((each) => (each.key === "a" && first ? first : each));
    expect(checkHistory(attempts, { ...store, latest })).toEqual([
      "a is now v1, its last write was v4",
    ]);
  });

  test("with a key missing now is caught", () => {
    const store = storeOf(kept);
    const latest = store.latest.filter((each) => each.key !== "b");
    expect(checkHistory(attempts, { ...store, latest })).toEqual(["b was written and is gone"]);
  });

  test("with a later put at a smaller revision is caught", () => {
    const swapped = [put("v1", "a", [1, 2, 3]), put("v2", "a", [3, 4, 2])];
    const pairs = [pair("v2", "a", [2, 2, 1]), pair("v1", "a", [2, 3, 2])];
    expect(violationsOf(pairs, swapped)).toBe("v2 got 2 after 3 was acknowledged");
  });
});

describe("a history with deletes", () => {
  const sent = [...attempts, del("a", [8, 9, 5, 1]), del("a", [10, 11, 5])];
  const deleted: readonly Step[] = [...kept, ["a"]];

  test("passes, and a key begins anew behind its deletion", () => {
    expect(violationsOf(deleted, sent)).toBe("");
    const again = [...sent, put("v5", "a", [12, 13, 6])];
    expect(violationsOf([...deleted, pair("v5", "a", [6, 6, 1])], again)).toBe("");
    const older = violationsOf([...deleted, pair("v5", "a", [2, 6, 3])], again);
    expect(older).toContain("a at 6 has version 3 since 2, due were 1 and 6");
  });

  test("passes whether an unanswered delete happened or not, but not twice", () => {
    const asked = [...attempts, del("a", [8])];
    expect(violationsOf(kept, asked)).toBe("");
    expect(violationsOf(deleted, asked)).toBe("");
    const twice = [...deleted, pair("v3", "a", [6, 6, 1]), ["a"]];
    expect(violationsOf(twice, asked)).toBe("revision 7 deleted a without a cause");
  });

  test("lacking an acknowledged delete is caught", () => {
    const lost = [...kept, unanswered];
    expect(violationsOf(lost, sent)).toContain("a was deleted at 5, which deleted nothing");
  });

  test("with a delete of another key, or of one more, is caught", () => {
    expect(violationsOf([...kept, ["b"]], sent)).toContain("a was deleted at 5, which deleted b");
    const both = violationsOf([...kept, ["a", "b"]], sent);
    expect(both).toContain("a was deleted at 5, which deleted a, b");
  });

  test("with a delete that nobody asked for is caught", () => {
    expect(violationsOf(deleted)).toBe("revision 5 deleted a without a cause");
  });

  test("with a key that a delete did not find is caught", () => {
    const missed = [...attempts, del("a", [8, 9, 4])];
    expect(violationsOf(kept, missed)).toBe("a was not there to delete at 4, but is");
  });
});

describe("a history with leases", () => {
  const leased = [
    grant(5n, [1, 2, 1]),
    put("v1", "a", [3, 4, 2], 5n),
    put("v2", "b", [5, 6, 3], 5n),
    put("v3", "c", [7, 8, 4]),
  ];
  const pairs: readonly Step[] = [
    pair("v1", "a", [2, 2, 1], 5n),
    pair("v2", "b", [3, 3, 1], 5n),
    pair("v3", "c", [4, 4, 1]),
  ];
  const revoked = [...leased, revoke(5n, [9, 10, 5])];
  const ended: readonly Step[] = [...pairs, ["a", "b"]];
  const short = [grant(5n, [1, 2, 1], shortTtlSeconds), ...leased.slice(1)];
  const check = (sent: readonly Attempt[], steps: readonly Step[], more: Partial<StoreView> = {}) =>
    checkHistory(sent, storeOf(steps, more)).join("\n");

  test("passes while the lease lives, and when a revoke took all of its keys", () => {
    expect(check(leased, pairs)).toBe("");
    expect(check(revoked, ended, { leases: [] })).toBe("");
    expect(check([...leased, revoke(5n, [9])], ended, { leases: [] })).toBe("");
    expect(check([...leased, revoke(5n, [9])], pairs)).toBe("");
  });

  test("passes when a short lease ended by itself", () => {
    expect(check(short, ended, { leases: [] })).toBe("");
    const leases = [{ id: 5n, grantedTtlSeconds: shortTtlSeconds, keys: ["a", "b"] }];
    expect(check(short, pairs, { leases, isSettled: false })).toBe("");
    expect(check(short, pairs, { leases })).toBe("lease 5 is still here");
  });

  test("with a lease that is lost, or its keys that are, is caught", () => {
    const lost = check(leased, pairs, { leases: [] });
    expect(lost).toContain("lease 5 is lost");
    expect(lost).toContain("a has lease 5, which is gone");
    expect(check(leased, ended, { leases: [] })).toContain("deleted a, b without a cause");
  });

  test("with a lease that lost its time or its list of keys is caught", () => {
    const lease = { id: 5n, grantedTtlSeconds: longTtlSeconds, keys: ["a", "b"] };
    const time = check(leased, pairs, { leases: [{ ...lease, grantedTtlSeconds: 7 }] });
    expect(time).toBe("lease 5 has 7 s");
    const keys = check(leased, pairs, { leases: [{ ...lease, keys: ["a"] }] });
    expect(keys).toBe("lease 5 lists [a], its keys are [a, b]");
  });

  test("with a lease that nobody asked for is caught", () => {
    expect(check(leased.slice(1), pairs)).toContain("lease 5 was never asked for");
  });

  test("with a revoked lease that is back is caught", () => {
    const lease = { id: 5n, grantedTtlSeconds: longTtlSeconds, keys: [] };
    expect(check(revoked, ended, { leases: [lease] })).toBe("lease 5 is still here");
  });

  test("with a lease that took only some of its keys is caught", () => {
    const some = check(revoked, [...pairs, ["a"]], { leases: [] });
    expect(some).toContain("revision 5 deleted a without a cause");
    expect(some).toContain("b has lease 5, which was revoked at 5");
  });

  test("with a put under a lease that has ended is caught", () => {
    const late = [...revoked, put("v4", "a", [9, 12, 6], 5n)];
    const steps = [...ended, pair("v4", "a", [6, 6, 1], 5n)];
    expect(check(late, steps, { leases: [] })).toContain("v4 has lease 5, which ended at 5");
  });

  test("with a refusal by a lease that lives is caught", () => {
    const refused: Attempt = { ...put("v4", "a", [9], 5n), outcome: "refused" };
    expect(check([...leased, refused], pairs)).toBe("a put with lease 5 was refused");
  });
});

describe("a watcher", () => {
  const steps: readonly Step[] = [...kept, ["a"]];
  const sent = [...attempts, del("a", [8, 9, 5, 1])];
  const due = [
    ...kept.map((each) => ({ revision: each.modRevision, text: describePut(each) })),
    { revision: 5, text: describeDelete("a", 5) },
  ];
  const violations = (events: WatchRecord["events"], covers = (_: string) => true): string =>
    checkHistory(sent, storeOf(steps), [{ name: "w", covers, events }]).join("\n");
  const [first, second, ...rest] = due;
  if (first === undefined || second === undefined) throw new Error("there are four events");

  test("passes with every event of its range once and in order, and with what is yet to be read", () => {
    expect(violations(due)).toBe("");
    expect(violations(due.slice(2, 3), (key) => key === "b")).toBe("");
    expect(violations([...due, { revision: 6, text: "put later" }])).toBe("");
  });

  test.each([
    ["lacks an event", [first, ...rest]],
    ["lacks the last event", due.slice(0, -1)],
    ["saw an event twice", [first, first, second, ...rest]],
    ["saw events in another order", [second, first, ...rest]],
    ["saw an event that the store lost", [...due, { revision: 5, text: "put lost" }]],
    ["saw another value", [{ ...first, text: `${first.text}!` }, second, ...rest]],
  ])("that %s is caught", (_, events) => {
    expect(violations(events)).toMatch(/^w saw .*, due was /);
  });
});
