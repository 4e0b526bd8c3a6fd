// SPDX-License-Identifier: Apache-2.0

import type { KeyIndex, Slice, SliceBudget } from "./key-index.ts";
import type { KvView } from "./kv-view.ts";

/** How the store looks at this moment. */
export interface ReaderHost {
  readonly currentRevision: number;
  readonly compactRevision: number;
}

export interface ReaderOptions {
  /** The state at this revision, which is not compacted when the reader is made. */
  readonly revision: number;
  readonly keysOnly: boolean;
  /**
   * Keeps the rows that the reader needs from being removed until it is closed. Without it, a
   * compaction behind the revision ends the reading.
   */
  readonly hold: (() => () => void) | undefined;
}

/**
 * Reads a range at one revision piece by piece, resuming by key, so that writes may go on in
 * between. It keeps no view of the store open.
 */
export class RangeReader {
  readonly revision: number;
  readonly #index: KeyIndex;
  readonly #host: ReaderHost;
  readonly #to: Uint8Array | undefined;
  readonly #keysOnly: boolean;
  readonly #release: (() => void) | undefined;
  #from: Uint8Array | undefined;

  constructor(
    index: KeyIndex,
    host: ReaderHost,
    range: { readonly from: Uint8Array; readonly to: Uint8Array | undefined },
    { revision, keysOnly, hold }: ReaderOptions,
  ) {
    this.revision = revision;
    this.#index = index;
    this.#host = host;
    this.#from = Uint8Array.prototype.slice.call(range.from);
    this.#to = range.to === undefined ? undefined : Uint8Array.prototype.slice.call(range.to);
    this.#keysOnly = keysOnly;
    this.#release = hold?.();
  }

  /** Whether everything has been read. */
  get done(): boolean {
    return this.#from === undefined;
  }

  /** The next pairs in key order, perhaps none; "compacted" when the revision is gone. */
  read(budget: SliceBudget): readonly KvView[] | "compacted" {
    return this.#slice(budget, false)?.kvs ?? "compacted";
  }

  /** How many pairs the next so many rows hold; "compacted" when the revision is gone. */
  count(rowsMax: number): number | "compacted" {
    const budget = { rows: rowsMax, pairs: rowsMax, bytes: Number.POSITIVE_INFINITY };
    return this.#slice(budget, true)?.count ?? "compacted";
  }

  /** Lets rows be removed again; nothing can be read any more. */
  close(): void {
    this.#from = undefined;
    this.#release?.();
  }

  #slice(budget: SliceBudget, countOnly: boolean): Slice | undefined {
    if (this.#from === undefined) return { kvs: [], count: 0, next: undefined };
    const { currentRevision, compactRevision } = this.#host;
    if (this.#release === undefined && this.revision < compactRevision) return undefined;
    const slice = this.#index.slice(
      { from: this.#from, to: this.#to },
      { revision: this.revision, isCurrent: this.revision === currentRevision },
      budget,
      { countOnly, keysOnly: this.#keysOnly },
    );
    this.#from = slice.next;
    return slice;
  }
}
