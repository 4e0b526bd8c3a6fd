// SPDX-License-Identifier: Apache-2.0

import type { Table } from "./tables.ts";

/**
 * Called per row of a scan, in key order. Key and value lie in buffers that are only lent: they
 * are overwritten when the visitor returns or calls the backend. Returning `false` ends the scan.
 */
export type RowVisitor = (
  keyBuffer: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueBuffer: Uint8Array,
  valueStart: number,
  valueEnd: number,
) => boolean;

/** What is known about a key below the write buffer when it is written. */
export type Existence = "unknown" | "absent" | "present";

/** The last log entry whose effects a state holds. */
export interface Boundary {
  readonly consistentIndex: number;
  readonly term: number;
}

/**
 * A state that was committed, while newer ones are written. Space that is freed meanwhile cannot
 * be used again before the view is closed, so it is to be closed soon.
 */
export interface PinnedView {
  /** The rows with `from` <= key < `to`, as `Backend.scan` gives them. */
  scan(table: Table, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): void;
  close(): void;
}

/**
 * The live store: sorted tables of byte strings. Reads and writes are synchronous and see every
 * write made before; what is written reaches the disk by `commit`, which the shell calls.
 * Keys are 1 to `KEY_BYTES_MAX` bytes. Bytes passed in are copied.
 */
export interface Backend {
  /** The value of a key, lent until the next call of the backend; copy it to keep it. */
  get(table: Table, key: Uint8Array): Uint8Array | undefined;
  /** A copy of the value that belongs to the caller. */
  getCopy(table: Table, key: Uint8Array): Uint8Array | undefined;
  /** The rows with `from` <= key < `to` (to the end when undefined). */
  scan(table: Table, from: Uint8Array, to: Uint8Array | undefined, visit: RowVisitor): void;
  /**
   * Does some of what the next scan of a table would have to do before its first row: puts no more
   * than so many uncommitted keys into order. True when nothing of that is left.
   */
  prepareScan(table: Table, keysMax: number): boolean;
  /** All rows in order, as etcd has them; the arguments are copies that belong to the callee. */
  forEach(table: Table, visit: (key: Uint8Array, value: Uint8Array) => void): void;
  /** How many rows `scan` would visit; far cheaper than visiting them. */
  count(table: Table, from: Uint8Array, to: Uint8Array | undefined): number;
  /** How many rows of a table are committed; costs nothing. */
  committedRows(table: Table): number;
  /** A copy of the greatest key. */
  lastKey(table: Table): Uint8Array | undefined;
  put(table: Table, key: Uint8Array, value: Uint8Array, below?: Existence): void;
  /**
   * Begins a put whose value the caller writes straight into `putBuffer`, from the returned
   * position on and no more than `valueBytesMax`; `endPut` tells where it ends. Nothing else may
   * be written in between; reading may overwrite what was lent before, but not `putBuffer`. The
   * bytes stay as they are written for as long as somebody holds them.
   */
  beginPut(table: Table, key: Uint8Array, valueBytesMax: number): number;
  readonly putBuffer: Uint8Array;
  endPut(valueEnd: number, below: Existence): void;
  delete(table: Table, key: Uint8Array, below?: Existence): void;

  /** Marks the end of an entry: `meta/consistent_index` and `meta/term` go with what precedes. */
  setConsistentIndex(index: number, term: number): void;
  /** The boundary that the reads see. */
  readonly boundary: Boundary;
  /** The boundary that is safe on disk, whatever happens. */
  readonly durable: Boundary;

  /**
   * The last revision whose rows the index tables reflect, as their owner says. The index goes to
   * disk less often than the rows, so that a key that is written many times costs one row there.
   * After a crash `indexRevision` is that of its last write; the tables may hold more than that,
   * but never more than the rows do, and their owner makes up what is missing.
   */
  indexRevision: number;
  /** The same for what is safe on disk. */
  readonly durableIndexRevision: number;
  /** Has the next commit bring the index up to date on disk; `wantsCommit` is true until then. */
  wantIndex(): void;

  /**
   * Operations and bytes written since the last commit began, the index left aside; a wish for
   * the index counts as one.
   */
  readonly pendingOperations: number;
  readonly pendingBytes: number;
  /** Whether enough has gathered that the shell should commit without waiting for its interval. */
  readonly wantsCommit: boolean;
  /**
   * Whether so much waits for the disk that the shell must apply nothing more until a commit has
   * resolved. The backend still takes what it is given: an entry is never refused half way.
   */
  readonly isFull: boolean;
  /**
   * Writes everything up to now to disk, durably, as one transaction; to be called between
   * entries. Commits are done one after another; what is waiting is joined into one. Rejects with
   * a `BackendError` when the disk fails; the member must then stop.
   */
  commit(): Promise<Boundary>;

  /** What is committed at this moment, rows of etcd's tables all of one boundary. */
  pin(): PinnedView;

  /**
   * Gives free space of the file back to the disk. Reads and writes go on meanwhile; the space for
   * a second copy of the rows is needed as long as it takes. Calls are done one after another;
   * what is waiting is joined into one. Rejects with a `DefragmentError` when everything is left
   * as it was.
   */
  defragment(): Promise<void>;

  /** Bytes of the file, and of it those that hold rows. */
  sizeBytes(): number;
  sizeInUseBytes(): number;
  /**
   * What the file held in rows after the last commit, and what waits for the disk: an estimate of
   * `sizeInUseBytes` after the next one that costs nothing. Index rows count once they are on disk.
   */
  readonly usedBytes: number;
  /**
   * Releases everything. What is not committed is lost; when nothing is, the index is brought up
   * to date on disk first.
   */
  close(): Promise<void>;
}

/** The part of a backend that keeps rows by key. */
export interface RowStore
  extends Pick<
    Backend,
    | "get"
    | "getCopy"
    | "scan"
    | "prepareScan"
    | "count"
    | "committedRows"
    | "lastKey"
    | "put"
    | "beginPut"
    | "putBuffer"
    | "endPut"
    | "delete"
  > {
  /** Rows are put and looked up, but there is no order yet in which they could be visited. */
  readonly isBeingBuilt?: boolean;
  /**
   * Begins a put as `beginPut` does, of a key that lies in bytes [start, end), unless there has
   * been a row of it; gives -1 then. Only a store that is being built can tell that cheaply.
   */
  beginFirst?(
    table: Table,
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytesMax: number,
  ): number;
}

export interface BackendOptions {
  /** In place of `INDEX_OPERATIONS`. */
  readonly indexOperations?: number;
  /** In place of `DEFRAGMENT_SPARE_BYTES`. */
  readonly defragmentSpareBytes?: number;
}

/** No key of a table may be longer; LMDB with pages of 4 kB takes no more. */
export const KEY_BYTES_MAX = 1978;

/** From so many operations on `wantsCommit` is true, as etcd's batch limit has it. */
export const COMMIT_OPERATIONS = 10_000;
/** The same for bytes. */
export const COMMIT_BYTES = 16 * 1024 * 1024;
/** A commit takes the index along when it has gathered so many operations. */
export const INDEX_OPERATIONS = 65_536;
/** The same for bytes. */
export const INDEX_BYTES = 64 * 1024 * 1024;
/** How often the shell commits when neither limit is reached, in milliseconds. */
export const COMMIT_INTERVAL_MS = 100;
/** From so many bytes in memory on, waiting or on their way to the disk, `isFull` is true. */
export const BUFFER_BYTES_MAX = 256 * 1024 * 1024;

/** A defragmentation leaves so much of the disk free: room for the next segment of the log. */
export const DEFRAGMENT_SPARE_BYTES = 80 * 1024 * 1024;

/** The store on disk failed or holds what it must not. */
export class BackendError extends Error {
  override readonly name: string = "BackendError";
}

/** A defragmentation that could not be done; the store is in use as it was. */
export class DefragmentError extends BackendError {
  override readonly name = "DefragmentError";
}

/** The disk has no room for what opening a store makes; nothing was made. */
export class StoreSpaceError extends BackendError {
  override readonly name = "StoreSpaceError";
}

/** The store was written by a version of this program that lays its rows out differently. */
export class LayoutError extends BackendError {
  override readonly name = "LayoutError";
}
