// SPDX-License-Identifier: Apache-2.0

import type { Disk, DiskFile } from "../../base/contracts/disk.ts";
import { invariant } from "../../base/invariant.ts";
import {
  type ConfState,
  EMPTY_HARD_STATE,
  type Entry,
  type HardState,
  isEmptyHardState,
} from "../raft/index.ts";
import { RecordEncoder } from "./encoder.ts";
import { FIX_FAILED, WalError } from "./errors.ts";
import { SEGMENT_BYTES, type SegmentName, type SnapshotMark, segmentName } from "./format.ts";
import { collectRepairing, openEnd } from "./opening.ts";
import type { WalRepair } from "./repair.ts";
import { type PreparedSegment, SegmentPreparer } from "./segment-preparer.ts";
import { listSegments } from "./segments.ts";

/** Zeros written ahead of the records in a segment that was not prepared, in one go. */
const FILL_AHEAD_BYTES = 256 << 10;

export interface WalOptions {
  /** Size at which a segment is cut, in bytes. */
  readonly segmentBytes?: number;
}

export interface WalOpenOptions extends WalOptions {
  /** Entries up to here have had their effects: a log without them is refused, not repaired. */
  readonly heldIndex?: number;
}

export interface OpenedWal {
  readonly wal: Wal;
  readonly metadata: Uint8Array;
  readonly hardState: HardState;
  /** The log after the snapshot, without holes; entries beyond `hardState.commit` included. */
  readonly entries: readonly Entry[];
  /** What was cut off because a crash had torn it. */
  readonly repaired: WalRepair | undefined;
}

export interface AppendResult {
  /** Entries, term or vote are new: they count only after a sync. */
  readonly mustSync: boolean;
  readonly bytes: number;
}

interface WalState {
  readonly metadata: Uint8Array;
  readonly hardState: HardState;
  readonly lastIndex: number;
  readonly segments: readonly SegmentName[];
  readonly file: DiskFile;
  readonly offset: number;
  readonly crc: number;
}

const NOTHING_APPENDED: AppendResult = { mustSync: false, bytes: 0 };

/**
 * The log, open for appending. `append` and `saveSnapshot` write to the system's cache, `sync`
 * makes durable what was written before it was called. A failed write or sync leaves the log
 * unusable: every later call throws the same cause, since nobody can know what is on the disk.
 */
export class Wal {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #metadata: Uint8Array;
  readonly #encoder: RecordEncoder;
  readonly #preparer: SegmentPreparer;
  /** All segments on disk, oldest first; the last one is written to. */
  readonly #segments: SegmentName[];
  #hardState: HardState;
  #lastIndex: number;
  #file: DiskFile;
  #offset: number;
  /** Up to here the file's blocks exist, so that overwriting them syncs fast. */
  #filledBytes: number;
  /** The first segment that must be kept; older ones may be purged. */
  #heldSequence: number;
  /**
   * A removal may not be on disk yet, one of an earlier run included. The next one waits for it:
   * a crash that undoes the older of two would leave a hole between the segments.
   */
  #owesDirectorySync = true;
  #cutting: Promise<void> | undefined;
  #syncsInFlight = 0;
  #failure: WalError | undefined;

  private constructor(disk: Disk, directory: string, state: WalState, options: WalOptions) {
    this.#disk = disk;
    this.#directory = directory;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    this.#metadata = state.metadata;
    this.#hardState = state.hardState;
    this.#lastIndex = state.lastIndex;
    this.#segments = [...listSegments(disk, directory)];
    this.#heldSequence = state.segments[0]?.sequence ?? 0;
    this.#file = state.file;
    this.#offset = state.offset;
    this.#filledBytes = state.offset;
    this.#encoder = new RecordEncoder(state.crc);
    this.#preparer = new SegmentPreparer(disk, directory, this.#segmentBytes);
  }

  /** Whether the directory holds a log. */
  static exists(disk: Disk, directory: string): boolean {
    return listSegments(disk, directory).length > 0;
  }

  /**
   * Makes a new log in `directory`, whose parent must exist. It is built under another name and
   * renamed, so that a crash leaves a whole log or none. Durable when this returns.
   */
  static create(
    disk: Disk,
    directory: string,
    metadata: Uint8Array,
    options: WalOptions = {},
  ): Wal {
    if (Wal.exists(disk, directory)) {
      const text = {
        problem: "there is a log already",
        fix: "open it, or choose another directory",
      };
      throw new WalError("exists", { file: directory }, text);
    }
    const temporary = `${directory}.tmp`;
    disk.removeTree(temporary);
    disk.makeDirectory(temporary, 0o700);
    const name = segmentName(0, 0);
    const encoder = new RecordEncoder(0);
    encoder.crc();
    encoder.metadata(metadata);
    encoder.snapshot(0, 0, undefined);
    const made = disk.open(`${temporary}/${name}`, "create", 0o600);
    try {
      made.truncate(options.segmentBytes ?? SEGMENT_BYTES);
      made.write(encoder.view(), 0);
      made.datasyncNow();
    } finally {
      made.close();
    }
    disk.syncDirectory(temporary);
    disk.rename(temporary, directory);
    disk.syncDirectory(parentOf(directory));
    const segments = [{ name, sequence: 0, index: 0 }];
    const file = disk.open(`${directory}/${name}`, "write");
    const state = {
      metadata: new Uint8Array(metadata),
      hardState: EMPTY_HARD_STATE,
      lastIndex: 0,
      segments,
    };
    const end = { file, offset: encoder.length, crc: encoder.chain };
    return new Wal(disk, directory, { ...state, ...end }, options);
  }

  /**
   * Opens the log after the snapshot `start`, which must have a record in it; index 0, term 0 is
   * its beginning. A torn last record is cut off, once, unless something committed goes with it.
   * Throws a `WalError` for that and for anything else that is not as it was written.
   */
  static open(
    disk: Disk,
    directory: string,
    start: SnapshotMark,
    options: WalOpenOptions = {},
  ): OpenedWal {
    const { heldIndex = 0 } = options;
    const { log, end, repaired } = collectRepairing(disk, directory, start, heldIndex);
    const { hardState, entries, lastIndex, metadata } = log;
    if (metadata === undefined) {
      const text = { problem: "no segment holds metadata", fix: "check the data directory" };
      throw new WalError("inconsistent", { file: directory }, text);
    }
    const file = openEnd(disk, directory, end, options.segmentBytes ?? SEGMENT_BYTES);
    const state = { metadata, hardState, lastIndex, file, ...end };
    const wal = new Wal(disk, directory, state, options);
    if (end.offset === 0) wal.#beginSegment();
    return { wal, metadata, hardState, entries, repaired };
  }

  /**
   * Writes entries, then the hard state unless it is absent or empty. Entries may replace earlier
   * ones from their first index on. Nothing is kept of the arguments. Throws when the disk fails.
   */
  append(hardState: HardState | undefined, entries: readonly Entry[]): AppendResult {
    this.#assertUsable();
    const isStateNew = hardState !== undefined && !isEmptyHardState(hardState);
    if (!isStateNew && entries.length === 0) return NOTHING_APPENDED;
    const encoder = this.#encoder;
    encoder.reset();
    for (const entry of entries) encoder.entry(entry);
    const last = entries.at(-1);
    if (last !== undefined) this.#lastIndex = last.index;
    let mustSync = entries.length > 0;
    if (isStateNew) {
      encoder.state(hardState);
      const { term, vote } = this.#hardState;
      mustSync ||= hardState.term !== term || hardState.vote !== vote;
      this.#hardState = hardState;
    }
    this.#writeBatch();
    return { mustSync, bytes: encoder.length };
  }

  /** Records that a snapshot file exists and is durable. Counts after the next sync. */
  saveSnapshot(index: number, term: number, confState: ConfState): void {
    this.#assertUsable();
    this.#encoder.reset();
    this.#encoder.snapshot(index, term, confState);
    if (index > this.#lastIndex) this.#lastIndex = index;
    this.#writeBatch();
  }

  /**
   * Makes durable what was written before this call, and cuts the segment when it is full.
   * Several may be in flight.
   */
  async sync(): Promise<void> {
    this.#assertUsable();
    this.#syncsInFlight++;
    try {
      while (this.#cutting !== undefined) await this.#cutting;
      this.#assertUsable();
      if (this.#offset >= this.#segmentBytes) await this.#cutAside();
      else await this.#file.datasync();
      this.#assertUsable();
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#syncsInFlight--;
    }
  }

  /** The same, blocking. Not while a `sync` is in flight. */
  syncNow(): void {
    this.#assertUsable();
    invariant(this.#syncsInFlight === 0, "syncNow while a sync is in flight");
    try {
      if (this.#offset >= this.#segmentBytes) this.#cutNow();
      else this.#file.datasyncNow();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * A snapshot at `index` is durable: segments that lie wholly before it are no longer needed.
   * Kept are the last segment whose first index is below `index`, and all later ones.
   */
  releaseTo(index: number): void {
    const keep = this.#segments.findLast((segment) => segment.index < index);
    if (keep !== undefined && keep.sequence > this.#heldSequence)
      this.#heldSequence = keep.sequence;
  }

  /**
   * Deletes the oldest released segments while there are more than `countMax` in all, blocking; a
   * `countMax` of 0 keeps everything. Answers with the names of the deleted ones.
   */
  purge(countMax: number): string[] {
    const removed: string[] = [];
    for (;;) {
      const oldest = this.#purgeable(countMax);
      if (oldest === undefined) return removed;
      if (this.#owesDirectorySync) this.#disk.syncDirectory(this.#directory);
      this.#disk.removeFile(`${this.#directory}/${oldest.name}`);
      this.#owesDirectorySync = true;
      this.#segments.shift();
      removed.push(oldest.name);
    }
  }

  /** The same beside the caller, one segment at most; not while another one is being deleted. */
  async purgeAside(countMax: number): Promise<string[]> {
    const oldest = this.#purgeable(countMax);
    if (oldest === undefined) return [];
    if (this.#owesDirectorySync) await this.#disk.syncDirectoryAside(this.#directory);
    this.#owesDirectorySync = true;
    await this.#disk.removeFileAside(`${this.#directory}/${oldest.name}`);
    this.#segments.shift();
    return [oldest.name];
  }

  /** The oldest segment, when there are more than `countMax` and it is released. */
  #purgeable(countMax: number): SegmentName | undefined {
    const [oldest] = this.#segments;
    const isSurplus = countMax > 0 && this.#segments.length > countMax;
    if (!isSurplus || oldest === undefined) return undefined;
    return oldest.sequence < this.#heldSequence ? oldest : undefined;
  }

  /** Syncs what was written, unless the log has failed, and closes. Not while a sync runs. */
  close(): void {
    if (this.#failure?.cause === CLOSED) return;
    try {
      if (this.#failure === undefined) this.syncNow();
    } finally {
      this.#failure = this.#unusable("it is closed", CLOSED);
      this.#preparer.discard();
      this.#file.close();
    }
  }

  #writeBatch(): void {
    const batch = this.#encoder.view();
    try {
      this.#file.write(batch, this.#offset);
    } catch (error) {
      throw this.#fail(error);
    }
    this.#offset += batch.length;
    if (this.#offset > this.#filledBytes) this.#fillAhead();
    this.#preparer.advance(this.#offset);
  }

  /** Gives the coming records blocks of zeros, in a segment that nobody prepared. */
  #fillAhead(): void {
    const end = Math.min(this.#offset + FILL_AHEAD_BYTES, this.#segmentBytes);
    this.#filledBytes = Math.max(end, this.#offset);
    if (end <= this.#offset) return;
    try {
      this.#file.write(ZEROS.subarray(0, end - this.#offset), this.#offset);
    } catch {
      // Only the speed of later syncs is lost. If the disk is full, the next record says so.
      this.#filledBytes = Number.MAX_SAFE_INTEGER;
    }
  }

  async #cutAside(): Promise<void> {
    let finish: () => void = () => {};
    this.#cutting = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      await this.#preparer.hold();
      this.#assertUsable();
      const { old, next, path } = this.#switchSegment();
      await Promise.all([old.datasync(), next.datasync()]);
      this.#assertUsable();
      this.#disk.rename(path, this.#lastPath());
      await this.#disk.syncDirectoryAside(this.#directory);
      old.close();
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#cutting = undefined;
      finish();
    }
  }

  #cutNow(): void {
    // A file that is being filled this moment cannot be waited for here: start without it.
    if (this.#preparer.isBusy) this.#preparer.discard();
    const { old, next, path } = this.#switchSegment();
    old.datasyncNow();
    next.datasyncNow();
    this.#disk.rename(path, this.#lastPath());
    this.#disk.syncDirectory(this.#directory);
    old.close();
  }

  /**
   * Ends the current segment at its used length and begins the next one, still under its
   * temporary name. Records that arrive from now on go there; they cannot be acknowledged
   * before the rename, because their sync waits for it.
   */
  #switchSegment(): { old: DiskFile; next: DiskFile; path: string } {
    const old = this.#file;
    old.truncate(this.#offset);
    const { file: next, path, filledBytes }: PreparedSegment = this.#preparer.take();
    const sequence = (this.#segments.at(-1)?.sequence ?? -1) + 1;
    const index = this.#lastIndex + 1;
    this.#segments.push({ name: segmentName(sequence, index), sequence, index });
    this.#file = next;
    this.#filledBytes = filledBytes;
    this.#beginSegment();
    return { old, next, path };
  }

  /** Writes what every segment but the first opens with. */
  #beginSegment(): void {
    const encoder = this.#encoder;
    encoder.reset();
    encoder.crc();
    encoder.metadata(this.#metadata);
    if (!isEmptyHardState(this.#hardState)) encoder.state(this.#hardState);
    this.#file.write(encoder.view(), 0);
    this.#offset = encoder.length;
    this.#filledBytes = Math.max(this.#filledBytes, encoder.length);
  }

  #lastPath(): string {
    return `${this.#directory}/${this.#segments.at(-1)?.name}`;
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Remembers the first failure and gives the error that every later call gets too. */
  #fail(error: unknown): WalError {
    this.#failure ??= this.#unusable("a write or a sync failed", error);
    return this.#failure;
  }

  #unusable(problem: string, cause: unknown): WalError {
    const text = { problem: `${problem}: ${String(cause)}`, fix: FIX_FAILED };
    return new WalError("unusable", { file: this.#lastPath() }, text, { cause });
  }
}

const ZEROS = new Uint8Array(FILL_AHEAD_BYTES);
const CLOSED = "closed";

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
