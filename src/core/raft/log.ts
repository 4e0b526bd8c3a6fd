// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { isRefusal, type StorageResult } from "./errors.ts";
import { type EntryId, UnstableLog } from "./log-unstable.ts";
import type { RaftLogger } from "./logger.ts";
import { entriesSize, type RaftStorage } from "./storage.ts";
import { type Entry, NO_ENTRIES, type Snapshot } from "./types.ts";

export type { EntryId } from "./log-unstable.ts";

export interface RaftLogConfig {
  readonly storage: RaftStorage;
  readonly logger: RaftLogger;
  /** Encoded bytes that may be handed out for applying and not be acknowledged yet. */
  readonly maxApplyingBytes: number;
}

/**
 * The whole log: what storage has, and after it (or over its end) what it does not have yet.
 *
 * Invariants: applied <= applying <= committed < firstIndex + length. Positions up to
 * `committed` never change; those up to `applying` were handed out for applying.
 */
export class RaftLog {
  readonly unstable: UnstableLog;
  readonly #storage: RaftStorage;
  readonly #logger: RaftLogger;
  readonly #maxApplyingBytes: number;
  #committed: number;
  #applying: number;
  #applied: number;
  #applyingBytes = 0;
  /** Nothing more is handed out for applying until some of it is acknowledged. */
  #applyingPaused = false;

  constructor(config: RaftLogConfig) {
    this.#storage = config.storage;
    this.#logger = config.logger;
    this.#maxApplyingBytes = config.maxApplyingBytes;
    this.unstable = new UnstableLog(this.#storage.lastIndex() + 1, this.#logger);
    const before = this.#storage.firstIndex() - 1;
    this.#committed = before;
    this.#applying = before;
    this.#applied = before;
  }

  get committed(): number {
    return this.#committed;
  }

  get applied(): number {
    return this.#applied;
  }

  get applying(): number {
    return this.#applying;
  }

  firstIndex(): number {
    return this.unstable.firstIndex() ?? this.#storage.firstIndex();
  }

  lastIndex(): number {
    return this.unstable.lastIndex() ?? this.#storage.lastIndex();
  }

  /** The term at a position from the one before the first entry to the last one. */
  term(index: number): StorageResult<number> {
    const unstable = this.unstable.term(index);
    if (unstable !== undefined) return unstable;
    // The position before the first entry has a term: a snapshot or a compaction left it.
    if (index + 1 < this.firstIndex()) return "compacted";
    if (index > this.lastIndex()) return "unavailable";
    return this.#storage.term(index);
  }

  /** The term at `index`, or 0 where the log has none. */
  termOrZero(index: number): number {
    const term = this.term(index);
    return typeof term === "number" ? term : 0;
  }

  lastId(): EntryId {
    const index = this.lastIndex();
    const term = this.term(index);
    invariant(typeof term === "number", () => `no term at the last index ${index}`);
    return { term, index };
  }

  matches(id: EntryId): boolean {
    return this.term(id.index) === id.term;
  }

  /** Whether a log that ends with `theirs` has everything that may be committed here. */
  isUpToDate(theirs: EntryId): boolean {
    const ours = this.lastId();
    if (theirs.term !== ours.term) return theirs.term > ours.term;
    return theirs.index >= ours.index;
  }

  /**
   * A follower's append: when `before` matches, entries that conflict are replaced, missing ones
   * appended, and the commit index follows the leader's. Returns the last index known to equal
   * the leader's log, or undefined when `before` does not match.
   */
  maybeAppend(before: EntryId, entries: readonly Entry[], commit: number): number | undefined {
    if (!this.matches(before)) return undefined;
    const lastNew = before.index + entries.length;
    const conflict = this.#findConflict(entries);
    if (conflict !== undefined) {
      invariant(
        conflict > this.#committed,
        () => `entry ${conflict} conflict with committed entry [committed(${this.#committed})]`,
      );
      this.append(entries.slice(conflict - before.index - 1));
    }
    this.commitTo(Math.min(commit, lastNew));
    return lastNew;
  }

  /** The index of the first entry that the log does not have like that. */
  #findConflict(entries: readonly Entry[]): number | undefined {
    for (const entry of entries) {
      if (this.matches(entry)) continue;
      if (entry.index <= this.lastIndex()) {
        this.#logger.info(
          `found conflict at index ${entry.index} [existing term: ` +
            `${this.termOrZero(entry.index)}, conflicting term: ${entry.term}]`,
        );
      }
      return entry.index;
    }
    return undefined;
  }

  /**
   * The largest position up to `index` whose term is at most `term`: in a log that differs, no
   * later position can match. The term is 0 when it is not known.
   */
  findConflictByTerm(index: number, term: number): EntryId {
    for (let at = index; at > 0; at--) {
      const ours = this.term(at);
      if (isRefusal(ours)) return { index: at, term: 0 };
      if (ours <= term) return { index: at, term: ours };
    }
    return { index: 0, term: 0 };
  }

  /** Appends entries, replacing uncommitted ones from the first one's index on. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    invariant(
      first.index > this.#committed,
      () => `append at ${first.index} is out of range [committed(${this.#committed})]`,
    );
    this.unstable.truncateAndAppend(entries);
  }

  /** The commit index never decreases. */
  commitTo(index: number): void {
    if (index <= this.#committed) return;
    invariant(
      index <= this.lastIndex(),
      () =>
        `commit ${index} is out of range [lastIndex(${this.lastIndex()})]: the log lost entries`,
    );
    this.#committed = index;
  }

  /** Commits up to `id` if that moves the index and the entry there has that term. */
  maybeCommit(id: EntryId): boolean {
    if (id.term === 0 || id.index <= this.#committed || !this.matches(id)) return false;
    this.commitTo(id.index);
    return true;
  }

  /** Everything up to `index` was applied; `bytes` of what was handed out are done. */
  appliedTo(index: number, bytes: number): void {
    invariant(
      index <= this.#committed && index >= this.#applied,
      () => `applied ${index} is out of range [${this.#applied}, ${this.#committed}]`,
    );
    this.#applied = index;
    this.#applying = Math.max(this.#applying, index);
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyingPaused = this.#applyingBytes >= this.#maxApplyingBytes;
  }

  /** Everything up to `index`, of so many bytes, was handed out for applying. */
  acceptApplying(index: number, bytes: number, allowUnstable: boolean): void {
    invariant(index <= this.#committed, () => `applying ${index} is not committed`);
    this.#applying = index;
    this.#applyingBytes += bytes;
    // An entry left out for its size keeps the later ones back too, even if they would fit:
    // they have to come in order.
    this.#applyingPaused =
      this.#applyingBytes >= this.#maxApplyingBytes || index < this.#appliableTo(allowUnstable);
  }

  /** The last position that may be applied. Unstable ones only if the caller stores them first. */
  #appliableTo(allowUnstable: boolean): number {
    return allowUnstable ? this.#committed : Math.min(this.#committed, this.unstable.offset - 1);
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    if (this.#applyingPaused || this.unstable.snapshot !== undefined) return false;
    return this.#applying < this.#appliableTo(allowUnstable);
  }

  /** Committed entries to hand out for applying, within the limit of bytes, at least one. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return NO_ENTRIES;
    const room = this.#maxApplyingBytes - this.#applyingBytes;
    invariant(room > 0, "applying is not paused though its limit is reached");
    const entries = this.slice(this.#applying + 1, this.#appliableTo(allowUnstable) + 1, room);
    invariant(!isRefusal(entries), () => `committed entries are gone: ${String(entries)}`);
    return entries;
  }

  /** A snapshot decides the log's start and is not in storage yet. */
  hasPendingSnapshot(): boolean {
    return this.unstable.snapshot !== undefined;
  }

  /** Everything new was handed out to be stored. */
  acceptUnstable(): void {
    this.unstable.acceptInProgress();
  }

  snapshot(): StorageResult<Snapshot> {
    return this.unstable.snapshot ?? this.#storage.snapshot();
  }

  /** The log is now the snapshot, which is committed. It counts as applied once it is stored. */
  restore(snapshot: Snapshot): void {
    const { index, term } = snapshot.metadata;
    this.#logger.info(
      `log [${this.describe()}] starts to restore snapshot [index: ${index}, term: ${term}]`,
    );
    this.#committed = index;
    this.unstable.restore(snapshot);
  }

  /** Entries from `low` to the end, within the limit. */
  entriesFrom(low: number, maxBytes: number): StorageResult<readonly Entry[]> {
    const last = this.lastIndex();
    return low > last ? [] : this.slice(low, last + 1, maxBytes);
  }

  /** The entries in [low, high), cut to `maxBytes`, at least one. */
  slice(low: number, high: number, maxBytes: number): StorageResult<readonly Entry[]> {
    invariant(
      low <= high && high <= this.lastIndex() + 1,
      () => `slice [${low}, ${high}) is beyond`,
    );
    if (low < this.firstIndex()) return "compacted";
    if (low === high) return [];
    const offset = this.unstable.offset;
    if (low >= offset) return this.unstable.slice(low, high, maxBytes);
    const cut = Math.min(high, offset);
    const stable = this.#storage.entries(low, cut, maxBytes);
    if (isRefusal(stable)) {
      invariant(stable === "compacted", `entries [${low}, ${cut}) are ${stable} in storage`);
      return stable;
    }
    if (high <= offset || stable.length < cut - low) return stable;
    return this.#continueUnstable(stable, offset, high, maxBytes);
  }

  /** Adds unstable entries to stable ones as long as the sum stays within the limit. */
  #continueUnstable(
    stable: readonly Entry[],
    offset: number,
    high: number,
    maxBytes: number,
  ): readonly Entry[] {
    const room = maxBytes === Number.POSITIVE_INFINITY ? maxBytes : maxBytes - entriesSize(stable);
    if (room <= 0) return stable;
    const unstable = this.unstable.slice(offset, high, room);
    // The limit lets the first entry pass at any size, but here it is not the first.
    if (unstable.length === 1 && entriesSize(unstable) > room) return stable;
    return stable.concat(unstable);
  }

  describe(): string {
    const unstable = this.unstable;
    return (
      `committed=${this.#committed}, applied=${this.#applied}, applying=${this.#applying}, ` +
      `unstable.offset=${unstable.offset}, ` +
      `unstable.offsetInProgress=${unstable.offsetInProgress}, ` +
      `len(unstable.Entries)=${unstable.length}`
    );
  }
}
