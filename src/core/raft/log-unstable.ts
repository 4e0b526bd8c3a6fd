// SPDX-License-Identifier: Apache-2.0

import { EntryDeque } from "./entry-deque.ts";
import type { RaftLogger } from "./logger.ts";
import { type Entry, NO_ENTRIES, type Snapshot } from "./types.ts";

/** A position and the term of the entry there: what two logs are compared by. */
export interface EntryId {
  readonly term: number;
  readonly index: number;
}

/**
 * The end of the log that storage may not have yet, and a snapshot on its way into storage.
 *
 * Entries start at `offset`, which may lie inside the stable log: then they replace its end.
 * Those in [offset, offsetInProgress) were handed out for writing; their acknowledgement has not
 * come back.
 *
 * Invariants: offset <= offsetInProgress <= offset + length; with a snapshot, entries come after
 * it, and none of them is in progress before the snapshot is.
 */
export class UnstableLog {
  readonly #entries: EntryDeque;
  #offsetInProgress: number;
  #snapshot: Snapshot | undefined = undefined;
  #snapshotInProgress = false;
  readonly #logger: RaftLogger;

  constructor(offset: number, logger: RaftLogger) {
    this.#entries = new EntryDeque(offset);
    this.#offsetInProgress = offset;
    this.#logger = logger;
  }

  get offset(): number {
    return this.#entries.first;
  }

  get offsetInProgress(): number {
    return this.#offsetInProgress;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The snapshot not yet in storage, whether or not it was handed out. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** The first index of the whole log, when the snapshot decides it. */
  firstIndex(): number | undefined {
    return this.#snapshot === undefined ? undefined : this.#snapshot.metadata.index + 1;
  }

  /** The last index of the whole log, when this part decides it. */
  lastIndex(): number | undefined {
    if (this.#entries.length > 0) return this.#entries.end - 1;
    return this.#snapshot?.metadata.index;
  }

  /** The term at `index`, when this part knows it. */
  term(index: number): number | undefined {
    if (index < this.#entries.first) {
      const metadata = this.#snapshot?.metadata;
      return metadata?.index === index ? metadata.term : undefined;
    }
    return index < this.#entries.end ? this.#entries.at(index).term : undefined;
  }

  /** Entries that wait to be handed out for writing. */
  nextEntries(): readonly Entry[] {
    if (!this.hasNextEntries()) return NO_ENTRIES;
    return this.#entries.slice(this.#offsetInProgress, this.#entries.end);
  }

  hasNextEntries(): boolean {
    return this.#entries.end > this.#offsetInProgress;
  }

  /** The snapshot, when it waits to be handed out. */
  nextSnapshot(): Snapshot | undefined {
    return this.#snapshotInProgress ? undefined : this.#snapshot;
  }

  /** Everything here was handed out. */
  acceptInProgress(): void {
    this.#offsetInProgress = this.#entries.end;
    if (this.#snapshot !== undefined) this.#snapshotInProgress = true;
  }

  /**
   * Storage has the log up to `id`. The notice is stale, and ignored, when the entry there was
   * replaced or acknowledged since; the same position may be written more than once.
   */
  stableTo(id: EntryId): void {
    const term = this.term(id.index);
    if (term === undefined) {
      this.#logger.info(`entry at index ${id.index} missing from unstable log; ignoring`);
    } else if (id.index < this.#entries.first) {
      this.#logger.info(`entry at index ${id.index} matched unstable snapshot; ignoring`);
    } else if (term !== id.term) {
      const wanted = `(${id.index},${id.term})`;
      const found = `(${id.index},${term})`;
      this.#logger.info(
        `entry at (index,term)=${wanted} mismatched with entry at ${found} ` +
          "in unstable log; ignoring",
      );
    } else {
      this.#entries.dropBelow(id.index + 1);
      this.#offsetInProgress = Math.max(this.#offsetInProgress, this.#entries.first);
    }
  }

  stableSnapshotTo(index: number): void {
    if (this.#snapshot?.metadata.index !== index) return;
    this.#snapshot = undefined;
    this.#snapshotInProgress = false;
  }

  /** The log is now the snapshot and nothing else. */
  restore(snapshot: Snapshot): void {
    this.#entries.reset(snapshot.metadata.index + 1);
    this.#offsetInProgress = this.#entries.first;
    this.#snapshot = snapshot;
    this.#snapshotInProgress = false;
  }

  /** Appends one entry at the end: the leader's way, which never conflicts. */
  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Appends entries, replacing what is at and after the first one's index. */
  truncateAndAppend(entries: readonly Entry[]): void {
    const from = entries[0]?.index;
    if (from === undefined) return;
    if (from <= this.#entries.first) {
      if (from !== this.#entries.end) {
        this.#logger.info(`replace the unstable entries from index ${from}`);
      }
      this.#entries.reset(from);
      this.#offsetInProgress = from;
    } else if (from < this.#entries.end) {
      this.#logger.info(`truncate the unstable entries before index ${from}`);
      this.#entries.truncateFrom(from);
      this.#offsetInProgress = Math.min(this.#offsetInProgress, from);
    }
    for (const entry of entries) this.#entries.push(entry);
  }

  /** The entries in [low, high), which must lie in this part, within the limit, at least one. */
  slice(low: number, high: number, maxBytes: number): readonly Entry[] {
    return this.#entries.sliceWithin(low, high, maxBytes);
  }
}
