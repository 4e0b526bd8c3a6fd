// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../base/crc32c.ts";
import type { PinnedView } from "./backend.ts";
import { ETCD_TABLES, type EtcdTable, etcdValueEnd } from "./tables.ts";

/** Rows of `meta` that differ between members, or between two moments without a write. */
const IGNORED_META: ReadonlySet<string> = new Set(["consistent_index", "term", "storageVersion"]);

/**
 * The hash of everything that etcd stores: CRC-32C over the name of each bucket, then key and value
 * of each of its rows (formats-snapshot-hash F.6). Computed in steps over one committed state.
 */
export class WholeHash {
  readonly #view: PinnedView;
  #table = 0;
  #from: Uint8Array = new Uint8Array(0);
  #hash = 0;
  #isTableBegun = false;

  constructor(view: PinnedView) {
    this.#view = view;
  }

  /** Works on about so many rows; the hash when it is done, which also closes the view. */
  step(rowsMax: number): number | undefined {
    const table = ETCD_TABLES[this.#table];
    if (table === undefined) {
      this.close();
      return this.#hash;
    }
    if (!this.#isTableBegun) this.#hash = crc32c(new TextEncoder().encode(table), this.#hash);
    this.#isTableBegun = true;
    if (this.#scan(table, rowsMax)) {
      this.#table++;
      this.#isTableBegun = false;
      this.#from = new Uint8Array(0);
    }
    return undefined;
  }

  close(): void {
    this.#view.close();
  }

  /** True at the table's end. */
  #scan(table: EtcdTable, rowsMax: number): boolean {
    let rows = 0;
    let ended = true;
    this.#view.scan(table, this.#from, undefined, (keys, keyStart, keyEnd, values, start, end) => {
      const key = keys.subarray(keyStart, keyEnd);
      if (rows === rowsMax) {
        this.#from = Uint8Array.prototype.slice.call(key);
        ended = false;
        return false;
      }
      rows++;
      if (table === "meta" && IGNORED_META.has(new TextDecoder().decode(key))) return true;
      const valueEnd = table === "key" ? etcdValueEnd(values, start, end) : end;
      this.#hash = crc32c(values, crc32c(key, this.#hash), start, valueEnd);
      return true;
    });
    return ended;
  }
}
