// SPDX-License-Identifier: Apache-2.0

import type { Entry, HardState } from "../../../src/core/raft/index.ts";

/**
 * What the checkers know of one member's log: the terms by index, and how much of it the member
 * has said to be safe. Survives the member's crashes.
 */
export class MemberLog {
  readonly name: string;
  /** Entries up to here are covered by a snapshot of the store. */
  base = 0;
  /** The term of the entry at `base`. */
  baseTerm = 0;
  /** Set while the member leads. */
  leadsTerm: number | undefined;
  /** What was reported as safe on disk: entries, term and vote. */
  safeIndex = 0;
  safeTerm = 0;
  safeVote = 0n;
  /** The commit index of the current run of the member. */
  commit = 0;
  readonly #terms: number[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get lastIndex(): number {
    return Math.max(this.base, this.#terms.length - 1);
  }

  term(index: number): number | undefined {
    return index === this.base ? this.baseTerm : this.#terms[index];
  }

  /** Stores an entry; what follows it belongs to an older log. */
  append(index: number, term: number): void {
    this.truncate(this.#terms[index] === term ? index : index - 1);
    this.#terms[index] = term;
  }

  truncate(lastIndex: number): void {
    if (this.#terms.length > lastIndex + 1) this.#terms.length = lastIndex + 1;
    this.safeIndex = Math.min(this.safeIndex, lastIndex);
  }

  /** Entries and, when there is one, the hard state are safe; some may be replaced already. */
  safe(entries: readonly Entry[], hardState: HardState | undefined): void {
    const last = entries.findLast(({ index, term }) => this.#terms[index] === term);
    if (last !== undefined) this.safeIndex = Math.max(this.safeIndex, last.index);
    if (hardState === undefined) return;
    this.safeTerm = hardState.term;
    this.safeVote = hardState.vote;
  }

  /** A snapshot has replaced the log. */
  restore(index: number, term: number): void {
    this.#terms.length = 0;
    this.base = index;
    this.baseTerm = term;
    this.safeIndex = Math.max(index, 0);
  }

  /** The log as it was read back at a start. */
  reread(base: number, baseTerm: number, terms: readonly { index: number; term: number }[]): void {
    this.#terms.length = 0;
    this.base = base;
    this.baseTerm = baseTerm;
    for (const { index, term } of terms) this.#terms[index] = term;
    this.safeIndex = this.lastIndex;
    this.leadsTerm = undefined;
  }
}
