// SPDX-License-Identifier: Apache-2.0

import { freeBytes } from "../../base/free-bytes.ts";
import { putUint32 } from "./frames.ts";

/** Small pieces share chunks of up to this size. */
const SHARED_CHUNK_BYTES_MAX = 16 * 1024;
const NO_BYTES = Buffer.alloc(0);

/**
 * Bytes that have to wait, first in, first out. Pieces are copied and small ones share chunks, so
 * that a queue of many tiny pieces takes hardly more memory than its bytes; a chunk is as large
 * as what already waits, so that a short queue stays small.
 */
export class ByteQueue {
  /** Bytes in the queue. */
  bytes = 0;
  readonly #chunks: Buffer[] = [];
  /** Memory that belongs to the queue. */
  readonly #given = new Set<ArrayBufferLike>();
  /** Where the first chunk's bytes begin. */
  #start = 0;
  /** Where the last chunk's bytes end; those before it are full. */
  #end = 0;

  /** Copies `source[from, to)` to the end. */
  append(source: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    const chunk = this.#room(to - from);
    chunk.set(from === 0 && to === source.length ? source : source.subarray(from, to), this.#end);
    this.#grew(to - from);
  }

  /** Puts a piece at the end as it is; nobody may write to it any more. */
  appendOwned(piece: Uint8Array): void {
    const { buffer, byteOffset, length } = piece;
    if (length === 0) return;
    const last = this.#chunks.at(-1);
    if (last !== undefined) this.#chunks[this.#chunks.length - 1] = last.subarray(0, this.#end);
    this.#chunks.push(Buffer.from(buffer, byteOffset, length));
    this.#end = 0;
    this.#grew(length);
  }

  /** The same with a piece whose memory becomes the queue's, which frees it when it is through. */
  appendGiven(piece: Uint8Array): void {
    if (piece.length > 0) this.#given.add(piece.buffer);
    this.appendOwned(piece);
  }

  /** Drops everything. */
  clear(): void {
    while (this.#chunks.length > 0) this.#shift();
    this.#start = 0;
    this.bytes = 0;
  }

  #shift(): void {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined && this.#given.delete(chunk.buffer)) freeBytes(chunk);
  }

  /** Appends gRPC's prefix for a plain message of this length. */
  appendPrefix(messageLength: number): void {
    const chunk = this.#room(5);
    chunk[this.#end] = 0;
    putUint32(chunk, this.#end + 1, messageLength);
    this.#grew(5);
  }

  /** Moves `count` bytes, which must be there, from the front to `target`. */
  take(target: Buffer, at: number, count: number): void {
    let position = at;
    let left = count;
    while (left > 0) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return;
      const end = this.#chunks.length === 1 ? this.#end : chunk.length;
      const copied = chunk.copy(target, position, this.#start, Math.min(end, this.#start + left));
      position += copied;
      left -= copied;
      this.#start += copied;
      if (this.#start < end) break;
      this.#shift();
      this.#start = 0;
    }
    this.bytes -= count - left;
  }

  /** The bytes at the front that lie in one piece, in place: valid until they are skipped. */
  front(): Buffer {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return NO_BYTES;
    return chunk.subarray(this.#start, this.#chunks.length === 1 ? this.#end : chunk.length);
  }

  /** Drops `count` bytes of what `front` gave. */
  skip(count: number): void {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return;
    this.#start += count;
    this.bytes -= count;
    if (this.#start < (this.#chunks.length === 1 ? this.#end : chunk.length)) return;
    this.#shift();
    this.#start = 0;
  }

  /** The chunk that has room for `count` bytes at `#end`. */
  #room(count: number): Buffer {
    const last = this.#chunks.at(-1);
    if (last !== undefined) {
      if (last.length - this.#end >= count) return last;
      this.#chunks[this.#chunks.length - 1] = last.subarray(0, this.#end);
    }
    const chunk = Buffer.allocUnsafe(Math.max(count, Math.min(SHARED_CHUNK_BYTES_MAX, this.bytes)));
    this.#chunks.push(chunk);
    this.#end = 0;
    return chunk;
  }

  #grew(count: number): void {
    this.#end += count;
    this.bytes += count;
  }
}
