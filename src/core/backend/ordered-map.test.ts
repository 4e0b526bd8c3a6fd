// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderedMap } from "./ordered-map.ts";

function entriesFrom(map: OrderedMap<number>, from: string): [string, number | undefined][] {
  const entries: [string, number | undefined][] = [];
  for (const cursor = map.cursor(from); cursor.key !== undefined; cursor.advance()) {
    entries.push([cursor.key, cursor.value]);
  }
  return entries;
}

describe("the ordered map", () => {
  it("agrees with a sorted copy of a plain map", () => {
    const key = fc.string({ unit: fc.constantFrom("a", "b", "\u00ff", "\0"), maxLength: 5 });
    const change = fc.record({ key, value: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 600, size: "max" }), key, (changes, from) => {
        const map = new OrderedMap<number>();
        const plain = new Map<string, number>();
        for (const { key: at, value } of changes) {
          if (value === null) expect(map.delete(at)).toBe(plain.delete(at));
          else {
            map.set(at, value);
            plain.set(at, value);
          }
        }
        const sorted = [...plain].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(map.size).toBe(plain.size);
        expect(map.lastKey()).toBe(sorted.at(-1)?.[0]);
        expect(entriesFrom(map, from)).toEqual(sorted.filter(([at]) => at >= from));
        expect(map.get(from)).toBe(plain.get(from));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps its order through many splits, from both ends and the middle", () => {
    const map = new OrderedMap<number>();
    const keys = Array.from({ length: 3000 }, (_, at) => String((at * 7919) % 3000).padStart(5));
    for (const [at, key] of keys.entries()) map.set(key, at);
    for (let at = 3000; at < 4000; at++) map.set(String(at).padStart(5), at);
    expect(entriesFrom(map, "").map(([key]) => key)).toEqual(
      Array.from({ length: 4000 }, (_, at) => String(at).padStart(5)),
    );
  });
});
