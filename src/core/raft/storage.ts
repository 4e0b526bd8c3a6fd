// SPDX-License-Identifier: Apache-2.0

import { entrySize } from "./codec.ts";
import type { StorageResult } from "./errors.ts";
import type { ConfState, Entry, HardState, Snapshot } from "./types.ts";

/**
 * The stable part of the log, as the engine reads it. Every call answers at once, from memory.
 *
 * The engine never writes here: what a `Ready` asks to be stored, the shell makes durable and
 * then shows through this contract. In synchronous mode that has happened before `advance`; in
 * asynchronous mode before the responses of the storage message are stepped. An implementation
 * may show entries earlier than that, since the engine relies on them only afterwards.
 *
 * Positions form one run: [firstIndex, lastIndex]. The position before it, firstIndex - 1, has
 * no entry any more but still a term, which is what consistency checks need.
 */
export interface RaftStorage {
  /** The state at the last start; the empty states when there was none. */
  initialState(): { readonly hardState: HardState; readonly confState: ConfState };
  /**
   * The entries in [low, high), cut so that their encoded sizes stay within `maxBytes`, but at
   * least one. Low below the first index is `compacted`, high beyond the last `unavailable`.
   */
  entries(low: number, high: number, maxBytes: number): StorageResult<readonly Entry[]>;
  /** The term of a position in [firstIndex - 1, lastIndex]. */
  term(index: number): StorageResult<number>;
  lastIndex(): number;
  firstIndex(): number;
  /** The newest snapshot; one of index 0 when there is none. */
  snapshot(): StorageResult<Snapshot>;
}

/** The sum of the encoded sizes. */
export function entriesSize(entries: readonly Entry[]): number {
  let size = 0;
  for (const entry of entries) size += entrySize(entry);
  return size;
}

/** The sum of the sizes of the data: what quotas on proposals count. */
export function payloadSize(entries: readonly Entry[]): number {
  let size = 0;
  for (const entry of entries) size += entry.data.length;
  return size;
}
