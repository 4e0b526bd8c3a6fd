// SPDX-License-Identifier: Apache-2.0

import { expect, test, vi } from "vitest";
import { MessageAssembly } from "./message-assembly.ts";

test("a message in the making that nobody will get gives its memory back at once", () => {
  const made: Buffer[] = [];
  const allocate = Buffer.allocUnsafe;
  const spy = vi.spyOn(Buffer, "allocUnsafe").mockImplementation((size) => {
    const buffer = allocate.call(Buffer, size);
    made.push(buffer);
    return buffer;
  });
  let held = 0;
  const assembly = new MessageAssembly({
    acceptsMessage: () => true,
    message: () => true,
    assemblyGrew: (bytes) => {
      held += bytes;
      return true;
    },
  });
  const bytes = Buffer.alloc(400_005);
  bytes.writeUInt32BE(500_000, 1);
  assembly.push(bytes, 0, bytes.length);
  spy.mockRestore();
  expect(held).toBeGreaterThanOrEqual(400_000);
  assembly.discard();
  expect(held).toBe(0);
  expect(made.map(({ length }) => length)).toEqual([0]);
});
