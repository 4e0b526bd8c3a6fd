// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";

/** Small operations share chunks of up to this size; a larger one has a chunk of its own. */
export const CHUNK_BYTES = 1 << 20;
/**
 * The first chunk of a log: most commits of a quiet member need no more. Each further one is twice
 * as large, so that no log takes much more memory than it uses.
 */
const FIRST_CHUNK_BYTES = 1 << 15;
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
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  used: number;
}

/** Called per operation; a delete has `isPut` false and an empty value. */
export type OperationVisitor = (
  table: number,
  isPut: boolean,
  buffer: Buffer,
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
  #begun = 0;
  bytes = 0;
  operations = 0;

  /**
   * Begins a put whose value the caller writes into `buffer` from `valueStart` on, then calls
   * `finishPut`; gives the operation's number. Nothing else may be appended in between.
   */
  beginPut(table: number, key: Uint8Array, valueBytesMax: number): number {
    const size = HEADER_BYTES + key.length + valueBytesMax + 3;
    let chunk = this.#last;
    if (chunk === undefined || !fits(chunk, size)) chunk = this.#allocate(size);
    const { bytes, words, used } = chunk;
    const word = used >> 2;
    words[word] = table | OPERATION_PUT;
    words[word + 1] = key.length;
    const keyStart = used + HEADER_BYTES;
    if (key.length > 24) bytes.set(key, keyStart);
    else for (let at = 0; at < key.length; at++) bytes[keyStart + at] = key[at] as number;
    this.#begun = (this.#chunks.length - 1) * CHUNK_BYTES + used;
    return this.#begun;
  }

  /** Ends the put that was begun; its value ends at `valueEnd`. */
  finishPut(valueEnd: number): void {
    const chunk = this.#last as Chunk;
    const { words, used } = chunk;
    const word = used >> 2;
    words[word + 2] = valueEnd - used - HEADER_BYTES - (words[word + 1] as number);
    const end = (valueEnd + 3) & ~3;
    this.bytes += end - used;
    this.operations++;
    chunk.used = end;
  }

  appendDelete(table: number, key: Uint8Array): number {
    const operation = this.beginPut(table, key, 0);
    const chunk = this.#last as Chunk;
    chunk.words[chunk.used >> 2] = table;
    this.finishPut(chunk.used + HEADER_BYTES + key.length);
    return operation;
  }

  isPut(operation: number): boolean {
    return (this.#flags(operation) & OPERATION_PUT) !== 0;
  }

  below(operation: number): number {
    return (this.#flags(operation) & BELOW_MASK) >> BELOW_SHIFT;
  }

  setBelow(operation: number, below: number): void {
    this.#setFlags(operation, (this.#flags(operation) & ~BELOW_MASK) | (below << BELOW_SHIFT));
  }

  /** Marks an operation whose key is written again later: the disk need not see it. */
  supersede(operation: number): void {
    this.#setFlags(operation, this.#flags(operation) | SUPERSEDED);
  }

  /** The memory that holds an operation. */
  buffer(operation: number): Uint8Array {
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
    const start = this.valueStart(operation);
    return new Uint8Array(this.buffer(operation).buffer, start, this.valueEnd(operation) - start);
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** The used part of a chunk, which `visitOperations` reads, also behind that of another. */
  chunk(index: number): Uint8Array {
    const chunk = this.#chunks[index];
    invariant(chunk !== undefined, "a chunk of the log");
    return chunk.bytes.subarray(0, chunk.used);
  }

  /** All of them. */
  chunks(): Uint8Array[] {
    return this.#chunks.map(({ bytes, used }) => bytes.subarray(0, used));
  }

  #flags(operation: number): number {
    return this.#chunk(operation).words[(operation % CHUNK_BYTES) >> 2] as number;
  }

  #setFlags(operation: number, flags: number): void {
    this.#chunk(operation).words[(operation % CHUNK_BYTES) >> 2] = flags;
  }

  #chunk(operation: number): Chunk {
    const chunk = this.#chunks[Math.floor(operation / CHUNK_BYTES)];
    invariant(chunk !== undefined, "an operation of another log");
    return chunk;
  }

  #allocate(size: number): Chunk {
    const usual = Math.min(FIRST_CHUNK_BYTES * 2 ** this.#chunks.length, CHUNK_BYTES);
    const rounded = (Math.max(size, usual) + 3) & ~3;
    const { buffer } = Buffer.allocUnsafeSlow(rounded);
    const chunk = { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), used: 0 };
    this.#chunks.push(chunk);
    this.#last = chunk;
    return chunk;
  }
}

/** An operation begins within the first `CHUNK_BYTES`, so that its number names its chunk. */
function fits({ bytes, used }: Chunk, size: number): boolean {
  return used < CHUNK_BYTES && used + size <= bytes.length;
}

/** Reads chunks back, or what was copied from them, leaving out what is superseded. */
export function visitOperations(chunks: readonly Uint8Array[], visit: OperationVisitor): void {
  for (const { buffer, byteOffset, length } of chunks) {
    const bytes = Buffer.from(buffer, byteOffset, length);
    const words = new Uint32Array(buffer, byteOffset, length >> 2);
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
