// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../base/binary-string.ts";

/** Two words: the length of table and key, and that of the value or `DELETED`. */
export const HEADER_BYTES = 8;
export const DELETED = 0xffff_ffff;

/** How many bytes of a key are compared at once: as many as a number holds exactly. */
const RANKED_BYTES = 6;

/** The end of the record at a position, a multiple of four. */
export function recordEnd(bytes: Buffer, at: number): number {
  const valueLength = bytes.readUInt32LE(at + 4);
  const end =
    at + HEADER_BYTES + bytes.readUInt32LE(at) + (valueLength === DELETED ? 0 : valueLength);
  return (end + 3) & ~3;
}

/** Compares the keys of two records, their tables first. */
export function compareRecords(a: Buffer, aAt: number, b: Buffer, bAt: number): number {
  const [aKey, bKey] = [aAt + HEADER_BYTES, bAt + HEADER_BYTES];
  const [aEnd, bEnd] = [aKey + a.readUInt32LE(aAt), bKey + b.readUInt32LE(bAt)];
  return compareSlices(a, aKey, aEnd, b, bKey, bEnd);
}

/**
 * Records in the order of their keys. Most are told apart by six bytes behind what all keys begin
 * with, as numbers.
 */
export class SortedRecords {
  readonly order: number[];

  constructor(bytes: Buffer, records: readonly number[]) {
    const shared = sharedBytes(bytes, records);
    const ranks = new Float64Array(records.length);
    records.forEach((at, index) => {
      ranks[index] = rankOf(bytes, at, shared);
    });
    const indexes = Uint32Array.from(records.keys());
    indexes.sort((a, b) => {
      const difference = (ranks[a] as number) - (ranks[b] as number);
      if (difference !== 0) return difference;
      return compareRecords(bytes, records[a] as number, bytes, records[b] as number);
    });
    this.order = Array.from(indexes, (index) => records[index] as number);
  }
}

function sharedBytes(bytes: Buffer, records: readonly number[]): number {
  const first = (records[0] ?? 0) + HEADER_BYTES;
  let shared = records.length === 0 ? 0 : bytes.readUInt32LE(first - HEADER_BYTES);
  for (const at of records) {
    const limit = Math.min(shared, bytes.readUInt32LE(at));
    let length = 0;
    while (length < limit && bytes[first + length] === bytes[at + HEADER_BYTES + length]) length++;
    shared = length;
  }
  return shared;
}

function rankOf(bytes: Buffer, at: number, shared: number): number {
  const start = at + HEADER_BYTES + shared;
  const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
  let rank = 0;
  for (let byte = 0; byte < RANKED_BYTES; byte++) {
    rank = rank * 256 + (start + byte < end ? (bytes[start + byte] as number) : 0);
  }
  return rank;
}
