// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StreamIndex } from "./stream-index.ts";

describe("a stream index", () => {
  test("finds, counts and lists what a map would", () => {
    const step = fc.record({ odd: fc.nat({ max: 200 }), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const index = new StreamIndex<{ readonly id: number }>();
        const twin = new Map<number, { readonly id: number }>();
        for (const { odd, remove } of steps) {
          const id = 2 * odd + 1;
          const known = twin.get(id);
          expect(index.get(id)).toBe(known);
          if (known === undefined && !remove) {
            const item = { id };
            twin.set(id, item);
            index.add(item);
          } else if (known !== undefined && remove) {
            twin.delete(id);
            expect(index.delete(known)).toBe(true);
            expect(index.delete(known)).toBe(false);
          }
          expect(index.size).toBe(twin.size);
        }
        const order = (a: { id: number }, b: { id: number }): number => a.id - b.id;
        expect(index.all().sort(order)).toEqual([...twin.values()].sort(order));
      }),
    );
  });
});
