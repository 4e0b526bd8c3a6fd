// SPDX-License-Identifier: Apache-2.0

import { IS_LITTLE_ENDIAN as IS_LITTLE } from "../../base/byte-order.ts";
import type { DiskFile } from "../../base/contracts/disk.ts";
import { invariant } from "../../base/invariant.ts";
import { BackendError } from "./backend.ts";
import {
  LMDB_HEADER_BYTES as HEADER_BYTES,
  KIND_LEAF,
  KIND_MASK,
  LMDB_MAGIC,
  LMDB_TABLE_BYTES,
  LMDB_VERSION,
  META_BYTES,
  META_LAST_PAGE,
  META_MAGIC,
  META_MAIN_TABLE,
  META_PAGE_BYTES,
  META_TRANSACTION,
  META_VERSION,
  NO_PAGE,
  NODE_FLAGS,
  NODE_HEADER_BYTES,
  NODE_IS_TABLE,
  NODE_KEY_SIZE,
  PAGE_KIND,
  PAGE_LOWER,
  TABLE_BRANCHES,
  TABLE_DEPTH,
  TABLE_LEAVES,
  TABLE_OVERFLOWS,
  TABLE_ROOT,
  TABLE_ROWS,
} from "./lmdb-format.ts";
import { LmdbPages, LmdbTree, type TreeSummary } from "./lmdb-tree.ts";
import type { Table } from "./tables.ts";

/**
 * Fills empty tables of a store that nobody has open, by writing their trees as they will lie in
 * its file: rows come in order and each page is written once. A million rows of 300 bytes take
 * 0.6 s of CPU and 1.1 on the clock, where transactions that append take 2.3 and 5.1.
 *
 * The store is of no use until `finish`: this is for stores that are built aside.
 */
export class LmdbLoad {
  readonly #file: DiskFile;
  readonly #pages: LmdbPages;
  readonly #metaPlaces: readonly number[];
  readonly #catalogue: Uint8Array;
  readonly #cataloguePlace: number;
  readonly #trees = new Map<Table, LmdbTree>();

  /** `file`: the store's `data.mdb`, to be read and written. */
  constructor(file: DiskFile) {
    this.#file = file;
    const pageBytes = readMeta(file, 0).getUint32(META_PAGE_BYTES, IS_LITTLE);
    // The middle of page 0 has the same once more, for what is known to be on disk.
    const places = [0, pageBytes / 2, pageBytes];
    const transactions = places.map((place) => transactionOf(readMeta(file, place)));
    const transaction = Math.max(...transactions);
    this.#metaPlaces = places.filter((_, at) => transactions[at] === transaction);
    const meta = readMeta(file, this.#metaPlaces[0] ?? 0);
    const isStore =
      meta.getUint32(META_MAGIC, IS_LITTLE) === LMDB_MAGIC &&
      meta.getUint32(META_VERSION, IS_LITTLE) === LMDB_VERSION;
    if (!isStore) throw new BackendError(`${file.path} does not begin a store of this program`);
    this.#cataloguePlace = pageBytes * number64(meta, META_MAIN_TABLE + TABLE_ROOT);
    this.#catalogue = Uint8Array.from(file.read(this.#cataloguePlace, pageBytes));
    const kind = viewOf(this.#catalogue).getUint16(PAGE_KIND, IS_LITTLE) & KIND_MASK;
    invariant(kind === KIND_LEAF, "the list of tables is one page");
    const firstPage = 1 + number64(meta, META_LAST_PAGE);
    this.#pages = new LmdbPages(file, { pageBytes, firstPage, transaction });
  }

  /** The tree of a table that is empty. Several may be filled at the same time. */
  tree(table: Table): LmdbTree {
    let tree = this.#trees.get(table);
    if (tree === undefined) {
      const isEmpty = this.#tableOf(table).getBigUint64(TABLE_ROOT, IS_LITTLE) === NO_PAGE;
      invariant(isEmpty, () => `table ${table} is empty before it is loaded`);
      tree = new LmdbTree(this.#pages);
      this.#trees.set(table, tree);
    }
    return tree;
  }

  /** Writes what is left, durably. */
  finish(): void {
    for (const [table, tree] of this.#trees) {
      const summary = tree.finish();
      if (summary !== undefined) writeSummary(this.#tableOf(table), summary);
    }
    this.#pages.flush();
    this.#file.write(this.#catalogue, this.#cataloguePlace);
    for (const place of this.#metaPlaces) {
      const meta = readMeta(this.#file, place);
      meta.setBigUint64(META_LAST_PAGE, BigInt(this.#pages.nextPage - 1), IS_LITTLE);
      const bytes = new Uint8Array(meta.buffer, meta.byteOffset, META_BYTES);
      this.#file.write(bytes, place);
    }
    this.#file.datasyncNow();
  }

  /** What the list of tables says of one. */
  #tableOf(table: Table): DataView {
    const bytes = this.#catalogue;
    const view = viewOf(bytes);
    const name = new TextEncoder().encode(`${table}\0`);
    const count = view.getUint16(PAGE_LOWER, IS_LITTLE) / 2;
    for (let at = 0; at < count; at++) {
      const node = HEADER_BYTES + view.getUint16(HEADER_BYTES + 2 * at, IS_LITTLE);
      const keyStart = node + NODE_HEADER_BYTES;
      const valueStart = keyStart + view.getUint16(node + NODE_KEY_SIZE, IS_LITTLE);
      const isTable = (view.getUint16(node + NODE_FLAGS, IS_LITTLE) & NODE_IS_TABLE) !== 0;
      const isNamed = Buffer.compare(bytes.subarray(keyStart, valueStart), name) === 0;
      if (isTable && isNamed) return new DataView(bytes.buffer, valueStart, LMDB_TABLE_BYTES);
    }
    throw new BackendError(`${this.#file.path} has no table ${table}`);
  }
}

function readMeta(file: DiskFile, place: number): DataView {
  return viewOf(Uint8Array.from(file.read(place, META_BYTES)));
}

function transactionOf(meta: DataView): number {
  return number64(meta, META_TRANSACTION);
}

function number64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, IS_LITTLE));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeSummary(table: DataView, summary: TreeSummary): void {
  const { depth, branchPages, leafPages, overflowPages, rows, root } = summary;
  table.setUint16(TABLE_DEPTH, depth, IS_LITTLE);
  table.setBigUint64(TABLE_BRANCHES, BigInt(branchPages), IS_LITTLE);
  table.setBigUint64(TABLE_LEAVES, BigInt(leafPages), IS_LITTLE);
  table.setBigUint64(TABLE_OVERFLOWS, BigInt(overflowPages), IS_LITTLE);
  table.setBigUint64(TABLE_ROWS, BigInt(rows), IS_LITTLE);
  table.setBigUint64(TABLE_ROOT, BigInt(root), IS_LITTLE);
}
