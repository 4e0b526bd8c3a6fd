// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { RequestIds } from "./request-ids.ts";

const MEMBER = 0x8e9e05c52164694dn;
const START_MS = 1_700_000_000_000;

function fullId(ids: RequestIds, suffix: number): bigint {
  const { low, high } = ids.halves(suffix);
  return (BigInt(high) << 32n) | BigInt(low);
}

test("an ID is 16 bits of the member, 40 of the time and 8 of a counter", () => {
  const ids = new RequestIds(MEMBER, START_MS);
  const id = fullId(ids, ids.next());
  expect(id >> 48n).toBe(MEMBER & 0xffffn);
  expect((id >> 8n) & 0xff_ffff_ffffn).toBe(BigInt(START_MS) & 0xff_ffff_ffffn);
  expect(id & 0xffn).toBe(1n);
});

test("the counter carries into the time, and no ID comes twice", () => {
  const ids = new RequestIds(MEMBER, START_MS);
  const issued = Array.from({ length: 1000 }, () => ids.next());
  expect(new Set(issued).size).toBe(1000);
  expect(fullId(ids, issued[999] ?? 0) - fullId(ids, issued[0] ?? 0)).toBe(999n);
});

test("a later start issues nothing that an earlier one has issued at 256 a millisecond", () => {
  const before = new RequestIds(MEMBER, START_MS);
  let last = 0;
  for (let count = 0; count < 256; count++) last = before.next();
  expect(new RequestIds(MEMBER, START_MS + 2).next()).toBeGreaterThan(last);
});

test("the counter wraps at 48 bits", () => {
  const ids = new RequestIds(MEMBER, 2 ** 40 - 1);
  for (let count = 0; count < 255; count++) ids.next();
  expect(ids.next()).toBe(0);
});

test("own IDs are known by their member's part, others are not", () => {
  const ids = new RequestIds(MEMBER, START_MS);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      fc.bigInt(1n, 0xffffn),
      (suffix, flip) => {
        const id = fullId(ids, suffix);
        expect(ids.suffixOf(id)).toBe(suffix);
        expect(ids.suffixOf(id ^ (flip << 48n))).toBeUndefined();
      },
    ),
  );
});
