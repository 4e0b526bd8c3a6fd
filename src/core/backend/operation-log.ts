// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";

/** Small operations share chunks of this size; a larger one has a chunk of its own. */
const CHUNK_BYTES = 1 << 20;
const HEADER_BYTES = 12;

const OPERATION_PUT = 1 << 8;
const TABLE_MASK = 0xff;
const BELOW_SHIFT = 16;
const BELOW_MASK = 3 << BELOW_SHIFT;
const SUPERSEDED = 1 << 24;

export const BELOW_UNKNOWN = 0;
export const BELOW_ABSENT = 1;
export const BELOW_PRESENT = 2;

interface Chunk {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  used: number;
}

/** Called per operation; a delete has `isPut` false and an empty value. */
export type OperationVisitor = (
  table: number,
  isPut: boolean,
  buffer: Uint8Array,
  keyStart: number,
  valueStart: number,
  valueEnd: number,
) => void;

/**
 * Operations packed into chunks of memory, so that they can be handed to another thread as a few
 * buffers. An operation is three words (flags, key length, value length), key and value, aligned
 * to a word, and is named by a number: its chunk times the chunk size plus its offset. Chunks are
 * never written twice nor used again, so bytes handed out of them stay as they are.
 */
export class OperationLog {
  readonly #chunks: Chunk[] = [];
  #last: Chunk | undefined;
  bytes = 0;
  operations = 0;

  /** Appends an operation and returns its number. `value` undefined means: delete. */
  append(table: number, key: Uint8Array, value: Uint8Array | undefined, below: number): number {
    const keyBytes = key.length;
    const valueBytes = value === undefined ? 0 : value.length;
    const size = (HEADER_BYTES + keyBytes + valueBytes + 3) & ~3;
    let chunk = this.#last;
    if (chunk === undefined || chunk.used + size > chunk.bytes.length) {
      chunk = this.#allocate(size);
    }
    const offset = chunk.used;
    const { bytes, words } = chunk;
    const word = offset >> 2;
    words[word] = table | (value === undefined ? 0 : OPERATION_PUT) | (below << BELOW_SHIFT);
    words[word + 1] = keyBytes;
    words[word + 2] = valueBytes;
    bytes.set(key, offset + HEADER_BYTES);
    if (value !== undefined) bytes.set(value, offset + HEADER_BYTES + keyBytes);
    chunk.used += size;
    this.bytes += size;
    this.operations++;
    return (this.#chunks.length - 1) * CHUNK_BYTES + offset;
  }

  isPut(operation: number): boolean {
    const word = this.#chunk(operation).words[(operation % CHUNK_BYTES) >> 2] as number;
    return (word & OPERATION_PUT) !== 0;
  }

  below(operation: number): number {
    const word = this.#chunk(operation).words[(operation % CHUNK_BYTES) >> 2] as number;
    return (word & BELOW_MASK) >> BELOW_SHIFT;
  }

  setBelow(operation: number, below: number): void {
    const { words } = this.#chunk(operation);
    const at = (operation % CHUNK_BYTES) >> 2;
    words[at] = ((words[at] as number) & ~BELOW_MASK) | (below << BELOW_SHIFT);
  }

  /** Marks an operation whose key is written again later: the disk need not see it. */
  supersede(operation: number): void {
    const { words } = this.#chunk(operation);
    const at = (operation % CHUNK_BYTES) >> 2;
    words[at] = (words[at] as number) | SUPERSEDED;
  }

  buffer(operation: number): Buffer {
    return this.#chunk(operation).bytes;
  }

  keyStart(operation: number): number {
    return (operation % CHUNK_BYTES) + HEADER_BYTES;
  }

  /** The end of the key and start of the value. */
  valueStart(operation: number): number {
    const { words } = this.#chunk(operation);
    const offset = operation % CHUNK_BYTES;
    return offset + HEADER_BYTES + (words[(offset >> 2) + 1] as number);
  }

  valueEnd(operation: number): number {
    const { words } = this.#chunk(operation);
    const offset = operation % CHUNK_BYTES;
    const word = offset >> 2;
    return offset + HEADER_BYTES + (words[word + 1] as number) + (words[word + 2] as number);
  }

  value(operation: number): Uint8Array {
    const { buffer } = this.#chunk(operation).bytes;
    const start = this.valueStart(operation);
    return new Uint8Array(buffer, start, this.valueEnd(operation) - start);
  }

  /** Copies of the used part of each chunk, to be transferred. */
  copies(): ArrayBuffer[] {
    return this.#chunks.map(({ bytes, used }) => {
      const copy = new ArrayBuffer(used);
      new Uint8Array(copy).set(bytes.subarray(0, used));
      return copy;
    });
  }

  #chunk(operation: number): Chunk {
    const chunk = this.#chunks[Math.floor(operation / CHUNK_BYTES)];
    invariant(chunk !== undefined, "an operation of another log");
    return chunk;
  }

  #allocate(size: number): Chunk {
    const bytes = Buffer.allocUnsafeSlow(Math.max(size, CHUNK_BYTES));
    const words = new Uint32Array(bytes.buffer);
    const chunk = { bytes, words, used: 0 };
    this.#chunks.push(chunk);
    this.#last = chunk;
    return chunk;
  }
}

/** Reads back what `copies` gave, leaving out what is superseded. */
export function visitOperations(chunks: readonly ArrayBuffer[], visit: OperationVisitor): void {
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    const words = new Uint32Array(chunk);
    let offset = 0;
    while (offset < bytes.length) {
      const word = offset >> 2;
      const flags = words[word] as number;
      const valueStart = offset + HEADER_BYTES + (words[word + 1] as number);
      const valueEnd = valueStart + (words[word + 2] as number);
      if ((flags & SUPERSEDED) === 0) {
        const isPut = (flags & OPERATION_PUT) !== 0;
        visit(flags & TABLE_MASK, isPut, bytes, offset + HEADER_BYTES, valueStart, valueEnd);
      }
      offset = (valueEnd + 3) & ~3;
    }
  }
}
