// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameSplitter } from "./frame-splitter.ts";
import { type Frame, frame } from "./testing/raw-client.ts";

function split(
  chunks: readonly Buffer[],
  stopAfter = Number.POSITIVE_INFINITY,
): (Frame | number)[] {
  const seen: (Frame | number)[] = [];
  const splitter = new FrameSplitter({
    frame: (type, flags, id, bytes, start, end) => {
      seen.push({ type, flags, id, payload: Buffer.from(bytes.subarray(start, end)) });
      return seen.length < stopAfter;
    },
    oversized: (length) => {
      seen.push(length);
    },
  });
  for (const chunk of chunks) splitter.push(chunk, 0);
  return seen;
}

const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    flags: fc.integer({ min: 0, max: 255 }),
    id: fc.integer({ min: 0, max: 0x7fff_ffff }),
    payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 12 },
);

describe("splitting", () => {
  test("gives the same frames whatever the chunks", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat({ max: 60 }), { maxLength: 40 }), (sent, sizes) => {
        const bytes = Buffer.concat(
          sent.map((each) => frame(each.type, each.flags, each.id, each.payload)),
        );
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        chunks.push(bytes.subarray(at));
        expect(split(chunks)).toEqual(sent);
      }),
    );
  });

  test("works at every byte boundary", () => {
    const sent = [frame(0, 1, 1, Buffer.from("one")), frame(4, 0, 0, Buffer.alloc(0))];
    const bytes = Buffer.concat([...sent, frame(9, 4, 3, Buffer.from("three"))]);
    const whole = split([bytes]);
    expect(whole).toHaveLength(3);
    for (let at = 0; at <= bytes.length; at++) {
      expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
  });

  test("takes a frame of the largest size and refuses one that is a byte longer", () => {
    expect(split([frame(0, 0, 1, Buffer.alloc(16_384))])).toMatchObject([{ type: 0 }]);
    const long = frame(0, 0, 1, Buffer.alloc(16_385));
    expect(split([long])).toEqual([16_385]);
    expect(split([long.subarray(0, 5), long.subarray(5)])).toEqual([16_385]);
  });

  test("stops where the sink says so", () => {
    const two = Buffer.concat([frame(0, 0, 1, Buffer.alloc(3)), frame(0, 0, 3, Buffer.alloc(0))]);
    expect(split([two], 1)).toHaveLength(1);
    expect(split([two.subarray(0, 10), two.subarray(10)], 1)).toHaveLength(1);
  });
});
