// SPDX-License-Identifier: Apache-2.0

export type VoteResult = "pending" | "lost" | "won";

/** Which index each voter has acknowledged; undefined when nothing is known. */
export type AckedIndex = (id: bigint) => number | undefined;

/** Whether each voter said yes or no; undefined when it did not answer. */
export type VoteOf = (id: bigint) => boolean | undefined;

/** A set of voters that decides by majority. Immutable. */
export class MajorityConfig {
  /** Ascending, without repetition. */
  readonly ids: readonly bigint[];
  readonly #members: ReadonlySet<bigint>;
  /** Room for sorting the indexes of all members: finding the commit index makes no garbage. */
  readonly #sorted: number[];

  constructor(ids: Iterable<bigint>) {
    this.#members = new Set(ids);
    this.ids = [...this.#members].sort((a, b) => (a < b ? -1 : 1));
    this.#sorted = this.ids.map(() => 0);
  }

  get size(): number {
    return this.ids.length;
  }

  has(id: bigint): boolean {
    return this.#members.has(id);
  }

  /**
   * The largest index that a majority has acknowledged. No voters agree on everything, so that
   * the empty half of a joint configuration does not hold the other back: infinity.
   */
  committedIndex(acked: AckedIndex): number {
    if (this.ids.length === 0) return Number.POSITIVE_INFINITY;
    const sorted = this.#sorted;
    // Ascending, by insertion: groups are small, and this is part of every commit.
    for (let count = 0; count < this.ids.length; count++) {
      const index = acked(this.ids[count] ?? 0n) ?? 0;
      let place = count;
      for (; place > 0; place--) {
        const below = sorted[place - 1] ?? 0;
        if (below <= index) break;
        sorted[place] = below;
      }
      sorted[place] = index;
    }
    // Of n voters, floor(n/2) + 1 are at or above the position counted from the top.
    return sorted[sorted.length - (Math.floor(sorted.length / 2) + 1)] ?? 0;
  }

  /** No voters win every vote, for the same reason. */
  voteResult(voteOf: VoteOf): VoteResult {
    if (this.ids.length === 0) return "won";
    let yes = 0;
    let missing = 0;
    for (const id of this.ids) {
      const vote = voteOf(id);
      if (vote === undefined) missing++;
      else if (vote) yes++;
    }
    const quorum = Math.floor(this.ids.length / 2) + 1;
    if (yes >= quorum) return "won";
    return yes + missing >= quorum ? "pending" : "lost";
  }
}

export const EMPTY_MAJORITY = new MajorityConfig([]);
