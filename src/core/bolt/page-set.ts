// SPDX-License-Identifier: Apache-2.0

/** A set of page numbers: one bit per page of the database, 32 kB per GiB. */
export class PageSet {
  readonly #bits: Uint8Array;
  size = 0;

  constructor(pages: number) {
    this.#bits = new Uint8Array(Math.ceil(pages / 8));
  }

  has(page: number): boolean {
    return ((this.#bits[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** Adds a page; whether it was not there yet. */
  add(page: number): boolean {
    if (this.has(page)) return false;
    this.#bits[page >>> 3] = (this.#bits[page >>> 3] ?? 0) | (1 << (page & 7));
    this.size++;
    return true;
  }
}
