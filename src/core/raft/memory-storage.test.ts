// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryStorage } from "./memory-storage.ts";
import { EMPTY_CONF_STATE, type Entry, type Snapshot } from "./types.ts";

const NO_LIMIT = Number.POSITIVE_INFINITY;

function entries(from: number, terms: readonly number[]): Entry[] {
  return terms.map((term, i) => ({ type: 0, term, index: from + i, data: new Uint8Array(1) }));
}

function snapshotAt(index: number, term: number): Snapshot {
  const confState = { ...EMPTY_CONF_STATE, voters: [1n] };
  return { data: new Uint8Array(), metadata: { confState, index, term } };
}

function termsOf(storage: MemoryStorage): unknown {
  const all = storage.entries(storage.firstIndex(), storage.lastIndex() + 1, NO_LIMIT);
  return typeof all === "string" ? all : all.map(({ term }) => term);
}

describe("the log in memory", () => {
  it("is empty at first, with a term of 0 before the first position", () => {
    const storage = new MemoryStorage();
    expect([storage.firstIndex(), storage.lastIndex()]).toEqual([1, 0]);
    expect([storage.term(0), storage.term(1)]).toEqual([0, "unavailable"]);
    expect(storage.entries(1, 2, NO_LIMIT)).toBe("unavailable");
  });

  it("replaces its end when an append overlaps, and passes over what is compacted", () => {
    const storage = new MemoryStorage();
    storage.append(entries(1, [1, 1, 1, 1]));
    storage.append(entries(3, [2]));
    expect(termsOf(storage)).toEqual([1, 1, 2]);
    expect(storage.compact(2)).toBeUndefined();
    storage.append(entries(1, [9, 9, 3, 3]));
    expect(termsOf(storage)).toEqual([3, 3]);
    storage.append(entries(1, [9, 9]));
    expect(termsOf(storage)).toEqual([3, 3]);
    expect(() => storage.append(entries(7, [3]))).toThrow("missing log entry");
  });

  it("keeps the term of the last position that it discarded", () => {
    const storage = new MemoryStorage();
    storage.append(entries(1, [1, 2, 3]));
    storage.compact(2);
    expect([storage.term(1), storage.term(2), storage.term(3)]).toEqual(["compacted", 2, 3]);
    expect(storage.entries(2, 3, NO_LIMIT)).toBe("compacted");
    expect(storage.compact(2)).toBe("compacted");
    expect(() => storage.compact(4)).toThrow("beyond the last entry");
  });

  it("starts over at a snapshot, and refuses older ones", () => {
    const storage = new MemoryStorage();
    storage.append(entries(1, [1, 2, 3]));
    expect(storage.applySnapshot(snapshotAt(10, 5))).toBeUndefined();
    expect([storage.firstIndex(), storage.lastIndex(), storage.term(10)]).toEqual([11, 10, 5]);
    expect(storage.initialState().confState.voters).toEqual([1n]);
    expect(storage.applySnapshot(snapshotAt(10, 5))).toBe("snapshot-out-of-date");
    storage.append(entries(11, [5, 6]));
    const made = storage.createSnapshot(12, undefined, Uint8Array.of(1));
    expect(typeof made === "string" ? made : made.metadata).toEqual({
      confState: { ...EMPTY_CONF_STATE, voters: [1n] },
      index: 12,
      term: 6,
    });
    expect(storage.firstIndex()).toBe(11);
    expect(storage.createSnapshot(12, undefined, new Uint8Array())).toBe("snapshot-out-of-date");
  });

  it("answers like a plain array whatever is appended and compacted", () => {
    const step = fc.record({ back: fc.nat(5), count: fc.nat(40), compact: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const storage = new MemoryStorage();
        let naive: Entry[] = [];
        let term = 1;
        for (const { back, count, compact } of steps) {
          const first = storage.firstIndex();
          const from = Math.max(first, storage.lastIndex() + 1 - back);
          const added = entries(from, new Array<number>(count).fill(++term));
          storage.append(added);
          if (count > 0) naive = [...naive.filter((e) => e.index < from), ...added];
          if (compact < naive.length) {
            storage.compact(first + compact);
            naive = naive.slice(compact + 1);
          }
          const [low, high] = [storage.firstIndex(), storage.lastIndex() + 1];
          expect(storage.entries(low, high, NO_LIMIT)).toEqual(naive);
        }
      }),
    );
  });
});
