// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entrySize } from "./codec.ts";
import { EntryDeque } from "./entry-deque.ts";
import type { Entry } from "./types.ts";

function entry(index: number, size = 3): Entry {
  return { type: 0, term: 1 + Math.floor(index / 10), index, data: new Uint8Array(size) };
}

type Operation =
  | { kind: "push"; count: number }
  | { kind: "drop"; part: number }
  | { kind: "truncate"; part: number }
  | { kind: "reset"; first: number };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("push" as const), count: fc.nat(90) }),
  fc.record({ kind: fc.constant("drop" as const), part }),
  fc.record({ kind: fc.constant("truncate" as const), part }),
  fc.record({ kind: fc.constant("reset" as const), first: fc.integer({ min: 1, max: 500 }) }),
);

/** The same run as a plain array, with its first index. */
class NaiveRun {
  entries: Entry[] = [];
  first = 1;

  get end(): number {
    return this.first + this.entries.length;
  }

  at(fraction: number): number {
    return this.first + Math.round(fraction * this.entries.length);
  }

  apply(op: Operation, deque: EntryDeque): void {
    if (op.kind === "push") {
      for (let i = 0; i < op.count; i++) {
        const next = entry(this.end);
        this.entries.push(next);
        deque.push(next);
      }
    } else if (op.kind === "reset") {
      this.entries = [];
      this.first = op.first;
      deque.reset(op.first);
    } else {
      const index = this.at(op.part);
      if (op.kind === "drop") {
        this.entries = this.entries.slice(index - this.first);
        this.first = index;
        deque.dropBelow(index);
      } else {
        this.entries = this.entries.slice(0, index - this.first);
        deque.truncateFrom(index);
      }
    }
  }
}

describe("a run of entries", () => {
  it("behaves like an array whatever is done to it", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), part, part, (operations, a, b) => {
        const deque = new EntryDeque(1);
        const naive = new NaiveRun();
        for (const op of operations) {
          naive.apply(op, deque);
          expect([deque.first, deque.end, deque.length]).toEqual([
            naive.first,
            naive.end,
            naive.entries.length,
          ]);
        }
        const [low = 0, high = 0] = [naive.at(a), naive.at(b)].sort((x, y) => x - y);
        const expected = naive.entries.slice(low - naive.first, high - naive.first);
        expect(deque.slice(low, high)).toEqual(expected);
        expect(naive.entries.map((e) => deque.at(e.index))).toEqual(naive.entries);
      }),
    );
  });

  it("cuts a slice at a size, but gives one entry whatever its size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { minLength: 1, maxLength: 30 }),
        fc.nat(1000),
        (sizes, max) => {
          const deque = new EntryDeque(7);
          const entries = sizes.map((size, i) => entry(7 + i, size));
          for (const e of entries) deque.push(e);
          const taken = deque.sliceWithin(7, deque.end, max);
          expect(taken).toEqual(entries.slice(0, taken.length));
          const total = taken.reduce((sum, e) => sum + entrySize(e), 0);
          if (taken.length > 1) expect(total).toBeLessThanOrEqual(max);
          const next = entries[taken.length];
          if (next !== undefined) expect(total + entrySize(next)).toBeGreaterThan(max);
          expect(taken.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it("refuses gaps and positions that it does not have", () => {
    const deque = new EntryDeque(5);
    expect(() => deque.push(entry(6))).toThrow("a gap");
    deque.push(entry(5));
    expect(() => deque.at(6)).toThrow("outside");
    expect(() => deque.at(4)).toThrow("outside");
    expect(() => deque.slice(5, 7)).toThrow("outside");
    expect(() => deque.dropBelow(7)).toThrow("more entries");
  });
});
