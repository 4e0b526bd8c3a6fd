// SPDX-License-Identifier: Apache-2.0

import { binaryString } from "./binary-string.ts";

/**
 * A small set of key ranges, where no end means the one key. A single zero byte as the end is
 * compared like any other, and so such a range holds nothing: etcd's check of transactions reads
 * it so, and clients delete from a key on and put behind it in one transaction. Meant for the
 * ranges of one request, so it is a list.
 */
export class KeyIntervals {
  readonly #intervals: { from: string; to: string }[] = [];

  add(key: Uint8Array, rangeEnd: Uint8Array): void {
    const from = binaryString(key);
    const to = rangeEnd.length === 0 ? `${from}\0` : binaryString(rangeEnd);
    this.#intervals.push({ from, to });
  }

  addAll(other: KeyIntervals): void {
    for (const interval of other.#intervals) this.#intervals.push(interval);
  }

  /** Whether a key, as a string of one character per byte, lies in one of the ranges. */
  contains(key: string): boolean {
    return this.#intervals.some(({ from, to }) => from <= key && key < to);
  }
}
