// SPDX-License-Identifier: Apache-2.0

/** Terms of the entries of a log, kept as runs: as many as there were elections, not entries. */
export class TermRuns {
  #runs: { readonly from: number; readonly term: number }[] = [];

  /** The entry at `index` has this term, and whatever was known from there on is void. */
  set(index: number, term: number): void {
    while ((this.#runs.at(-1)?.from ?? 0) >= index) this.#runs.pop();
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ from: index, term });
  }

  /** The term at an index that is in the log; undefined before all that is known. */
  at(index: number): number | undefined {
    return this.#runs.findLast(({ from }) => from <= index)?.term;
  }

  clear(): void {
    this.#runs = [];
  }
}
