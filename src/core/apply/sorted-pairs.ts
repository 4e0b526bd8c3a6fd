// SPDX-License-Identifier: Apache-2.0

import type { KvView } from "../mvcc/index.ts";

export type PairOrder = (a: KvView, b: KvView) => number;

/** So many bytes of a pair count as one more when the work of a step is measured. */
const BYTES_PER_UNIT = 4096;

/** Two neighbouring runs on their way to one. */
interface Merge {
  readonly left: readonly KvView[];
  readonly right: readonly KvView[];
  leftAt: number;
  rightAt: number;
  readonly into: KvView[];
}

/**
 * Puts pairs into an order in steps of bounded work: pieces are sorted as they come, then merged
 * two by two, pass by pass. Pairs that are equal stay in the order in which they came. Beyond a
 * limit no more than it are kept of a run, so that a short answer takes little memory.
 */
export class SortedPairs {
  readonly #order: PairOrder;
  readonly #limit: number;
  /** Runs of this pass that are not merged yet, the last one first. */
  #runs: (readonly KvView[])[] = [];
  #merged: (readonly KvView[])[] = [];
  #merge: Merge | undefined;

  /** `limit` of 0: all. */
  constructor(order: PairOrder, limit: number) {
    this.#order = order;
    this.#limit = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  }

  /** Takes a piece, which is sorted at once. */
  add(piece: readonly KvView[]): void {
    const run = piece.toSorted(this.#order);
    this.#merged.push(run.length > this.#limit ? run.slice(0, this.#limit) : run);
  }

  /** Merges about so many pairs; the result when there is one. No piece may come any more. */
  step(pairsMax: number): readonly KvView[] | undefined {
    let work = 0;
    while (work < pairsMax) {
      const merge = this.#merge ?? this.#next();
      if (merge === undefined) return this.#merged[0] ?? [];
      work += this.#advance(merge, pairsMax - work);
    }
    return undefined;
  }

  /** The next two runs to merge; undefined when one is left. */
  #next(): Merge | undefined {
    if (this.#runs.length === 0) {
      if (this.#merged.length < 2) return undefined;
      this.#runs = this.#merged.reverse();
      this.#merged = [];
    }
    const left = this.#runs.pop() ?? [];
    const right = this.#runs.pop() ?? [];
    this.#merge = { left, right, leftAt: 0, rightAt: 0, into: [] };
    return this.#merge;
  }

  #advance(merge: Merge, workMax: number): number {
    const { left, right, into } = merge;
    let work = 1;
    while (work <= workMax && into.length < this.#limit) {
      const a = left[merge.leftAt];
      const b = right[merge.rightAt];
      const takesLeft = b === undefined || (a !== undefined && this.#order(a, b) <= 0);
      const pair = takesLeft ? a : b;
      if (pair === undefined) break;
      if (takesLeft) merge.leftAt++;
      else merge.rightAt++;
      into.push(pair);
      work += 1 + (pair.end - pair.start) / BYTES_PER_UNIT;
    }
    const isDone = merge.leftAt === left.length && merge.rightAt === right.length;
    if (isDone || into.length >= this.#limit) {
      this.#merged.push(into);
      this.#merge = undefined;
    }
    return work;
  }
}
