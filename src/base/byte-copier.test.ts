// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { ByteCopier } from "./byte-copier.ts";

test("bytes of any number and place are copied, and none beside them", () => {
  const random = new SeededRandom(1);
  const whole = Uint8Array.from({ length: 8000 }, () => random.intBelow(256));
  const sources = [whole, whole.subarray(3, 7001)];
  const targets = [new Uint8Array(8000), new Uint8Array(9000).subarray(5)];
  const copier = new ByteCopier();
  for (let round = 0; round < 2000; round++) {
    const from = sources[random.intBelow(2)] as Uint8Array;
    const to = targets[random.intBelow(2)] as Uint8Array;
    const size = random.intBelow(random.chance(50) ? 24 : 4000);
    const start = random.intBelow(from.length - size + 1);
    const at = random.intBelow(to.length - size + 1);
    to.fill(round);
    copier.copy(to, at, from, start, start + size);
    const expected = new Uint8Array(to.length).fill(round);
    expected.set(from.subarray(start, start + size), at);
    expect(Buffer.compare(to, expected), `${size} bytes from ${start} to ${at}`).toBe(0);
  }
});
