// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../base/invariant.ts";
import {
  type Boundary,
  boundaryRows,
  type Existence,
  indexRevisionRow,
  type LmdbLoad,
  type LmdbTree,
  TABLE_NUMBERS,
  TABLES,
  type Table,
} from "../core/backend/index.ts";
import type { ImportTarget } from "../core/mvcc/index.ts";
import { HEADER_BYTES } from "./run-records.ts";
import type { StagedRows } from "./staged-rows.ts";

const NONE = new Uint8Array(0);
/** Room for a large row at first; it grows to the largest. */
const ROW_BYTES = 64 * 1024;

/**
 * A store on its way into its file. Rows of `key` come in their order and go there at once; those
 * of all other tables come in any order, are staged, and follow in the order of keys (`finish`).
 */
export class ImportStore implements ImportTarget {
  readonly isBeingBuilt = true;
  indexRevision = 0;
  readonly #load: LmdbLoad;
  readonly #staged: StagedRows;
  readonly #revisions: LmdbTree;
  /** A row of `key` that is too large for a leaf. */
  #row = new Uint8Array(ROW_BYTES);
  #rowKey: Uint8Array = NONE;
  /** Whether the row of `key` that is open is written where it will lie. */
  #isInLeaf = false;

  constructor(load: LmdbLoad, staged: StagedRows) {
    this.#load = load;
    this.#revisions = load.tree("key");
    this.#staged = staged;
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    invariant(table !== "key", "revisions are not looked up while they come in");
    return this.#staged.get(TABLE_NUMBERS[table], key);
  }

  getCopy(table: Table, key: Uint8Array): Uint8Array | undefined {
    const lent = this.get(table, key);
    return lent === undefined ? undefined : Uint8Array.prototype.slice.call(lent);
  }

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    const at = this.beginPut(table, key, value.length);
    this.putBuffer.set(value, at);
    this.endPut(at + value.length);
  }

  beginPut(table: Table, key: Uint8Array, valueBytesMax: number): number {
    if (table !== "key") return this.#staged.begin(TABLE_NUMBERS[table], key, valueBytesMax);
    const at = this.#revisions.begin(key, 0, key.length, valueBytesMax);
    this.#isInLeaf = at >= 0;
    if (this.#isInLeaf) return at;
    if (valueBytesMax > this.#row.length) this.#row = new Uint8Array(2 * valueBytesMax);
    this.#rowKey = key;
    return 0;
  }

  beginFirst(
    table: Table,
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytesMax: number,
  ): number {
    invariant(table !== "key", "revisions are not looked up while they come in");
    return this.#staged.beginFirst(TABLE_NUMBERS[table], bytes, start, end, valueBytesMax);
  }

  get putBuffer(): Uint8Array {
    if (this.#staged.isOpen) return this.#staged.buffer;
    return this.#isInLeaf ? this.#revisions.leaf : this.#row;
  }

  endPut(valueEnd: number, _below?: Existence): void {
    if (this.#staged.isOpen) this.#staged.end(valueEnd);
    else if (this.#isInLeaf) this.#revisions.end(valueEnd);
    else this.#revisions.add(this.#rowKey, 0, this.#rowKey.length, this.#row, 0, valueEnd);
  }

  delete(table: Table, key: Uint8Array): void {
    this.#staged.delete(TABLE_NUMBERS[table], key);
  }

  /**
   * Puts what was staged where it belongs, `pause` being called after each row. The store is whole
   * and durable then, with the effects of all entries up to the boundary.
   */
  async finish(boundary: Boundary, pause: () => Promise<void> | undefined): Promise<void> {
    const state = [...boundaryRows(boundary), indexRevisionRow(this.indexRevision)];
    for (const { table, key, value } of state) this.put(table, key, value);
    for (const { table, records, bytes } of this.#staged.drain()) {
      const tree = this.#load.tree(TABLES[table] as Table);
      for (let at = 0; at < bytes; at = records.end(at)) {
        // A staged key begins with its table.
        const keyEnd = records.keyEnd(at);
        const keyStart = at + HEADER_BYTES + 1;
        tree.add(records.bytes, keyStart, keyEnd, records.bytes, keyEnd, records.valueEnd(at));
        const paused = pause();
        if (paused !== undefined) await paused;
      }
    }
    this.#load.finish();
  }

  // What it began with was nothing.
  lastKey(): undefined {
    return undefined;
  }

  committedRows(): number {
    return 0;
  }

  prepareScan(): never {
    return unordered();
  }

  scan(): never {
    return unordered();
  }

  count(): never {
    return unordered();
  }
}

function unordered(): never {
  invariant(false, "a store that is being built has no order");
}
