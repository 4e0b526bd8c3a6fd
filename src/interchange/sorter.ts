// SPDX-License-Identifier: Apache-2.0

import type { DiskFile } from "../base/contracts/disk.ts";
import { RunSorter } from "./run-sorter.ts";
import { NO_TABLE, Segment } from "./segment.ts";

/**
 * Two segments that are filled in turn, and somebody who writes their rows in order. While one is
 * sorted, the other one is filled; the rows of both can be looked at.
 */
export interface Sorter {
  readonly segments: readonly [Segment, Segment];
  /** Has the rows of a segment written. It is not changed until `settle`. */
  sort(segment: Segment): void;
  /** Returns once they are written. */
  settle(segment: Segment): void;
  /**
   * Gives all records in order, by the piece; each is lent until the next one is asked for. Called
   * once, when both segments are settled; `next` is the one that would be filled now.
   */
  drain(next: Segment): Generator<Segment>;
  /** Ends what is under way. */
  close(): void;
}

export function createSegments(recordBytes: number): [Segment, Segment] {
  return [Segment.create(recordBytes), Segment.create(recordBytes)];
}

/** Sorts at once, in this thread. */
export class SorterHere implements Sorter {
  readonly segments: readonly [Segment, Segment];
  readonly #sorter: RunSorter;

  /** `file` is empty and nobody else's. */
  constructor(file: DiskFile, recordBytes: number) {
    this.segments = createSegments(recordBytes);
    this.#sorter = new RunSorter(file);
  }

  sort(segment: Segment): void {
    this.#sorter.sort(segment);
  }

  settle(): void {}

  *drain(segment: Segment): Generator<Segment> {
    for (;;) {
      this.#sorter.fill(segment);
      if (segment.table === NO_TABLE) return;
      yield segment;
    }
  }

  close(): void {}
}
