// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

/** Bit by bit from the polynomial: slow and obvious. */
function naive(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 131 + (index >> 7) * 17 + 5) & 0xff);
}

describe("crc32c", () => {
  test("gives the published check values", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(Buffer.from("key"))).toBe(1084519789);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });

  test("agrees with the bitwise definition at every length around its block sizes", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = pattern(length);
      expect(crc32c(bytes, 0xdeadbeef)).toBe(naive(bytes, 0xdeadbeef));
    }
  });

  test("sums inputs longer than its scratch memory", () => {
    const bytes = pattern(300_001);
    expect(crc32c(bytes)).toBe(naive(bytes));
  });

  test("sums a range without its surroundings", () => {
    const bytes = pattern(200_000);
    for (const [start, end] of [
      [3, 20],
      [3, 500],
      [1, 150_000],
      [0, 131_072],
      [7, 7],
    ] as const) {
      expect(crc32c(bytes, 9, start, end)).toBe(naive(bytes.subarray(start, end), 9));
    }
  });

  test("continues from a previous value as if the bytes had been in one piece", () => {
    const bytes = pattern(1000);
    for (const cut of [0, 1, 23, 24, 500, 999, 1000]) {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }
  });
});
