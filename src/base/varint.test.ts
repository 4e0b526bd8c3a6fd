// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { readVarint, varintBytes, writeVarint, writeVarint32, writeVarint64 } from "./varint.ts";
import { WireWriter } from "./wire-writer.ts";

function written(write: (into: Uint8Array) => number): Buffer {
  const into = Buffer.alloc(16);
  return into.subarray(0, write(into));
}

/** What the message writer makes of the same number. */
function reference(write: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter();
  write(writer);
  return Buffer.from(writer.copy());
}

const edges = [7, 14, 21, 28, 31, 32, 35, 42, 49, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);
const counter = fc.oneof(
  fc.constantFrom(0, ...edges.filter(Number.isSafeInteger)),
  fc.maxSafeNat(),
);

test("a counter takes as many bytes as announced and reads back", () => {
  fc.assert(
    fc.property(counter, (value) => {
      const bytes = written((into) => writeVarint(into, 0, value));
      expect(bytes).toEqual(reference((writer) => writer.number64(value)));
      expect(varintBytes(value)).toBe(bytes.length);
      const position = { at: 0 };
      expect(readVarint(bytes, position)).toBe(value);
      expect(position.at).toBe(bytes.length);
    }),
  );
});

test("32 bits are written alike whether they come signed or not", () => {
  fc.assert(
    fc.property(fc.integer(), (bits) => {
      const bytes = written((into) => writeVarint32(into, 0, bits));
      expect(bytes).toEqual(reference((writer) => writer.uint32(bits)));
      expect(written((into) => writeVarint32(into, 0, bits >>> 0))).toEqual(bytes);
    }),
  );
});

test("a negative 64-bit integer takes ten bytes", () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
      const bytes = written((into) => writeVarint64(into, 0, value));
      expect(bytes).toEqual(reference((writer) => writer.bigint64(value)));
      if (value < 0n) expect(bytes).toHaveLength(10);
    }),
  );
});
