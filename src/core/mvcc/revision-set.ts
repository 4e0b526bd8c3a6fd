// SPDX-License-Identifier: Apache-2.0

/** A set of revisions; most have sub 0 and cost one number. */
export class RevisionSet {
  readonly #plain = new Set<number>();
  readonly #others = new Set<string>();

  get size(): number {
    return this.#plain.size + this.#others.size;
  }

  add(main: number, sub: number): void {
    if (sub === 0) this.#plain.add(main);
    else this.#others.add(`${main}_${sub}`);
  }

  has(main: number, sub: number): boolean {
    return sub === 0 ? this.#plain.has(main) : this.#others.has(`${main}_${sub}`);
  }
}
