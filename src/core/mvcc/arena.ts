// SPDX-License-Identifier: Apache-2.0

import { copySlice } from "../../base/bytes.ts";

const ARENA_BYTES = 64 * 1024;

/**
 * Memory for rows that are read or made: given out in order from blocks that are never used
 * twice, so bytes stay as they are for as long as somebody holds them. Who keeps a few bytes for
 * long should copy them, since they hold on to their whole block.
 */
export class Arena {
  /** The current block; valid until the next `reserve`. */
  buffer: Uint8Array = new Uint8Array(Buffer.allocUnsafeSlow(ARENA_BYTES).buffer);
  #used = 0;

  /** Makes room for so many bytes in `buffer` and gives the position of the first. */
  reserve(size: number): number {
    if (this.#used + size > this.buffer.length) {
      this.buffer = new Uint8Array(Buffer.allocUnsafeSlow(Math.max(size, ARENA_BYTES)).buffer);
      this.#used = 0;
    }
    return this.#used;
  }

  /** Takes what was reserved, up to the position `end`. */
  take(end: number): void {
    this.#used = end;
  }

  /** Copies a piece of another buffer in; gives its position in `buffer`. */
  copy(source: Uint8Array, start: number, end: number): number {
    const size = end - start;
    const at = this.reserve(size);
    copySlice(source, start, end, this.buffer, at);
    this.#used = at + size;
    return at;
  }
}
