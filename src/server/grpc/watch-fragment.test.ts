// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitFields } from "./watch-fragment.ts";

const FLAG_BYTES = 2;

const sizesOf = (pieces: readonly (readonly Uint8Array[])[]): number[][] =>
  pieces.map((piece) => piece.map((field) => field.length));
const fieldsOf = (...sizes: number[]): Uint8Array[] => sizes.map((size) => new Uint8Array(size));

describe("splitFields", () => {
  it("leaves a response below the limit whole, one at the limit not", () => {
    expect(sizesOf(splitFields(fieldsOf(40, 40), 10, 91))).toEqual([[40, 40]]);
    expect(sizesOf(splitFields(fieldsOf(40, 40), 10, 90))).toEqual([[40], [40]]);
  });

  it("never splits a single event", () => {
    expect(sizesOf(splitFields(fieldsOf(500), 10, 90))).toEqual([[500]]);
  });

  it("gives an event above the limit a piece of its own", () => {
    expect(sizesOf(splitFields(fieldsOf(10, 500, 10), 10, 90))).toEqual([[10], [500], [10]]);
  });

  it("keeps all fields in order, in pieces below the limit that could not take one more", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 20, max: 200 }), (list, limit) => {
        const base = 15;
        const fields = fieldsOf(...list);
        const pieces = splitFields(fields, base, limit);
        expect(pieces.flat()).toEqual(fields);
        const total = list.reduce((sum, size) => sum + size, base);
        if (total < limit) expect(pieces).toHaveLength(1);
        else {
          pieces.forEach((piece, index) => {
            const size = piece.reduce((sum, field) => sum + field.length, base + FLAG_BYTES);
            expect(piece.length === 1 || size < limit).toBe(true);
            const next = pieces[index + 1]?.[0];
            if (next !== undefined) expect(size + next.length).toBeGreaterThanOrEqual(limit);
          });
        }
      }),
    );
  });
});
