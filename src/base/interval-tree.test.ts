// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Interval, IntervalTree } from "./interval-tree.ts";

const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const interval = (start: string, end?: string): Interval => ({
  start: text(start),
  end: end === undefined ? undefined : text(end),
});

function collected<T>(tree: IntervalTree<T>, point: string): T[] {
  const found: T[] = [];
  tree.collect(text(point), found);
  return found;
}

describe("IntervalTree", () => {
  it("finds intervals by half-open bounds", () => {
    const tree = new IntervalTree<string>();
    tree.set(interval("b", "d"), "b-d");
    expect(["a", "b", "c", "cz", "d"].map((point) => collected(tree, point).length)).toEqual([
      0, 1, 1, 1, 0,
    ]);
  });

  it("treats a missing end as no upper bound", () => {
    const tree = new IntervalTree<string>();
    tree.set(interval("b"), "from b");
    tree.set(interval("a", "b"), "a-b");
    expect(collected(tree, "zzz")).toEqual(["from b"]);
    expect(collected(tree, "a")).toEqual(["a-b"]);
  });

  it("replaces the value of an interval it knows", () => {
    const tree = new IntervalTree<number>();
    tree.set(interval("a", "b"), 1);
    tree.set(interval("a", "b"), 2);
    expect(tree.size).toBe(1);
    expect(tree.get(interval("a", "b"))).toBe(2);
    expect(tree.get(interval("a"))).toBeUndefined();
  });

  it("tells a deleted interval from an unknown one", () => {
    const tree = new IntervalTree<number>();
    tree.set(interval("a", "b"), 1);
    expect(tree.delete(interval("a", "c"))).toBe(false);
    expect(tree.delete(interval("a", "b"))).toBe(true);
    expect(collected(tree, "a")).toEqual([]);
  });

  it("compares keys longer than its loop limit", () => {
    const tree = new IntervalTree<number>();
    const prefix = "p".repeat(200);
    tree.set(interval(`${prefix}b`, `${prefix}d`), 1);
    expect(collected(tree, `${prefix}c`)).toEqual([1]);
    expect(collected(tree, `${prefix}e`)).toEqual([]);
  });

  it("stays shallow when intervals arrive in order", () => {
    const tree = new IntervalTree<number>();
    for (let index = 0; index < 20_000; index++) {
      const start = String(index).padStart(6, "0");
      tree.set(interval(start, `${start}~`), index);
    }
    // A list instead of a tree would overflow the stack or take minutes here.
    expect(collected(tree, "012345")).toEqual([12_345]);
    expect(tree.size).toBe(20_000);
  });

  it("agrees with a plain list under any sequence of changes", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 3 });
    const change = fc.record({
      remove: fc.boolean(),
      start: word,
      end: fc.option(word, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), fc.array(word), (changes, points) => {
        const tree = new IntervalTree<string>();
        const twin = new Map<string, { start: string; end: string | undefined }>();
        for (const { remove, start, end } of changes) {
          const name = `${start}!${end ?? "~"}`;
          if (remove) expect(tree.delete(interval(start, end))).toBe(twin.delete(name));
          else {
            tree.set(interval(start, end), name);
            twin.set(name, { start, end });
          }
          expect(tree.size).toBe(twin.size);
        }
        for (const point of points) {
          const expected = [...twin]
            .filter(([, range]) => range.start <= point && (range.end ?? "~") > point)
            .map(([name]) => name);
          expect(collected(tree, point)).toEqual(expected.sort());
        }
      }),
    );
  });
});
