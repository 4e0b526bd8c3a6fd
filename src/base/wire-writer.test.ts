// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

function encoded(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  write(writer);
  return writer.copy();
}

test("a number that was rounded keeps its sign when it is written again", () => {
  const ends = [2n ** 63n - 1n, 2n ** 63n - 512n, 2n ** 63n - 1024n, -(2n ** 63n), 1n - 2n ** 63n];
  for (const value of ends) {
    const read = new WireReader(encoded((writer) => writer.bigint64(value))).int64Number();
    const again = encoded((writer) => writer.number64(read));
    expect(new WireReader(again).int64Number()).toBe(Number(value));
  }
});
