// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import type { Backend } from "../../core/backend/index.ts";
import type { ConfState, MemoryStorage } from "../../core/raft/index.ts";
import { SnapshotPolicy } from "../../core/replica/index.ts";
import type { Wal } from "../../core/wal/index.ts";

const CALLER = "replica/snapshot-work.ts";
/** Snapshots are not taken more often: a fast member passes the count many times a second. */
const SNAPSHOT_INTERVAL_MIN_MS = 1000;

/** Where in the log a snapshot stands, and who was a member there. */
export interface SnapshotPlace {
  readonly index: number;
  readonly term: number;
  readonly confState: ConfState;
  /** The members there, as a `.snap` file tells them. */
  readonly data: Uint8Array;
}

export interface SnapshotParts {
  readonly backend: Backend;
  readonly storage: MemoryStorage;
  readonly wal: Wal;
  /** Writes into the log between two batches and syncs it. */
  readonly record: (write: () => void) => Promise<void>;
  /** Writes the `.snap` file, durably. */
  readonly saveFile: (place: SnapshotPlace) => Promise<void>;
  /** Deletes databases that came for snapshots before the one at `index`. */
  readonly release: (index: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly confState: () => ConfState;
  /** The data of a snapshot that is taken now. */
  readonly membership: () => Uint8Array;
  /** Commits the store; false when it has failed. */
  readonly commit: () => Promise<boolean>;
  readonly failed: (error: unknown) => void;
}

/**
 * Records snapshots: commits the store, then writes the `.snap` file and the log's record of it,
 * and releases the log before it. The log is never released beyond what the store holds safely.
 */
export class SnapshotWork {
  readonly #parts: SnapshotParts;
  readonly #policy: SnapshotPolicy;
  #current: Promise<void> | undefined;

  constructor(parts: SnapshotParts, options: { snapshotCount: number; lastIndex: number }) {
    this.#parts = parts;
    this.#policy = new SnapshotPolicy({ ...options, intervalMinMs: SNAPSHOT_INTERVAL_MIN_MS });
  }

  /** Between turns: begins a snapshot if one is due. */
  check(appliedIndex: number): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (!this.#policy.isDue(appliedIndex, nowMs)) return;
    this.#policy.started(nowMs);
    this.#current = this.#take().catch(this.#parts.failed);
  }

  /** The last entry that a snapshot on disk stands for. */
  get lastIndex(): number {
    return this.#policy.lastIndex;
  }

  /** Whether a snapshot is being recorded: its file may be there and its record not. */
  get isRunning(): boolean {
    return this.#policy.isRunning;
  }

  /** Resolves when no snapshot is being written. */
  async settle(): Promise<void> {
    await this.#current;
  }

  async #take(): Promise<void> {
    const { backend, storage, wal, logger } = this.#parts;
    // Taken together: entries go on being applied meanwhile, and may change the members.
    const { consistentIndex: index, term } = backend.boundary;
    const confState = this.#parts.confState();
    const data = this.#parts.membership();
    if (!(await this.#parts.commit())) return;
    if (index <= this.#policy.lastIndex || storage.lastIndex() < index) {
      this.#policy.finished(this.#policy.lastIndex);
      return;
    }
    await this.#parts.saveFile({ index, term, confState, data });
    await this.#parts.record(() => wal.saveSnapshot(index, term, confState));
    wal.releaseTo(index);
    this.#parts.release(index);
    this.#policy.finished(index);
    logger.log("info", CALLER, "saved snapshot to disk", { "snapshot-index": index });
  }
}
