// SPDX-License-Identifier: Apache-2.0

const BLOCK_BYTES = 64 * 1024;

/**
 * Copies of bytes, laid side by side in blocks that are never used twice: cheaper than an
 * allocation each. A copy holds on to its whole block, so it suits bytes that live about equally
 * long.
 */
export class ByteArena {
  #block = new ArrayBuffer(0);
  #bytes = new Uint8Array(this.#block);
  #used = 0;

  copyOf(source: Uint8Array): Uint8Array {
    const { length } = source;
    if (this.#used + length > this.#bytes.length) {
      this.#block = new ArrayBuffer(Math.max(length, BLOCK_BYTES));
      this.#bytes = new Uint8Array(this.#block);
      this.#used = 0;
    }
    const start = this.#used;
    this.#bytes.set(source, start);
    this.#used = start + length;
    return new Uint8Array(this.#block, start, length);
  }
}
