// SPDX-License-Identifier: Apache-2.0

import { REVISION_BYTES, TOMBSTONE_BYTES, writeRevision } from "./revision.ts";

/**
 * Rows of `key` to remove: numbers, since an array of bytes for each of a million of them would be
 * most of what a compaction leaves to the collector.
 */
export class DoomedRows {
  /** The two numbers of each: main, and sub doubled plus 1 for a tombstone, as in a mark. */
  readonly #numbers: number[] = [];
  readonly #row = new Uint8Array(REVISION_BYTES);
  readonly #tombstone = new Uint8Array(TOMBSTONE_BYTES);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(main: number, sub: number, tombstone: boolean): void {
    this.#numbers[2 * this.count] = main;
    this.#numbers[2 * this.count + 1] = 2 * sub + (tombstone ? 1 : 0);
    this.count++;
  }

  /** The keys of the rows, each lent until the next. */
  visit(visitor: (row: Uint8Array) => void): void {
    for (let at = 0; at < this.count; at++) {
      const main = this.#numbers[2 * at] as number;
      const low = this.#numbers[2 * at + 1] as number;
      const tombstone = low % 2 === 1;
      const row = tombstone ? this.#tombstone : this.#row;
      writeRevision(row, main, (low - (low % 2)) / 2, tombstone);
      visitor(row);
    }
  }
}
