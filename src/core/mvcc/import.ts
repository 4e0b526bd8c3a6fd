// SPDX-License-Identifier: Apache-2.0

import type { RowStore } from "../backend/index.ts";
import { Arena } from "./arena.ts";
import { KeyIndex } from "./key-index.ts";
import { isTombstone, mainOf, subOf } from "./revision.ts";
import { RowWriter } from "./row-writer.ts";
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

  constructor(backend: ImportTarget, keyPartBytes?: number) {
    this.#backend = backend;
    const arena = new Arena();
    const index = new KeyIndex(backend, new Rows(backend, arena), arena, keyPartBytes);
    this.#writer = new RowWriter(backend, index);
  }

  /** Adds one row; `key` is the revision, `value` the encoded KeyValue. */
  add(key: Uint8Array, value: Uint8Array): void {
    const main = mainOf(key, 0);
    this.#writer.take(main, subOf(key, 0), isTombstone(0, key.length), value);
    this.#backend.indexRevision = main;
  }
}
