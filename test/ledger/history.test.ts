// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { type Attempt, checkHistory, type Stored, type StoreView } from "./history.ts";

function attempt(value: string, key: string, at: readonly number[]): Attempt {
  const [startedAt = 0, endedAt, revision] = at;
  if (endedAt === undefined || revision === undefined) {
    return { key, value, startedAt, acknowledged: undefined };
  }
  return { key, value, startedAt, acknowledged: { revision, endedAt } };
}

function pair(value: string, key: string, revisions: readonly [number, number, number]): Stored {
  const [createRevision, modRevision, version] = revisions;
  return { key, value, createRevision, modRevision, version };
}

function storeOf(pairs: readonly Stored[]): StoreView {
  const writes = new Map(pairs.map((each) => [each.modRevision, [each]]));
  const latest = [...new Map(pairs.map((each) => [each.key, each])).values()];
  return { currentRevision: pairs.length + 1, writes, latest };
}

// Two writers: v3 was never answered, v2 and v4 overlapped.
const attempts: readonly Attempt[] = [
  attempt("v1", "a", [1, 2, 2]),
  attempt("v2", "b", [3, 6, 4]),
  attempt("v3", "a", [4]),
  attempt("v4", "a", [5, 7, 3]),
];
const kept: readonly Stored[] = [
  pair("v1", "a", [2, 2, 1]),
  pair("v4", "a", [2, 3, 2]),
  pair("v2", "b", [4, 4, 1]),
];
const unanswered = pair("v3", "a", [2, 5, 3]);

describe("a history in order", () => {
  test("passes whether an unanswered put was kept or not", () => {
    expect(checkHistory(attempts, storeOf(kept))).toEqual([]);
    expect(checkHistory(attempts, storeOf([...kept, unanswered]))).toEqual([]);
  });
});

describe("a doctored history", () => {
  const violationsOf = (pairs: readonly Stored[], sent = attempts): string =>
    checkHistory(sent, storeOf(pairs)).join("\n");

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

  test("with a value under a foreign key is caught", () => {
    const foreign = [...kept, pair("v3", "c", [5, 5, 1])];
    expect(violationsOf(foreign)).toBe("v3 was sent for a, stored under c");
  });

  test("with a version left out is caught", () => {
    expect(violationsOf([...kept, { ...unanswered, version: 4 }])).toContain("due were 3 and 2");
  });

  test("with a revision left out is caught", () => {
    const store = { ...storeOf(kept), currentRevision: 5 };
    expect(checkHistory(attempts, store)).toEqual(["revision 5 wrote 0 pairs instead of one"]);
  });

  test("with one revision acknowledged to two puts is caught", () => {
    const doubled = [...attempts, attempt("v5", "a", [1, 9, 2])];
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
    const swapped = [attempt("v1", "a", [1, 2, 3]), attempt("v2", "a", [3, 4, 2])];
    const pairs = [pair("v2", "a", [2, 2, 1]), pair("v1", "a", [2, 3, 2])];
    expect(violationsOf(pairs, swapped)).toBe("v2 got 2 after 3 was acknowledged");
  });
});
