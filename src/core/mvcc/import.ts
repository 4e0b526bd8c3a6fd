// SPDX-License-Identifier: Apache-2.0

import type { RowStore } from "../backend/index.ts";
import { Arena } from "./arena.ts";
import { KeyIndex } from "./key-index.ts";
import { KvView } from "./kv-view.ts";
import { PlainPair } from "./plain-pair.ts";
import { isTombstone, mainOf, subOf } from "./revision.ts";
import { INLINE_BYTES_MAX, RowWriter } from "./row-writer.ts";
import { Rows } from "./rows.ts";

/** Where rows go: a backend, or what becomes one. */
export interface ImportTarget extends RowStore {
  indexRevision: number;
}

/**
 * Takes over rows of etcd's bucket `key`, as a snapshot has them, into an empty backend, building
 * the index. Rows come in key order; the caller commits whenever the backend wants it. Open a
 * `MvccStore` on the backend only afterwards.
 */
export class KeyRowImporter {
  readonly #backend: ImportTarget;
  readonly #writer: RowWriter;
  readonly #plain = new PlainPair(INLINE_BYTES_MAX);

  constructor(backend: ImportTarget, keyPartBytes?: number) {
    this.#backend = backend;
    const arena = new Arena();
    const index = new KeyIndex(backend, new Rows(backend, arena), arena, keyPartBytes);
    this.#writer = new RowWriter(backend, index);
  }

  /** Adds one row; `key` is the revision, `value` the encoded KeyValue. */
  add(key: Uint8Array, value: Uint8Array): void {
    this.#take(key, 0, key.length, value, 0, value.length);
  }

  /** The same for a row that lies in one piece: revision from `start`, pair from `pairStart`. */
  addFrom(bytes: Uint8Array, start: number, pairStart: number, end: number): void {
    this.#take(bytes, start, pairStart, bytes, pairStart, end);
  }

  #take(
    row: Uint8Array,
    rowStart: number,
    rowEnd: number,
    pair: Uint8Array,
    start: number,
    end: number,
  ): void {
    const main = mainOf(row, rowStart);
    const sub = subOf(row, rowStart);
    const tombstone = isTombstone(rowStart, rowEnd);
    this.#backend.indexRevision = main;
    const plain = this.#plain;
    if (!tombstone && plain.read(pair, start, end)) {
      if (this.#writer.takeFirst(main, sub, plain, pair, start, end)) return;
    }
    this.#writer.take(main, sub, tombstone, new KvView(pair, start, end));
  }
}
