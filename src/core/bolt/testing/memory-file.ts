// SPDX-License-Identifier: Apache-2.0

import type { ByteSink, ByteSource } from "../index.ts";

/** A file in memory, for tests: counts what is read and in which order things were written. */
export class MemoryFile implements ByteSource, ByteSink {
  readonly path = "memory.db";
  bytes: Uint8Array;
  /** What `bytes` grows into once something is written behind its end. */
  #memory = new Uint8Array(0);
  reads = 0;
  /** Positions of writes, and -1 for every sync. */
  readonly steps: number[] = [];

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes;
  }

  size(): number {
    return this.bytes.length;
  }

  readInto(target: Uint8Array, position: number): number {
    this.reads++;
    const part = this.bytes.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, position: number): void {
    this.steps.push(position);
    const end = position + bytes.length;
    if (end > this.bytes.length) {
      if (end > this.#memory.length) {
        this.#memory = new Uint8Array(2 * end);
        this.#memory.set(this.bytes);
      }
      this.bytes = this.#memory.subarray(0, end);
    }
    this.bytes.set(bytes, position);
  }

  datasyncNow(): void {
    this.steps.push(-1);
  }
}
