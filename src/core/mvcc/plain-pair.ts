// SPDX-License-Identifier: Apache-2.0

import {
  TAG_CREATE_REVISION,
  TAG_KEY,
  TAG_MOD_REVISION,
  TAG_VALUE,
  TAG_VERSION,
} from "./kv-view.ts";

const VARINT_MORE = 0x80;

/**
 * Where the key is in a plain pair, as most are: of a size that the index holds, with a value,
 * without a lease, its fields in their usual order. Reused.
 */
export class PlainPair {
  keyStart = 0;
  keyEnd = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False for anything else, which then has to be read field by field. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const keyBytes = bytes[start + 1] as number;
    if (bytes[start] !== TAG_KEY || keyBytes === 0 || keyBytes >= VARINT_MORE) return false;
    if (end - start > this.#bytesMax) return false;
    this.keyStart = start + 2;
    this.keyEnd = this.keyStart + keyBytes;
    let at = this.keyEnd;
    at = bytes[at] === TAG_CREATE_REVISION ? afterVarint(bytes, at + 1) : end;
    at = bytes[at] === TAG_MOD_REVISION ? afterVarint(bytes, at + 1) : end;
    at = bytes[at] === TAG_VERSION ? afterVarint(bytes, at + 1) : end;
    return at < end && bytes[at] === TAG_VALUE && endOfField(bytes, at + 1) === end;
  }
}

/** Where a field of bytes ends that is shorter than 16 kB; longer ones end too early. */
function endOfField(bytes: Uint8Array, at: number): number {
  const low = bytes[at] as number;
  if (low < VARINT_MORE) return at + 1 + low;
  return at + 2 + (low % VARINT_MORE) + ((bytes[at + 1] as number) % VARINT_MORE) * VARINT_MORE;
}

function afterVarint(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at] as number) >= VARINT_MORE) at++;
  return at + 1;
}
