// SPDX-License-Identifier: Apache-2.0

import type { RowStore } from "../backend/index.ts";
import { Arena } from "./arena.ts";
import { KeyIndex } from "./key-index.ts";
import { KvView } from "./kv-view.ts";
import { PlainPair } from "./plain-pair.ts";
import { isTombstone as isTombstoneKey, mainOf, subOf } from "./revision.ts";
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
    const revision = {
      main: mainOf(key, 0),
      sub: subOf(key, 0),
      isTombstone: isTombstoneKey(0, key.length),
    };
    this.addPair(revision, value, 0, value.length);
  }

  /** The same for a revision that was read already, and its pair in bytes [start, end). */
  addPair(
    { main, sub, isTombstone }: RowRevision,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#backend.indexRevision = main;
    const plain = this.#plain;
    if (!isTombstone && plain.read(bytes, start, end)) {
      if (this.#writer.takeFirst(main, sub, plain, bytes, start, end)) return;
    }
    this.#writer.take(main, sub, isTombstone, new KvView(bytes, start, end));
  }
}

/** What a row's key tells. */
interface RowRevision {
  readonly main: number;
  readonly sub: number;
  readonly isTombstone: boolean;
}
