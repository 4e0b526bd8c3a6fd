// SPDX-License-Identifier: Apache-2.0
//
// `.snap` files that are not what was written: each is refused with its path, none is misread.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { decodeSnapFile, SnapError, snapFileName } from "./index.ts";

const PLACES = 2000;
const BLOCK_BYTES = 512;

function fixture(version: string): Uint8Array {
  const path = `etcd-${version}/member/snap/${snapFileName(2, 21)}`;
  return readFileSync(new URL(`../../../test/fixtures/${path}`, import.meta.url));
}

/** What is wrong; undefined when the bytes were taken for a snapshot. */
function problemOf(bytes: Uint8Array): string | undefined {
  try {
    decodeSnapFile(bytes, "/m/snap/x.snap");
    return undefined;
  } catch (error) {
    if (!(error instanceof SnapError)) throw error;
    expect(error.message).toMatch(/^snap: \/m\/snap\/x\.snap: \S/);
    return error.message;
  }
}

describe.each(["3.4.23", "3.7.1"])("a .snap file of etcd %s", (version) => {
  const bytes = fixture(version);

  test("is sound as it is", () => expect(problemOf(bytes)).toBeUndefined());

  test("cut at any byte is refused", () => {
    for (let size = 0; size < bytes.length; size++) {
      expect(problemOf(bytes.subarray(0, size)), `${size} bytes`).toBeDefined();
    }
  });

  test(`with a bit flipped at any of ${PLACES} places is refused`, () => {
    const random = new SeededRandom(5);
    for (let round = 0; round < PLACES; round++) {
      const at = random.intBelow(bytes.length);
      const flipped = new Uint8Array(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.intBelow(8));
      expect(problemOf(flipped), `offset ${at}`).toBeDefined();
    }
  });

  test("with a block of zeros is refused", () => {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const zeroed = new Uint8Array(bytes).fill(0, at, at + BLOCK_BYTES);
      expect(problemOf(zeroed), `offset ${at}`).toBeDefined();
    }
  });
});
