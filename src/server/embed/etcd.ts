// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import type { Disk } from "../../base/contracts/disk.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import type { Random } from "../../base/contracts/random.ts";
import { errorText } from "../../base/error-text.ts";
import { unreachable } from "../../base/invariant.ts";
import { type Backend, openLmdbBackend } from "../../core/backend/index.ts";
import { Wal, type WalOptions } from "../../core/wal/index.ts";
import { lockMemberDirectory } from "../../platform/data-directory-lock.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import { osRandom } from "../../platform/os-random.ts";
import { systemClock } from "../../platform/system-clock.ts";
import { checkStore } from "../bootstrap/check-store.ts";
import {
  type DataPaths,
  dataPaths,
  prepareDataDir,
  prepareStore,
  storeError,
} from "../bootstrap/data-dir.ts";
import {
  foundMember,
  type MemberState,
  reopenMember,
  requireServed,
} from "../bootstrap/member-state.ts";
import { takeOverGoDirectory } from "../bootstrap/takeover/index.ts";
import type { AutoCompactionConfig, MemberUrl, ServerConfig } from "../config/index.ts";
import { SpaceCheck } from "../grpc/index.ts";
import { createHttpServer } from "../http/index.ts";
import { AutoCompaction } from "../jobs/auto-compaction.ts";
import {
  type CompactionSchedule,
  PeriodicSchedule,
  RevisionSchedule,
} from "../jobs/compaction-schedule.ts";
import { FilePurge } from "../jobs/file-purge.ts";
import { LeaderMonitor } from "../jobs/leader-monitor.ts";
import { LeaseExpiry } from "../jobs/lease-expiry.ts";
import { StorageVersionMonitor } from "../jobs/storage-version.ts";
import { type Listener, listen } from "../net/index.ts";
import { EventLoopDelay, MetricRegistry } from "../observe/index.ts";
import { alarmLog, collectAlarms } from "./alarm-observer.ts";
import { Cleanup } from "./cleanup.ts";
import { ConnectionGate } from "./connection-gate.ts";
import { applyTimes, maintenanceTimes, rangeTimes, requestTimes } from "./duration-metrics.ts";
import { buildEndpoint, type ClientEndpoint } from "./endpoint.ts";
import { buildEngines } from "./engines.ts";
import { storeExporter } from "./export-store.ts";
import { foundingMembers } from "./founding.ts";
import { MemberHealth } from "./health.ts";
import { Member } from "./member.ts";
import { collectMetrics, diskMetrics, leaseMetrics } from "./metrics.ts";
import { logQuota } from "./quota-log.ts";
import { purgeSources, snapshotFiles } from "./snapshot-files.ts";
import { StorageView } from "./storage-view.ts";
import { streamMetrics } from "./stream-metrics.ts";

const CALLER = "embed/etcd.ts";
/** How long a stop waits for calls in flight before it cuts them off. */
const DRAIN_TIMEOUT_MS = 5000;

/** The real world, or what a test puts in its place. */
export interface Outside {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  /** Sizes of the log, which tests make small. */
  readonly wal?: WalOptions;
}

/** A running member. */
export interface RunningEtcd {
  /** Where clients reach it, with the real ports. */
  readonly clientUrls: readonly string[];
  readonly peerUrls: readonly string[];
  /** Finishes what is in flight, closes everything and frees the ports. */
  stop(): Promise<void>;
  /** Resolves with the error when the member cannot go on; it has stopped answering by then. */
  readonly failed: Promise<Error>;
}

/**
 * Starts a member: takes the ports and the data directory, opens the store and the log, joins
 * raft, and resolves when it serves clients. Rejects with the cause when any of that fails, having
 * given back whatever was taken.
 */
export async function startEtcd(
  config: ServerConfig,
  logger: Logger,
  outside: Outside = { disk: new NodeDisk(), clock: systemClock, random: osRandom },
): Promise<RunningEtcd> {
  const start = new Start(config, logger, outside);
  try {
    return await start.run();
  } catch (error) {
    await start.undo();
    throw error;
  }
}

function compactionSchedule(config: AutoCompactionConfig): CompactionSchedule | undefined {
  switch (config.mode) {
    case "off":
      return undefined;
    case "periodic":
      return new PeriodicSchedule(config.periodMs);
    case "revision":
      return new RevisionSchedule(config.retention);
    default:
      return unreachable(config);
  }
}

/** The steps of a start, in order. Each adds what undoes it to the cleanup. */
class Start {
  readonly #cleanup = new Cleanup();
  readonly #config: ServerConfig;
  readonly #logger: Logger;
  readonly #outside: Outside;
  readonly #failure = Promise.withResolvers<Error>();
  readonly #listeners: Listener[] = [];

  constructor(config: ServerConfig, logger: Logger, outside: Outside) {
    this.#config = config;
    this.#logger = logger;
    this.#outside = outside;
  }

  async run(): Promise<RunningEtcd> {
    const config = this.#config;
    const clientGate = new ConnectionGate();
    const peerListeners = await this.#listen(config.listenPeerUrls, new ConnectionGate());
    const clientListeners = await this.#listen(config.listenClientUrls, clientGate);
    const paths = dataPaths(config.dataDir, config.walDir);
    prepareDataDir(this.#outside.disk, paths, this.#logger);
    const lock = await lockMemberDirectory({
      memberDirectory: paths.member,
      walDirectory: paths.wal,
    });
    this.#cleanup.add(() => lock.release());
    if (lock.warning !== undefined) {
      this.#logger.log("warn", CALLER, "data directory is not locked", { warning: lock.warning });
    }
    await takeOverGoDirectory(this.#outside.disk, paths, {
      clock: this.#outside.clock,
      logger: this.#logger,
    });
    prepareStore(this.#outside.disk, paths, this.#logger);
    checkStore(this.#outside.disk, paths);
    const backend = await this.#openBackend(paths);
    const state = await this.#openState(paths, backend);
    this.#cleanup.add(() => state.wal.close());
    const { member, endpoint } = this.#wire(paths, backend, state);
    await Promise.race([
      member.join(),
      this.#failure.promise.then((error) => Promise.reject(error)),
    ]);
    this.#startJobs(member, endpoint);
    this.#startPurge(paths, state, member);
    clientGate.open((socket) => endpoint.accept(socket));
    this.#logger.log("info", CALLER, "ready to serve client requests");
    return {
      clientUrls: clientListeners.map((listener) => listener.url),
      peerUrls: peerListeners.map((listener) => listener.url),
      stop: () => this.#stop(endpoint),
      failed: this.#failure.promise,
    };
  }

  async #listen(urls: readonly MemberUrl[], gate: ConnectionGate): Promise<Listener[]> {
    const listeners: Listener[] = [];
    for (const url of urls) {
      const listener = await listen({ url: url.text, onSocket: (socket) => gate.accept(socket) });
      this.#cleanup.add(() => listener.close());
      listeners.push(listener);
    }
    this.#listeners.push(...listeners);
    return listeners;
  }

  async #openBackend(paths: DataPaths): Promise<Backend> {
    const backend = await openLmdbBackend(paths.store).catch((cause: unknown) => {
      throw storeError(paths, cause);
    });
    this.#cleanup.add(() => backend.close());
    return backend;
  }

  async #openState(paths: DataPaths, backend: Backend): Promise<MemberState> {
    const { disk, wal = {} } = this.#outside;
    if (Wal.exists(disk, paths.wal)) {
      const state = reopenMember(disk, paths, backend, this.#logger, wal);
      requireServed(paths, state);
      return state;
    }
    const config = this.#config;
    const members = await foundingMembers(config);
    const options = { members, name: config.name, token: config.initialClusterToken, wal };
    return foundMember(disk, paths, backend, options);
  }

  #wire(
    paths: DataPaths,
    backend: Backend,
    state: MemberState,
  ): { member: Member; endpoint: ClientEndpoint } {
    const config = this.#config;
    const { clock, random } = this.#outside;
    const logger = this.#logger;
    const metrics = new MetricRegistry();
    const leases = leaseMetrics(metrics);
    const observer = {
      leaseGranted: leases.granted,
      alarmChanged: alarmLog(logger),
      applied: applyTimes(metrics),
    };
    const engines = buildEngines(config, state, backend, this.#outside, observer);
    const { alarms, quota } = engines;
    logQuota(logger, quota.bytes, config.quotaBackendBytes);
    collectAlarms(metrics, alarms);
    const member = new Member({
      config,
      state,
      backend,
      engines,
      snapshotFiles: snapshotFiles(this.#outside.disk, paths.snap, state),
      clock,
      logger,
      observer: diskMetrics(metrics),
      failed: (error) => this.#fail(error, endpoint),
    });
    const storage = new StorageView(backend, quota.bytes, { clock, logger });
    const { loop } = member;
    const { membership } = state;
    const source = new MemberHealth(loop, membership, storage, alarms);
    const http1 = createHttpServer({ source, metrics, logger });
    const endpoint = buildEndpoint(
      {
        config,
        loop,
        membership,
        storage,
        alarms,
        space: new SpaceCheck(quota, member.noSpace),
        requestTimes: requestTimes(metrics),
        maintenanceTimes: maintenanceTimes(metrics),
        rangeTimes: rangeTimes(metrics),
        streams: streamMetrics(metrics, clock),
        exportStore: storeExporter(paths, member),
        clock,
        random,
        logger,
      },
      http1,
    );
    const { hub, grpc } = endpoint;
    const loopDelay = new EventLoopDelay(clock);
    this.#cleanup.add(() => loopDelay.stop());
    loopDelay.collect(metrics);
    collectMetrics(metrics, { config, state, engines, backend, storage, hub, grpc, clock });
    this.#cleanup.add(() => member.stop());
    this.#cleanup.add(() => endpoint.close());
    this.#run(member, endpoint, { state, backend, expired: leases.expired });
    return { member, endpoint };
  }

  /** Lets the member work, with the jobs that see its turns. */
  #run(
    member: Member,
    endpoint: ClientEndpoint,
    parts: {
      readonly state: MemberState;
      readonly backend: Backend;
      readonly expired: () => void;
    },
  ): void {
    const { clock } = this.#outside;
    const logger = this.#logger;
    const { state, backend, expired } = parts;
    const expiry = new LeaseExpiry({ replica: member.loop, clock, logger, revoked: expired });
    this.#cleanup.add(() => expiry.stop());
    const storageVersion = new StorageVersionMonitor({
      backend,
      clusterVersion: () => state.membership.clusterVersion,
      leastVersion: () => member.leastVersion(),
      logger,
    });
    this.#cleanup.add(() => storageVersion.stop());
    member.start(
      (events) => endpoint.fanout.onApplied(events),
      () => {
        storageVersion.onTurn();
        endpoint.keepAlive.onTurn();
      },
    );
    expiry.start();
  }

  #startJobs({ loop }: Member, endpoint: ClientEndpoint): void {
    const monitor = new LeaderMonitor({
      hasLeader: () => loop.status().leader !== 0n,
      electionTimeoutMs: this.#config.electionTimeoutMs,
      lost: () => endpoint.onLeaderLost(),
    });
    this.#cleanup.add(() => monitor.stop());
    const schedule = compactionSchedule(this.#config.autoCompaction);
    if (schedule === undefined) return;
    const job = new AutoCompaction(loop, schedule, this.#outside.clock, this.#logger);
    this.#cleanup.add(() => job.stop());
  }

  #startPurge(paths: DataPaths, state: MemberState, member: Member): void {
    const job = new FilePurge({
      sources: purgeSources(this.#outside.disk, paths, this.#config, state),
      isBusy: () => member.isSnapshotting,
      logger: this.#logger,
    });
    this.#cleanup.add(() => job.stop());
    job.start();
  }

  /** Cuts every connection at once: nothing that is not on the disk may look as if it were. */
  #fail(error: Error, endpoint: ClientEndpoint): void {
    this.#logger.log("error", CALLER, "the member cannot go on", { error: error.message });
    endpoint.close();
    for (const listener of this.#listeners) void listener.close();
    this.#failure.resolve(error);
  }

  /** Gives back what a failed start has taken. */
  async undo(): Promise<void> {
    try {
      await this.#cleanup.run();
    } catch (error) {
      // What made the start fail is what counts, and it is thrown on.
      const fields = { error: errorText(error) };
      this.#logger.log("warn", CALLER, "could not close everything after a failed start", fields);
    }
  }

  async #stop(endpoint: ClientEndpoint): Promise<void> {
    const stopped = Promise.all(this.#listeners.map((listener) => listener.stop()));
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, DRAIN_TIMEOUT_MS);
    await Promise.race([endpoint.drain(), timeout.promise]);
    clearTimeout(timer);
    await this.#cleanup.run();
    await stopped;
  }
}
