// SPDX-License-Identifier: Apache-2.0

import { etcdValueEnd, type RowStore } from "../backend/index.ts";
import type { Arena } from "./arena.ts";
import { Mark, readTrailer } from "./head.ts";
import { KvView } from "./kv-view.ts";
import { REVISION_BYTES, TOMBSTONE_BYTES, writeRevision } from "./revision.ts";

/** Rows of the table `key`, by revision. */
export class Rows {
  readonly #backend: RowStore;
  readonly #arena: Arena;
  readonly #plainKey = new Uint8Array(REVISION_BYTES);
  readonly #tombstoneKey = new Uint8Array(TOMBSTONE_BYTES);
  readonly #previous = new Mark();
  readonly #jump = new Mark();

  constructor(backend: RowStore, arena: Arena) {
    this.#backend = backend;
    this.#arena = arena;
  }

  /** A row as it lies in the store, lent; undefined when it was compacted away. */
  lent(main: number, sub: number): Uint8Array | undefined {
    return this.#row(main, sub, false);
  }

  /** A copy of a row's KeyValue; undefined when the row was compacted away. */
  view(main: number, sub: number): KvView | undefined {
    const row = this.#row(main, sub, false);
    if (row === undefined) return undefined;
    const end = etcdValueEnd(row, 0, row.length);
    const start = this.#arena.copy(row, 0, end);
    return new KvView(this.#arena.buffer, start, start + end);
  }

  /**
   * Follows a key's history from `mark`, which is above `revision`, to its newest row that is
   * not. Leaves it in `mark`, which is cleared when there is none.
   */
  walkBack(mark: Mark, revision: number): void {
    while (mark.isSet && mark.main > revision) {
      const row = this.#row(mark.main, mark.sub, mark.tombstone);
      if (row === undefined) {
        mark.clear();
        return;
      }
      readTrailer(row, row.length, this.#previous, this.#jump);
      const far = this.#jump.isSet && this.#jump.main > revision;
      mark.copy(far ? this.#jump : this.#previous);
    }
  }

  #row(main: number, sub: number, tombstone: boolean): Uint8Array | undefined {
    const key = tombstone ? this.#tombstoneKey : this.#plainKey;
    writeRevision(key, main, sub, tombstone);
    return this.#backend.get("key", key);
  }
}
