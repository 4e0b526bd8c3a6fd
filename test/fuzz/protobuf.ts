// SPDX-License-Identifier: Apache-2.0
// Protobuf of no particular message: small field numbers hit the fields that there are.

import { WireWriter } from "../../src/base/wire-writer.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { pick } from "./mutate.ts";

const DEPTH_MAX = 4;
const NUMBERS = [0n, 1n, 2n, 5n, 127n, 128n, (1n << 31n) - 1n, 1n << 53n, (1n << 63n) - 1n, -1n];
const WORDS = ["", "a", "b", "k", "key", "\0", "\xff"];

/** Fields of any kind, nested to any of four levels. */
export function randomFields(random: SeededRandom, depth = 0): Uint8Array {
  const writer = new WireWriter();
  for (let fields = random.intBelow(5); fields > 0; fields--) {
    const number = 1 + random.intBelow(random.chance(90) ? 14 : 2000);
    const kind = random.intBelow(10);
    if (kind < 4) {
      writer.uint32(number << 3);
      writer.bigint64(pick(random, NUMBERS));
    } else if (kind < 9) {
      writer.uint32((number << 3) | 2);
      writer.bytes(content(random, depth));
    } else {
      writer.uint32((number << 3) | random.intBelow(8));
    }
  }
  return writer.copy();
}

function content(random: SeededRandom, depth: number): Uint8Array {
  if (depth < DEPTH_MAX && random.chance(45)) return randomFields(random, depth + 1);
  if (random.chance(70)) return Buffer.from(pick(random, WORDS), "latin1");
  return random.bytes(random.intBelow(20));
}

/** Messages of two fields in turn within each other, now and then deeper than any stack. */
export function deeplyNested(random: SeededRandom): Uint8Array {
  const fields = [2 + random.intBelow(4), 2 + random.intBelow(4)];
  const heads: Uint8Array[] = [];
  let length = 0;
  for (let depth = random.intBelow(random.chance(2) ? 30_000 : 120); depth > 0; depth--) {
    const writer = new WireWriter();
    writer.uint32(((fields[depth & 1] ?? 1) << 3) | 2);
    writer.uint32(length);
    heads.push(writer.copy());
    length += writer.length;
  }
  return Buffer.concat(heads.reverse());
}
