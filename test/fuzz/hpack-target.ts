// SPDX-License-Identifier: Apache-2.0
// Header blocks, one after another through one decoder. Allowed are a list within its limit, and
// a refusal as HPACK.

import { HpackDecoder, HpackError } from "../../src/base/hpack/hpack-decoder.ts";
import { type Field, HpackTwin, type Indexing } from "../../src/server/h2/testing/hpack-twin.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { joined, mutate, pick } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";

const LIST_BYTES_MAX = 1024;
const NAMES = [":path", "a", "x-bin", "content-type", "", "UPPER", "n".repeat(60)];
const INDEXINGS: readonly Indexing[] = ["incremental", "incremental", "without", "never"];

/** The blocks of a connection, each behind its length. */
function blocks(random: SeededRandom): Uint8Array {
  const twin = new HpackTwin();
  const parts: Uint8Array[] = [];
  for (let count = 1 + random.intBelow(4); count > 0; count--) {
    const fields: Uint8Array[] = [];
    if (random.chance(10)) fields.push(twin.resize(random.intBelow(5000)));
    for (let field = random.intBelow(6); field > 0; field--) {
      const value = Buffer.from(random.bytes(random.intBelow(40))).toString("latin1");
      const pair: Field = [pick(random, NAMES), value];
      fields.push(twin.encode(pair, pick(random, INDEXINGS), random.chance(50)));
    }
    let block: Uint8Array = joined(...fields);
    if (random.chance(30)) block = mutate(block, random);
    else if (random.chance(5)) block = random.bytes(random.intBelow(60));
    parts.push(Uint8Array.of(block.length >>> 8, block.length), block);
  }
  return joined(...parts);
}

export class HpackTarget implements FuzzTarget {
  readonly name = "hpack";

  input(random: SeededRandom): Uint8Array {
    return blocks(random);
  }

  check(input: Uint8Array): void {
    const bytes = Buffer.from(input);
    // What lies behind a block must not matter.
    const inPlace = decodeAll(bytes, (decoder, start, end) => decoder.decode(bytes, start, end));
    const alone = decodeAll(bytes, (decoder, start, end) => {
      return decoder.decode(Buffer.from(bytes.subarray(start, end)), 0, end - start);
    });
    if (inPlace !== alone) throw new Error(`read beyond a block: ${inPlace} or ${alone}`);
  }

  async finish(): Promise<void> {}
}

/** What the blocks say, up to the one that is refused. */
function decodeAll(
  bytes: Buffer,
  decode: (decoder: HpackDecoder, start: number, end: number) => ReturnType<HpackDecoder["decode"]>,
): string {
  const decoder = new HpackDecoder(LIST_BYTES_MAX);
  const lines: string[] = [];
  try {
    for (let at = 0; at + 2 <= bytes.length; ) {
      const end = Math.min(bytes.length, at + 2 + bytes.readUInt16BE(at));
      const fields = decode(decoder, at + 2, end);
      const listBytes = fields.reduce((sum, field) => sum + field.bytes, 0);
      if (listBytes > LIST_BYTES_MAX) throw new Error(`a list of ${listBytes} bytes`);
      lines.push(JSON.stringify(fields.map(({ name, value }) => [name, value])));
      at = end;
    }
  } catch (error) {
    if (!(error instanceof HpackError)) throw error;
    lines.push(error.message);
  }
  return lines.join("\n");
}
