// SPDX-License-Identifier: Apache-2.0
//
// What can be known about a store's pages without reading all of them: LMDB maps the file, and a
// number in it that leads nowhere ends the process without a word. A start waits for this, so it
// reads no more pages than a bound says, and looks at their numbers in place: about 10 ms with a
// million keys, most of it for code that runs for the first time. A `TreePage` of each branch of
// theirs took 70.

import { IS_LITTLE_ENDIAN } from "../../base/byte-order.ts";
import {
  FIRST_TREE_PAGE,
  KIND_BRANCH,
  KIND_MASK,
  LMDB_HEADER_BYTES,
  NODE_FLAGS,
  NODE_HEADER_BYTES,
  NODE_KEY_SIZE,
  PAGE_KIND,
  PAGE_LOWER,
  PAGE_UPPER,
} from "./lmdb-format.ts";
import { LmdbDamage, type PageSource, TreePage } from "./lmdb-page.ts";

/** So many pages are looked at; a million keys have twice as many branches. */
export const BRANCH_PAGES_MAX = 512;

const HALF = 2 ** 16;

/** Where a tree begins, if it has rows, and how many pages there are from there to a row. */
export interface TreeShape {
  readonly root: number | undefined;
  readonly depth: number;
}

interface Level {
  readonly pages: readonly number[];
  /** 1 where rows are. */
  readonly height: number;
}

/**
 * Looks at the root of each tree and at the branches below it, level by level: each has to be a
 * page as LMDB writes it, of the right kind, that leads to pages which the file has. Of a level
 * that is too large for what is left of `pagesMax`, pages at equal distances are looked at. Rows
 * are not, but for those of trees without branches. Throws an `LmdbDamage`.
 */
export function checkBranches(
  source: PageSource,
  trees: readonly TreeShape[],
  pagesMax = BRANCH_PAGES_MAX,
): void {
  if (source.isLittle !== IS_LITTLE_ENDIAN) {
    throw new LmdbDamage(0, "was written by a machine with another order of bytes");
  }
  const branch = new BranchPage(source);
  let left = pagesMax;
  let levels = trees.flatMap(({ root, depth }): Level[] =>
    root === undefined ? [] : [{ pages: [root], height: depth }],
  );
  while (levels.length > 0 && left > 0) {
    const below: Level[] = [];
    const distance = Math.ceil(levels.reduce((sum, { pages }) => sum + pages.length, 0) / left);
    for (const { pages, height } of levels) {
      const children: number[] = [];
      for (let at = pages.length - 1; at >= 0; at -= distance) {
        left--;
        const number = pages[at] as number;
        if (height <= 1) checkRows(source, number);
        else branch.check(number, height > 2 ? children : undefined);
      }
      if (children.length > 0) below.push({ pages: children, height: height - 1 });
    }
    levels = below;
  }
}

function checkRows(source: PageSource, number: number): void {
  if (!new TreePage(source, number).isLeaf) {
    throw new LmdbDamage(number, "has branches where rows belong");
  }
}

/** One page at a time, as numbers of two bytes. */
class BranchPage {
  readonly #source: PageSource;
  readonly #bytes: Uint8Array;
  readonly #halves: Uint16Array;

  constructor(source: PageSource) {
    this.#source = source;
    this.#bytes = new Uint8Array(source.pageBytes);
    this.#halves = new Uint16Array(this.#bytes.buffer);
  }

  /** Adds the pages below to `children`, where those are wanted. */
  check(number: number, children: number[] | undefined): void {
    const { file, pageBytes, pages } = this.#source;
    if (number < FIRST_TREE_PAGE || number >= pages) throw outside(number, pages);
    if (file.readInto(this.#bytes, number * pageBytes) < pageBytes) throw outside(number, pages);
    const halves = this.#halves;
    // Of eight bytes; greater numbers would be beyond the end of any file.
    const own =
      (halves[0] as number) + ((halves[1] as number) + (halves[2] as number) * HALF) * HALF;
    if (own !== number || halves[3] !== 0)
      throw new LmdbDamage(number, "does not carry its own number");
    if (((halves[PAGE_KIND / 2] as number) & KIND_MASK) !== KIND_BRANCH) {
      throw new LmdbDamage(number, "is no page of branches");
    }
    const lower = halves[PAGE_LOWER / 2] as number;
    const lowest = (halves[PAGE_UPPER / 2] as number) + LMDB_HEADER_BYTES;
    if (lower === 0 || lower % 2 !== 0 || lower + LMDB_HEADER_BYTES > lowest) {
      throw new LmdbDamage(number, `has its free space from ${lower} to ${lowest}`);
    }
    const end = (LMDB_HEADER_BYTES + lower) / 2;
    for (let place = LMDB_HEADER_BYTES / 2; place < end; place++) {
      const start = (halves[place] as number) + LMDB_HEADER_BYTES;
      const node = start >> 1;
      const keyBytes = halves[node + NODE_KEY_SIZE / 2] as number;
      if (
        start < lowest ||
        start % 2 !== 0 ||
        !(start + NODE_HEADER_BYTES + keyBytes <= pageBytes)
      ) {
        const at = place - LMDB_HEADER_BYTES / 2;
        throw new LmdbDamage(number, `node ${at} reaches out of the page`);
      }
      const high = halves[node + NODE_FLAGS / 2] as number;
      const child = (halves[node] as number) + ((halves[node + 1] as number) + high * HALF) * HALF;
      if (child < FIRST_TREE_PAGE || child >= pages) {
        throw new LmdbDamage(number, `leads to page ${child}, but the store has ${pages} pages`);
      }
      children?.push(child);
    }
  }
}

function outside(number: number, pages: number): LmdbDamage {
  return new LmdbDamage(number, `is named, but the store has ${pages} pages`);
}
