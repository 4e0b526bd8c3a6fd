// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from "../../base/bytes.ts";
import { checkBranches } from "./lmdb-branches.ts";
import {
  FIRST_TREE_PAGE,
  LMDB_MAGIC,
  LMDB_TABLE_BYTES,
  LMDB_VERSION,
  META_BYTES,
  META_FLAGS,
  META_FREE_TABLE,
  META_LAST_PAGE,
  META_MAGIC,
  META_MAIN_TABLE,
  META_NOT_FLUSHED,
  META_PAGE_BYTES,
  META_TRANSACTION,
  META_VERSION,
  NO_PAGE,
  TABLE_DEPTH,
  TABLE_ROOT,
  TABLE_ROWS,
} from "./lmdb-format.ts";
import { LmdbDamage, type PageSource, type StoreBytes, TreePage } from "./lmdb-page.ts";

/** A tree of 4 kB pages with the fewest nodes that LMDB leaves in them is far flatter. */
const DEPTH_MAX = 24;
/** Pages that are kept for lookups: 16 MB. */
const CACHED_PAGES = 4096;

/** Where a row was found: node `index` of the `count` that the page has. */
export interface LeafPlace {
  readonly page: number;
  readonly index: number;
  readonly count: number;
}

/** A tree: its root page, or undefined where it has no rows, and what it should have. */
interface Tree {
  readonly root: number | undefined;
  readonly rows: number;
  /** Pages from the root to a leaf. */
  readonly depth: number;
}

interface Meta {
  readonly pageBytes: number;
  readonly pages: number;
  readonly transaction: number;
  readonly isFlushed: boolean;
  readonly isLittle: boolean;
  readonly free: Tree;
  readonly main: Tree;
}

/** The visitor's bytes are lent for the call; `false` ends the walk. */
type Visit = (key: Uint8Array, value: Uint8Array) => boolean | undefined;

/**
 * The live store's file, read as bytes and never mapped or changed: the state that a member would
 * start from. Throws a `LmdbDamage` where a page cannot be what LMDB has written.
 */
export class LmdbFile {
  readonly #source: PageSource;
  readonly #meta: Meta;
  readonly #tables = new Map<string, Tree>();
  readonly #cache = new Map<number, TreePage>();

  constructor(file: StoreBytes) {
    const meta = chooseMeta(file);
    const { pageBytes, pages, isLittle } = meta;
    this.#meta = meta;
    this.#source = { file, pageBytes, pages, isLittle };
    const decoder = new TextDecoder();
    this.#walk(meta.main, undefined, (key, value, isTable) => {
      // The package ends names with a zero byte.
      const name = decoder.decode(key).replace(/\0$/, "");
      if (isTable) this.#tables.set(name, treeOf(value, 0, isLittle));
      return undefined;
    });
  }

  get tables(): ReadonlySet<string> {
    return new Set(this.#tables.keys());
  }

  /** The rows of a table in key order; a table that is missing has none. */
  each(table: string, visit: Visit): void {
    const tree = this.#tables.get(table);
    if (tree !== undefined) this.#walk(tree, undefined, visit);
  }

  /** The same from the last row on. */
  eachBackwards(table: string, visit: Visit): void {
    const tree = this.#tables.get(table);
    if (tree !== undefined) this.#walk(tree, undefined, visit, true);
  }

  /**
   * The rows on all leaf pages in the order of the pages, in use or free: what was deleted stays
   * in free pages until they are written again. What is no whole leaf is passed over, as are
   * values apart whose pages have been used again.
   */
  scan(visit: (place: LeafPlace, key: Uint8Array, value: Uint8Array) => void): void {
    for (let number = FIRST_TREE_PAGE; number < this.#source.pages; number++) {
      const page = unlessDamaged(() => new TreePage(this.#source, number));
      if (page?.isLeaf !== true) continue;
      for (let index = 0; index < page.count; index++) {
        const value = unlessDamaged(() => page.value(index));
        if (value === undefined || page.isTable(index)) continue;
        visit({ page: number, index, count: page.count }, page.key(index), value);
      }
    }
  }

  /** A row's value; undefined when there is none. */
  get(table: string, key: Uint8Array): Uint8Array | undefined {
    let number = this.#tables.get(table)?.root;
    for (let depth = 0; number !== undefined; depth++) {
      const page = this.#cached(number, depth);
      const at = lastNotAbove(page, key);
      if (!page.isLeaf) {
        number = page.child(Math.max(at, 0));
        continue;
      }
      return at >= 0 && compareBytes(page.key(at), key) === 0 ? page.value(at) : undefined;
    }
    return undefined;
  }

  /** Looks at the pages that lead to all rows, within a bound: see `checkBranches`. */
  checkBranches(pagesMax?: number): void {
    const { free, main } = this.#meta;
    checkBranches(this.#source, [free, main, ...this.#tables.values()], pagesMax);
  }

  /**
   * Reads every page of every tree: each belongs to one of them, keys ascend, the counts agree.
   * Hands over what is wrong, one line per tree, since damage ends the walk through it.
   */
  check(report: (problem: string) => void): void {
    const used = new Uint8Array(Math.ceil(this.#source.pages / 8));
    const trees: (readonly [string, Tree])[] = [
      ["the free list", this.#meta.free],
      ["the list of tables", this.#meta.main],
      ...[...this.#tables].map(([name, tree]) => [`table ${name}`, tree] as const),
    ];
    for (const [name, tree] of trees) {
      try {
        const rows = this.#walk(tree, used, () => undefined);
        if (rows !== tree.rows) report(`${name} has ${rows} rows, but should have ${tree.rows}`);
      } catch (error) {
        if (!(error instanceof LmdbDamage)) throw error;
        report(`${name}: ${error.message}`);
      }
    }
  }

  #cached(number: number, depth: number): TreePage {
    if (depth > DEPTH_MAX) throw new LmdbDamage(number, "is reached by too long a way");
    const known = this.#cache.get(number);
    if (known !== undefined) return known;
    const page = new TreePage(this.#source, number);
    if (this.#cache.size >= CACHED_PAGES) this.#cache.clear();
    this.#cache.set(number, page);
    return page;
  }

  /** Visits a tree's rows; gives their number. Pages are marked in `used` where it is given. */
  #walk(
    tree: Tree,
    used: Uint8Array | undefined,
    visit: (key: Uint8Array, value: Uint8Array, isTable: boolean) => boolean | undefined,
    isBackwards = false,
  ): number {
    let rows = 0;
    let before: Uint8Array | undefined;
    /** Keys of branches that stand before the next row; forwards only. */
    let atLeast: Uint8Array | undefined;
    const descend = (number: number, depth: number): boolean => {
      if (depth > DEPTH_MAX) throw new LmdbDamage(number, "is reached by too long a way");
      if (used !== undefined) mark(used, number, 1, this.#source.pages);
      const page = new TreePage(this.#source, number);
      if (page.isLeaf !== (depth === tree.depth)) {
        throw new LmdbDamage(number, `is reached over ${depth} pages, but rows over ${tree.depth}`);
      }
      for (let step = 0; step < page.count; step++) {
        const at = isBackwards ? page.count - 1 - step : step;
        if (!page.isLeaf) {
          // The first key of a branch says nothing.
          if (at > 0 && !isBackwards) atLeast = page.key(at);
          if (!descend(page.child(at), depth + 1)) return false;
          continue;
        }
        const key = page.key(at);
        if (before !== undefined && !this.#isFree(tree)) {
          const order = compareBytes(before, key);
          if (isBackwards ? order <= 0 : order >= 0) {
            throw new LmdbDamage(number, `the key of node ${at} is not in its place`);
          }
        }
        if (atLeast !== undefined && !this.#isFree(tree)) {
          const isAfter = before === undefined || compareBytes(before, atLeast) < 0;
          if (!isAfter || compareBytes(key, atLeast) < 0) {
            throw new LmdbDamage(number, "is not where the branches lead to its keys");
          }
        }
        atLeast = undefined;
        before = key;
        rows++;
        const apart = page.overflow(at);
        if (used !== undefined && apart !== undefined) {
          mark(used, apart.first, apart.count, this.#source.pages);
        }
        if (visit(key, page.value(at), page.isTable(at)) === false) return false;
      }
      return true;
    };
    if (tree.root !== undefined) descend(tree.root, 1);
    return rows;
  }

  /** Its keys are numbers of the machine, in another order than their bytes. */
  #isFree(tree: Tree): boolean {
    return tree === this.#meta.free;
  }
}

function unlessDamaged<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof LmdbDamage) return undefined;
    throw error;
  }
}

/** The last node whose key is not above `key`; -1 when all are. A branch's first key is empty. */
function lastNotAbove(page: TreePage, key: Uint8Array): number {
  let low = page.isLeaf ? 0 : 1;
  let high = page.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(page.key(middle), key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function mark(used: Uint8Array, first: number, count: number, pages: number): void {
  // What lies outside is told by whoever reads it.
  for (let page = first; page < Math.min(first + count, pages); page++) {
    const bit = 1 << (page & 7);
    const bits = used[page >>> 3] ?? 0;
    if ((bits & bit) !== 0) throw new LmdbDamage(page, "belongs to two trees, or twice to one");
    used[page >>> 3] = bits | bit;
  }
}

/**
 * The state that a member would start from. Each commit writes one of the first two pages, which
 * tell where its trees begin, and when it has reached the disk, the package notes the same in the
 * middle of the first page. Of two of these notes the newer counts, unless it was not flushed.
 */
function chooseMeta(file: StoreBytes): Meta {
  const first = readMeta(file, 0, true);
  if (first === undefined) throw new LmdbDamage(0, "does not begin a store of this program");
  const second = readMeta(file, first.pageBytes, true);
  if (second === undefined) throw new LmdbDamage(1, "is no meta page");
  const flushed = readMeta(file, first.pageBytes / 2, false);
  const committed = moreReliable(first, second);
  const chosen = flushed === undefined ? committed : moreReliable(committed, flushed);
  const roots = [chosen.free.root ?? 0, chosen.main.root ?? 0];
  const last = Math.max(...roots);
  if ((last + 1) * chosen.pageBytes <= file.size()) return chosen;
  throw new LmdbDamage(last, `is beyond the end of the file, which has ${file.size()} bytes`);
}

function moreReliable(one: Meta, other: Meta): Meta {
  if (other.transaction === 0) return one;
  const [newer, older] = one.transaction >= other.transaction ? [one, other] : [other, one];
  return newer.isFlushed ? newer : older;
}

function readMeta(file: StoreBytes, offset: number, hasMagic: boolean): Meta | undefined {
  const bytes = file.read(offset, META_BYTES);
  if (bytes.length < META_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = hasMagic
    ? view.getUint32(META_MAGIC, true) === LMDB_MAGIC
    : isLittleEndian(file);
  if (hasMagic && view.getUint32(META_MAGIC, isLittle) !== LMDB_MAGIC) return undefined;
  if (hasMagic && view.getUint32(META_VERSION, isLittle) !== LMDB_VERSION) return undefined;
  const pageBytes = view.getUint32(META_PAGE_BYTES, isLittle);
  if (pageBytes < 512 || pageBytes > 65_536 || pageBytes % 512 !== 0) return undefined;
  const pagesMax = Math.floor(file.size() / pageBytes);
  return {
    pageBytes,
    pages: Math.min(Number(view.getBigUint64(META_LAST_PAGE, isLittle)) + 1, pagesMax),
    transaction: Number(view.getBigUint64(META_TRANSACTION, isLittle)),
    isFlushed: (view.getUint16(META_FLAGS, isLittle) & META_NOT_FLUSHED) === 0,
    isLittle,
    free: treeOf(bytes, META_FREE_TABLE, isLittle),
    main: treeOf(bytes, META_MAIN_TABLE, isLittle),
  };
}

function isLittleEndian(file: StoreBytes): boolean {
  const bytes = file.read(META_MAGIC, 4);
  return bytes[0] === (LMDB_MAGIC & 0xff);
}

function treeOf(bytes: Uint8Array, at: number, isLittle: boolean): Tree {
  if (bytes.length < at + LMDB_TABLE_BYTES) return { root: undefined, rows: -1, depth: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, LMDB_TABLE_BYTES);
  const root = view.getBigUint64(TABLE_ROOT, isLittle);
  const rows = Number(view.getBigUint64(TABLE_ROWS, isLittle));
  const depth = view.getUint16(TABLE_DEPTH, isLittle);
  return { root: root === NO_PAGE ? undefined : Number(root), rows, depth };
}
