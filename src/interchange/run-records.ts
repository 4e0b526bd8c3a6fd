// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../base/binary-string.ts";
import { copyBytes } from "../base/byte-copier.ts";
import { IS_LITTLE_ENDIAN } from "../base/byte-order.ts";

/** Two words before a key: its length, and that of the value or `DELETED`. Records fill words. */
export const HEADER_BYTES = 8;
export const DELETED = 0xffff_ffff;

/** So many bytes of a key are compared as a number first. */
const RANK_BYTES = 6;
/** In a sorted list the record's place in the list follows. */
const PLACE_BYTES = 2;
/** So many records can be sorted at once. */
export const SORTED_RECORDS_MAX = 2 ** (8 * PLACE_BYTES);

/** Records in memory. Positions are multiples of four. */
export class Records {
  readonly bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #view: DataView;

  constructor(memory: ArrayBufferLike, start = 0) {
    this.bytes = new Uint8Array(memory, start);
    this.#words = new Uint32Array(memory, start);
    this.#view = new DataView(memory, start);
  }

  static ofSize(size: number): Records {
    return new Records(new ArrayBuffer(size & ~3));
  }

  setHeader(at: number, keyBytes: number, valueBytes: number): void {
    this.#words[at >> 2] = keyBytes;
    this.#words[(at >> 2) + 1] = valueBytes;
  }

  keyEnd(at: number): number {
    return at + HEADER_BYTES + (this.#words[at >> 2] as number);
  }

  isDeleted(at: number): boolean {
    return this.#words[(at >> 2) + 1] === DELETED;
  }

  valueEnd(at: number): number {
    const valueBytes = this.#words[(at >> 2) + 1] as number;
    return this.keyEnd(at) + (valueBytes === DELETED ? 0 : valueBytes);
  }

  /** Where the next record begins. */
  end(at: number): number {
    return (this.valueEnd(at) + 3) & ~3;
  }

  /** Writes the records between two positions of others at `at`. */
  copyFrom(others: Records, start: number, end: number, at: number): void {
    copyBytes(this.#view, at, others.#view, start, end);
  }

  /** 32 bits that depend on the whole key. */
  hash(at: number): number {
    const words = this.#words;
    const keyBytes = words[at >> 2] as number;
    let word = (at + HEADER_BYTES) >> 2;
    let hash = keyBytes;
    for (let left = keyBytes; left >= 4; left -= 4) hash = mixed(hash, words[word++] as number);
    const end = this.keyEnd(at);
    for (let byte = word << 2; byte < end; byte++) hash = mixed(hash, this.bytes[byte] as number);
    hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  hasKeyOf(at: number, others: Records, other: number): boolean {
    return (
      this.#words[at >> 2] === others.#words[other >> 2] && this.compare(at, others, other) === 0
    );
  }

  compare(at: number, others: Records, other: number): number {
    const [start, otherStart] = [at + HEADER_BYTES, other + HEADER_BYTES];
    const otherEnd = others.keyEnd(other);
    return compareSlices(this.bytes, start, this.keyEnd(at), others.bytes, otherStart, otherEnd);
  }

  /** How many bytes the keys of all these records begin with alike. */
  sharedBytes(records: Uint32Array): number {
    const { bytes } = this;
    const first = (records[0] ?? 0) + HEADER_BYTES;
    let shared = records.length === 0 ? 0 : this.keyEnd(first - HEADER_BYTES) - first;
    for (const at of records) {
      const start = at + HEADER_BYTES;
      const limit = Math.min(shared, this.keyEnd(at) - start);
      let length = 0;
      while (length < limit && bytes[first + length] === bytes[start + length]) length++;
      shared = length;
    }
    return shared;
  }

  /** `RANK_BYTES` of a key behind its first `skipped` ones as a number; missing ones are 0. */
  rank(at: number, skipped: number): number {
    const start = at + HEADER_BYTES + skipped;
    const end = this.keyEnd(at);
    if (end - start >= RANK_BYTES) {
      return this.#view.getUint32(start) * 2 ** 16 + this.#view.getUint16(start + 4);
    }
    let rank = 0;
    for (let byte = start; byte < start + RANK_BYTES; byte++) {
      rank = rank * 256 + (byte < end ? (this.bytes[byte] as number) : 0);
    }
    return rank;
  }

  /**
   * Places in the list by the order of keys. Most are told apart by the six bytes behind
   * what all begin with: sorted as numbers, without a call per comparison.
   */
  sorted(records: Uint32Array, shared: number): Uint32Array {
    const placeSize = SORTED_RECORDS_MAX;
    const lowSize = 2 ** 32 / placeSize;
    const numbers = new BigUint64Array(records.length);
    const halves = new Uint32Array(numbers.buffer);
    const [low, high] = IS_LITTLE_ENDIAN ? [0, 1] : [1, 0];
    for (let index = 0; index < records.length; index++) {
      const rank = this.rank(records[index] as number, shared);
      halves[2 * index + high] = rank / lowSize;
      halves[2 * index + low] = (rank % lowSize) * placeSize + index;
    }
    numbers.sort();
    const order = new Uint32Array(records.length);
    for (let at = 0; at < order.length; at++) {
      order[at] = (halves[2 * at + low] as number) % placeSize;
    }
    const hasRankOf = (a: number, b: number): boolean => {
      if (halves[2 * a + high] !== halves[2 * b + high]) return false;
      const lows = [halves[2 * a + low] as number, halves[2 * b + low] as number] as const;
      return Math.floor(lows[0] / placeSize) === Math.floor(lows[1] / placeSize);
    };
    this.#sortEqual(records, order, hasRankOf);
    return order;
  }

  /** Puts neighbours in order whose numbers are equal. */
  #sortEqual(
    records: Uint32Array,
    order: Uint32Array,
    areEqual: (a: number, b: number) => boolean,
  ): void {
    for (let start = 0, end = 1; start < order.length; start = end, end++) {
      while (end < order.length && areEqual(end - 1, end)) end++;
      if (end - start === 1) continue;
      order
        .subarray(start, end)
        .sort((a, b) => this.compare(records[a] as number, this, records[b] as number));
    }
  }
}

function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x85ebca6b);
  return next ^ (next >>> 15);
}
