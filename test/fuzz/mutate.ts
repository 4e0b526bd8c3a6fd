// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../harness/seeded-random.ts";

/** Values at which readers of lengths, flags and numbers go wrong. */
const EDGES = [0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];

export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  const found = from[random.intBelow(from.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}

/** The same bytes with a few faults: flipped bits, edges, pieces lost, doubled or moved. */
export function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let result = Uint8Array.from(bytes);
  for (let faults = 1 + random.intBelow(3); faults > 0; faults--) result = fault(result, random);
  return result;
}

function fault(bytes: Uint8Array<ArrayBuffer>, random: SeededRandom): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return Uint8Array.from(random.bytes(1 + random.intBelow(4)));
  const at = random.intBelow(bytes.length);
  const to = Math.min(bytes.length, at + 1 + random.intBelow(8));
  switch (random.intBelow(6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.intBelow(8));
      return bytes;
    case 1:
      bytes[at] = pick(random, EDGES);
      return bytes;
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(to));
    case 3:
      return joined(bytes.subarray(0, to), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), random.bytes(to - at), bytes.subarray(at));
    default:
      return bytes.slice(0, at);
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}
