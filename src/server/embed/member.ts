// SPDX-License-Identifier: Apache-2.0

import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { invariant } from "../../base/invariant.ts";
import { leastVersion } from "../../core/apply/index.ts";
import type { Backend, StorageVersion } from "../../core/backend/index.ts";
import type { StoredEvent } from "../../core/mvcc/index.ts";
import { EntryType } from "../../core/raft/index.ts";
import type { MemberState } from "../bootstrap/member-state.ts";
import type { ServerConfig } from "../config/index.ts";
import { type CompactionObserver, CompactionWork } from "../replica/compaction-work.ts";
import { LogWriter } from "../replica/log-writer.ts";
import { ReplicaLoop } from "../replica/loop.ts";
import { NoSpaceAlarm } from "../replica/no-space-alarm.ts";
import { type SnapshotParts, SnapshotWork } from "../replica/snapshot-work.ts";
import { StoreWriter } from "../replica/store-writer.ts";
import type { Engines } from "./engines.ts";
import { decideClusterVersion, publishAttributes } from "./publish.ts";

const CALLER = "embed/member.ts";

/** Durations of disk work and compactions, for metrics. */
export interface DiskObserver {
  readonly compaction: CompactionObserver;
  wrote(bytes: number, durationMs: number): void;
  synced(durationMs: number): void;
  committed(durationMs: number): void;
}

export interface MemberParts {
  readonly config: ServerConfig;
  readonly state: MemberState;
  readonly backend: Backend;
  readonly engines: Engines;
  /** Writes a `.snap` file, and deletes what came for older ones. */
  readonly snapshotFiles: Pick<SnapshotParts, "membership" | "saveFile" | "release">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: DiskObserver;
  /** The member cannot go on. Called once. */
  readonly failed: (error: Error) => void;
}

/** The engines of one member with the work around them: log, store, compaction, snapshots. */
export class Member {
  readonly loop: ReplicaLoop;
  readonly noSpace: NoSpaceAlarm;
  readonly #parts: MemberParts;
  readonly #log: LogWriter;
  readonly #store: StoreWriter;
  readonly #compaction: CompactionWork;
  readonly #snapshots: SnapshotWork;
  #isFailed = false;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    const { config, state, backend, engines, clock, logger, observer } = parts;
    const { replica, store, leases, requestIds } = engines;
    const failed = (error: unknown): void => this.#fail(error);
    this.loop = new ReplicaLoop(
      { replica, store, leases, requestIds, clock, logger },
      {
        ...state.identity,
        tickMs: config.heartbeatIntervalMs,
        slowApplyMs: config.warningApplyDurationMs,
        requestBytesMax: config.maxRequestBytes,
      },
    );
    const { alarms } = engines;
    this.noSpace = new NoSpaceAlarm({ replica: this.loop, alarms, logger });
    this.#log = new LogWriter({
      wal: state.wal,
      clock,
      observer,
      reads: () => store.counters.ranges,
      done: (append) => replica.persisted(append.entries, append.responses),
      wake: () => this.loop.wake(),
      failed,
    });
    const afterCommit = (): void => this.loop.wake();
    this.#store = new StoreWriter({ backend, clock, observer, failed, afterCommit });
    const commit = (): Promise<boolean> => this.#store.commit();
    const isStoreFull = (): boolean => backend.isFull;
    this.#compaction = new CompactionWork({
      clock,
      observer: observer.compaction,
      store,
      requests: () => replica.appliedIndex + store.counters.ranges,
      pause: (ms) => sleep(ms),
      isStoreFull,
      commit,
    });
    this.#snapshots = new SnapshotWork(
      {
        backend,
        storage: state.storage,
        wal: state.wal,
        ...parts.snapshotFiles,
        clock,
        logger,
        confState: () => this.loop.confState,
        record: (write) => this.#log.record(write),
        commit,
        failed,
      },
      { snapshotCount: config.snapshotCount, lastIndex: state.snapshotIndex },
    );
  }

  /**
   * Begins to work. `events` gets what was applied, before the answers to it; `turned` is called
   * after each turn.
   */
  start(events: (events: readonly StoredEvent[]) => void, turned: () => void): void {
    this.loop.start({
      log: this.#log,
      // There is no other member to send to.
      send: () => {},
      events,
      turned: () => {
        this.#store.check();
        if (this.loop.store.isCompacting) this.#compaction.wake();
        this.#snapshots.check(this.#parts.engines.replica.appliedIndex);
        turned();
      },
      whenCompacted: (done) => this.#compaction.whenDone(done),
      overQuota: () => this.noSpace.raise(),
    });
    this.#compaction.wake();
  }

  /** Whether a snapshot is being recorded. */
  get isSnapshotting(): boolean {
    return this.#snapshots.isRunning;
  }

  /** Brings to disk what is applied. Rejects when the store has failed. */
  async commitStore(): Promise<void> {
    if (!(await this.#store.commit())) throw new Error("the store has failed");
  }

  /** The oldest etcd that understands the entries behind the last snapshot. */
  leastVersion(): StorageVersion {
    const { storage } = this.#parts.state;
    const low = Math.max(this.#snapshots.lastIndex + 1, storage.firstIndex());
    const entries = storage.entries(low, storage.lastIndex() + 1, Number.MAX_SAFE_INTEGER);
    invariant(typeof entries !== "string", "entries behind the last snapshot are in memory");
    const normal = entries.filter(({ type }) => type === EntryType.normal);
    return leastVersion(normal.map(({ data }) => data));
  }

  /** Leads, publishes itself and settles the cluster version. */
  async join(): Promise<void> {
    const { config, state, logger } = this.#parts;
    await this.loop.whenLeading();
    const clientUrls = config.advertiseClientUrls.map((url) => url.text);
    await publishAttributes(this.loop, state.membership, config.name, clientUrls);
    logger.log("info", CALLER, "published local member to cluster through raft", {
      "local-member-id": state.identity.memberId.toString(16),
      "local-member-attributes": `{Name:${config.name} ClientURLs:[${clientUrls.join(" ")}]}`,
      "cluster-id": state.identity.clusterId.toString(16),
    });
    await decideClusterVersion(this.loop, state.membership);
  }

  /** Stops working; what was answered is on disk already. Log and store may be closed then. */
  async stop(): Promise<void> {
    this.loop.stop();
    this.#compaction.stop();
    await this.#log.settle();
    await this.#snapshots.settle();
    if (this.#isFailed) this.#store.abandon();
    else await this.#store.close();
  }

  #fail(error: unknown): void {
    if (this.#isFailed) return;
    this.#isFailed = true;
    this.loop.stop();
    this.#compaction.stop();
    this.#parts.failed(error instanceof Error ? error : new Error(String(error)));
  }
}
