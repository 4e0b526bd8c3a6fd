// SPDX-License-Identifier: Apache-2.0

import { binaryString } from "./binary-string.ts";

/**
 * A small set of key ranges in etcd's form: no end means the one key, a single zero byte as the
 * end means everything from the key on. Meant for the ranges of one request, so it is a list.
 */
export class KeyIntervals {
  readonly #intervals: { from: string; to: string | undefined }[] = [];

  add(key: Uint8Array, rangeEnd: Uint8Array): void {
    const from = binaryString(key);
    if (rangeEnd.length === 0) this.#intervals.push({ from, to: `${from}\0` });
    else if (rangeEnd.length === 1 && rangeEnd[0] === 0) {
      this.#intervals.push({ from, to: undefined });
    } else this.#intervals.push({ from, to: binaryString(rangeEnd) });
  }

  addAll(other: KeyIntervals): void {
    this.#intervals.push(...other.#intervals);
  }

  /** Whether a key, as a string of one character per byte, lies in one of the ranges. */
  contains(key: string): boolean {
    return this.#intervals.some(({ from, to }) => from <= key && (to === undefined || key < to));
  }
}
