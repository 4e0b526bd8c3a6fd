// SPDX-License-Identifier: Apache-2.0

import type { KeyIndex, PairSink, Slice, SliceBudget } from "./key-index.ts";
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

  /** Gives the next pairs to a sink, and tells how many; "compacted" when the revision is gone. */
  readInto(budget: SliceBudget, sink: PairSink): number | "compacted" {
    if (this.#from === undefined) return 0;
    if (this.#isGone) return "compacted";
    const range = { from: this.#from, to: this.#to };
    const { pairs, next } = this.#index.sink(range, this.#state, budget, sink);
    this.#from = next;
    return pairs;
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
    if (this.#isGone) return undefined;
    const range = { from: this.#from, to: this.#to };
    const content = { countOnly, keysOnly: this.#keysOnly };
    const slice = this.#index.slice(range, this.#state, budget, content);
    this.#from = slice.next;
    return slice;
  }

  get #isGone(): boolean {
    return this.#release === undefined && this.revision < this.#host.compactRevision;
  }

  get #state(): { readonly revision: number; readonly isCurrent: boolean } {
    const { revision } = this;
    return { revision, isCurrent: revision === this.#host.currentRevision };
  }
}
