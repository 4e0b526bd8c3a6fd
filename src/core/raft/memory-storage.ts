// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { EntryDeque } from "./entry-deque.ts";
import type { StorageResult } from "./errors.ts";
import type { RaftStorage } from "./storage.ts";
import {
  type ConfState,
  EMPTY_CONF_STATE,
  EMPTY_HARD_STATE,
  type Entry,
  type HardState,
  NO_BYTES,
  type Snapshot,
} from "./types.ts";

const NO_SNAPSHOT: Snapshot = {
  data: NO_BYTES,
  metadata: { confState: EMPTY_CONF_STATE, index: 0, term: 0 },
};

/**
 * The stable log in memory: what a running member reads, while the same entries are on disk.
 * Appending and compacting cost nothing per entry that stays.
 */
export class MemoryStorage implements RaftStorage {
  #hardState: HardState = EMPTY_HARD_STATE;
  #snapshot: Snapshot = NO_SNAPSHOT;
  readonly #entries = new EntryDeque(1);
  /** The term of the position before the first entry. */
  #termBefore = 0;

  initialState(): { hardState: HardState; confState: ConfState } {
    return { hardState: this.#hardState, confState: this.#snapshot.metadata.confState };
  }

  setHardState(state: HardState): void {
    this.#hardState = state;
  }

  firstIndex(): number {
    return this.#entries.first;
  }

  lastIndex(): number {
    return this.#entries.end - 1;
  }

  term(index: number): StorageResult<number> {
    const before = this.#entries.first - 1;
    if (index < before) return "compacted";
    if (index === before) return this.#termBefore;
    if (index >= this.#entries.end) return "unavailable";
    return this.#entries.at(index).term;
  }

  entries(low: number, high: number, maxBytes: number): StorageResult<readonly Entry[]> {
    if (low < this.#entries.first) return "compacted";
    if (high > this.#entries.end) return "unavailable";
    return this.#entries.sliceWithin(low, high, maxBytes);
  }

  snapshot(): StorageResult<Snapshot> {
    return this.#snapshot;
  }

  /**
   * Appends entries; those that start inside the log replace its end from there on. Entries
   * that were compacted already are passed over. A gap is a broken invariant.
   */
  append(entries: readonly Entry[]): void {
    const from = entries[0]?.index;
    if (from === undefined) return;
    const log = this.#entries;
    invariant(from <= log.end, () => `missing log entry: next ${log.end}, append at ${from}`);
    const start = Math.max(from, log.first);
    if (from + entries.length <= start) return;
    if (start < log.end) log.truncateFrom(start);
    for (let i = start - from; i < entries.length; i++) {
      const entry = entries[i];
      if (entry !== undefined) log.push(entry);
    }
  }

  /** Discards the entries up to and including `index`, which must be in the log. */
  compact(index: number): StorageResult<undefined> {
    if (index < this.#entries.first) return "compacted";
    invariant(index < this.#entries.end, `compact ${index} is beyond the last entry`);
    this.#termBefore = this.#entries.at(index).term;
    this.#entries.dropBelow(index + 1);
    return undefined;
  }

  /** Replaces everything by a snapshot: the log goes on after it. */
  applySnapshot(snapshot: Snapshot): StorageResult<undefined> {
    const { index, term } = snapshot.metadata;
    if (this.#snapshot.metadata.index >= index) return "snapshot-out-of-date";
    this.#snapshot = snapshot;
    this.#termBefore = term;
    this.#entries.reset(index + 1);
    return undefined;
  }

  /** Makes a snapshot at `index`, a position of the log, and returns it. Nothing is discarded. */
  createSnapshot(
    index: number,
    confState: ConfState | undefined,
    data: Uint8Array,
  ): StorageResult<Snapshot> {
    const current = this.#snapshot.metadata;
    if (index <= current.index) return "snapshot-out-of-date";
    const term = this.term(index);
    invariant(typeof term === "number", `snapshot ${index} is outside the log`);
    const metadata = { confState: confState ?? current.confState, index, term };
    this.#snapshot = { data, metadata };
    return this.#snapshot;
  }

  /**
   * Sets the configuration that `initialState` answers, for a member whose configuration is kept
   * elsewhere than in its snapshot. Call it before the engine starts.
   */
  setConfState(confState: ConfState): void {
    this.#snapshot = {
      data: this.#snapshot.data,
      metadata: { ...this.#snapshot.metadata, confState },
    };
  }
}
