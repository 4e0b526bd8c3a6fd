// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { fromKeyRange, prefixEnd, prefixRange } from "./key-range.ts";

const ZERO = Uint8Array.of(0);

test("an empty prefix, and from an empty key on, is every key", () => {
  expect(prefixRange("")).toEqual({ key: ZERO, rangeEnd: ZERO });
  expect(fromKeyRange("")).toEqual({ key: ZERO, rangeEnd: ZERO });
});

test("a prefix of the highest bytes alone has no end", () => {
  expect(prefixEnd(Uint8Array.of(0xff, 0xff))).toEqual(ZERO);
});

test("making the end of a range leaves its key alone", () => {
  const range = prefixRange("key");
  expect(Buffer.from(range.key).toString()).toBe("key");
  expect(Buffer.from(range.rangeEnd ?? ZERO).toString()).toBe("kez");
});

test("a key has the prefix exactly when it lies in the range", () => {
  const small = fc.uint8Array({ minLength: 1, maxLength: 3, max: 255 });
  const edge = fc.array(fc.constantFrom(0, 1, 254, 255), { minLength: 1, maxLength: 3 });
  const bytes = fc.oneof(
    small,
    edge.map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, bytes, (prefix, key) => {
      const end = prefixEnd(prefix);
      const open = end.length === 1 && end[0] === 0;
      const inside = Buffer.compare(prefix, key) <= 0 && (open || Buffer.compare(key, end) < 0);
      expect(inside).toBe(Buffer.from(key).subarray(0, prefix.length).equals(prefix));
    }),
  );
});
