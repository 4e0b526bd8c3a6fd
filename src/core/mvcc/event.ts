// SPDX-License-Identifier: Apache-2.0

import { KvView } from "./kv-view.ts";

/** One change of one key, as the store wrote it. Bytes are never written again. */
export interface StoredEvent {
  readonly kind: "put" | "delete";
  readonly key: Uint8Array;
  /**
   * Encoded `mvccpb.KeyValue` as the event carries it: the stored pair for a put, only key and
   * mod_revision for a delete.
   */
  readonly kv: Uint8Array;
  /** The revision of the whole change. */
  readonly main: number;
  /** The position inside the change. */
  readonly sub: number;
  /** The revision that made the key; equal to `main` for a new key, 0 for a delete. */
  readonly createRevision: number;
  /** Writes since the key was made; 0 for a delete. */
  readonly version: number;
  /** Bytes of `kv`. */
  readonly size: number;
}

abstract class RowEvent implements StoredEvent {
  abstract readonly kind: "put" | "delete";
  readonly main: number;
  readonly sub: number;
  readonly #view: KvView;

  constructor(buffer: Uint8Array, start: number, end: number, main: number, sub: number) {
    this.#view = new KvView(buffer, start, end);
    this.main = main;
    this.sub = sub;
  }

  get key(): Uint8Array {
    return this.#view.key;
  }

  get kv(): Uint8Array {
    return this.#view.bytes;
  }

  get createRevision(): number {
    return this.#view.createRevision;
  }

  get version(): number {
    return this.#view.version;
  }

  get size(): number {
    return this.#view.end - this.#view.start;
  }
}

export class PutEvent extends RowEvent {
  readonly kind = "put";
}

export class TombstoneEvent extends RowEvent {
  readonly kind = "delete";
}
