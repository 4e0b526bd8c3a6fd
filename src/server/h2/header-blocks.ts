// SPDX-License-Identifier: Apache-2.0

import { HpackDecoder, HpackError } from "../../base/hpack/hpack-decoder.ts";
import type { H2Limits } from "./limits.ts";
import type { MethodTable } from "./method-table.ts";
import { type RequestHead, readHead } from "./request-head.ts";

/** Decoded blocks kept per connection; a power of two. A further one replaces its slot. */
const CACHE_SLOTS = 16;
/** Longer blocks are decoded each time: copying and comparing them would cost as much. */
const CACHED_BLOCK_BYTES_MAX = 256;

interface CachedBlock {
  readonly bytes: Uint8Array;
  /** The block means this head only while the table has this version. */
  readonly version: number;
  readonly head: RequestHead;
}

/**
 * Turns header blocks into request heads. A gRPC client that sends the same headers again sends
 * the same few index bytes again, so a block that left the dynamic table alone is remembered
 * and, while the table stays as it was, found by its bytes.
 */
export class HeaderBlocks {
  readonly #decoder: HpackDecoder;
  readonly #methods: MethodTable;
  readonly #limits: H2Limits;
  readonly #cache = new Array<CachedBlock | undefined>(CACHE_SLOTS).fill(undefined);
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(methods: MethodTable, limits: H2Limits) {
    this.#methods = methods;
    this.#limits = limits;
    this.#decoder = new HpackDecoder(limits.headerListBytesMax);
  }

  /**
   * Keeps a piece of a block that goes on in a CONTINUATION frame; false when the block has more
   * pieces or bytes than allowed.
   */
  collect(bytes: Buffer, start: number, end: number): boolean {
    this.#partBytes += end - start;
    if (this.#partBytes > this.#limits.headerBlockBytesMax) return false;
    if (this.#parts.length > this.#limits.continuationFramesMax) return false;
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
    return true;
  }

  /** The head of the collected block; undefined when it does not decode. */
  finishCollected(): RequestHead | undefined {
    const block = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    return this.#decode(block, 0, block.length);
  }

  /** The head of a block in one piece; undefined when it does not decode. */
  decode(bytes: Buffer, start: number, end: number): RequestHead | undefined {
    const length = end - start;
    if (length > CACHED_BLOCK_BYTES_MAX) return this.#decode(bytes, start, end);
    const { table } = this.#decoder;
    const slot = slotOf(bytes, start, end);
    const cached = this.#cache[slot];
    if (
      cached !== undefined &&
      cached.version === table.version &&
      cached.bytes.length === length &&
      equals(cached.bytes, bytes, start)
    ) {
      return cached.head;
    }
    const { version } = table;
    const head = this.#decode(bytes, start, end);
    if (head !== undefined && table.version === version) {
      const copy = Uint8Array.prototype.slice.call(bytes, start, end);
      this.#cache[slot] = { bytes: copy, version, head };
    }
    return head;
  }

  #decode(bytes: Buffer, start: number, end: number): RequestHead | undefined {
    try {
      const fields = this.#decoder.decode(bytes, start, end);
      return readHead(fields, this.#decoder.truncated, this.#methods);
    } catch (error) {
      if (error instanceof HpackError) return undefined;
      throw error;
    }
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let position = start; position < end; position++) {
    hash = (Math.imul(hash, 31) + (bytes[position] ?? 0)) | 0;
  }
  return (hash ^ (hash >>> 8)) & (CACHE_SLOTS - 1);
}

function equals(expected: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (expected[index] !== bytes[start + index]) return false;
  }
  return true;
}
