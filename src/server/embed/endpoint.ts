// SPDX-License-Identifier: Apache-2.0

import type { Server } from "node:http";
import type { Socket } from "node:net";
import {
  KVService as KvDescriptors,
  LeaseService as LeaseDescriptors,
  MaintenanceService as MaintenanceDescriptors,
  WatchService as WatchDescriptors,
} from "../../api/gen/etcdserverpb.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import type { Random } from "../../base/contracts/random.ts";
import type { AlarmSet } from "../../core/alarm/index.ts";
import type { ClusterMembership } from "../../core/membership/index.ts";
import { WatchHub } from "../../core/mvcc/watch/index.ts";
import type { ServerConfig } from "../config/index.ts";
import {
  ClusterService,
  type DatabaseStream,
  guarded,
  healthMethods,
  healthStreams,
  KvService,
  LeaseKeepAliveService,
  LeaseService,
  MaintenanceService,
  type MaintenanceTimes,
  RangeStreamService,
  type SlowRequestOptions,
  SlowRequests,
  SnapshotService,
  type SpaceCheck,
  type StorageFacts,
  timed,
  unsupportedMethods,
  WatchService,
} from "../grpc/index.ts";
import { GrpcEndpoint, type Method } from "../h2/index.ts";
import { ProtocolMux } from "../net/index.ts";
import type { ReplicaLoop } from "../replica/loop.ts";
import { Slices } from "../replica/slices.ts";
import { WatchFanout } from "../replica/watch-fanout.ts";
import type { StreamObservers } from "./stream-metrics.ts";

const CALLER = "embed/endpoint.ts";
/** gRPC takes this much more than `--max-request-bytes`, as etcd does. */
const GRPC_OVERHEAD_BYTES = 512 * 1024;

export interface EndpointParts {
  readonly config: ServerConfig;
  readonly loop: ReplicaLoop;
  readonly membership: ClusterMembership;
  readonly storage: StorageFacts;
  readonly alarms: AlarmSet;
  readonly space: SpaceCheck;
  readonly requestTimes: SlowRequestOptions["observe"];
  readonly maintenanceTimes: MaintenanceTimes;
  readonly rangeTimes: SlowRequestOptions["observeRange"];
  readonly streams: StreamObservers;
  /** Exports what is applied now as a database of etcd. */
  readonly exportStore: () => Promise<DatabaseStream>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Everything that clients talk to: gRPC services, watchers, HTTP/1.1. */
export interface ClientEndpoint {
  readonly grpc: GrpcEndpoint;
  readonly hub: WatchHub;
  readonly fanout: WatchFanout;
  readonly watch: WatchService;
  readonly keepAlive: LeaseKeepAliveService;
  accept(socket: Socket): void;
  /** There is no leader any more: streams that want one end. */
  onLeaderLost(): void;
  /** Takes no new work and resolves when what is in flight has ended. */
  drain(): Promise<void>;
  close(): void;
}

export function buildEndpoint(parts: EndpointParts, http1: Server): ClientEndpoint {
  const { config, loop, clock, random } = parts;
  const hub = new WatchHub({ history: loop.store, hashSeed: random.intBelow(2 ** 32) });
  const fanout = new WatchFanout(hub, (run) => setImmediate(run), parts.streams.watchEvents);
  const watch = buildWatchService(parts, hub, fanout);
  const keepAlive = new LeaseKeepAliveService(loop, clock, parts.streams.keepAliveReceiveFailed);
  const grpc = new GrpcEndpoint({
    methods: buildMethods(parts, watch, keepAlive),
    clock,
    limits: {
      maxReceiveBytes: config.maxRequestBytes + GRPC_OVERHEAD_BYTES,
      maxConcurrentStreams: config.maxConcurrentStreams,
    },
    keepalive: config.grpcKeepalive,
    onProtocolError: (peerAddress, code, reason) => {
      const fields = { "remote-addr": peerAddress, code, reason };
      parts.logger.log("warn", CALLER, "client broke the HTTP/2 protocol or a limit", fields);
    },
  });
  const mux = new ProtocolMux({ http2: grpc, http1 });
  return {
    grpc,
    hub,
    fanout,
    watch,
    keepAlive,
    accept: (socket) => mux.accept(socket),
    onLeaderLost: () => {
      watch.onLeaderLost();
      keepAlive.onLeaderLost();
    },
    drain: async () => {
      watch.stop();
      keepAlive.stop();
      http1.closeIdleConnections();
      await grpc.drain();
    },
    close: () => {
      fanout.stop();
      mux.close();
      http1.closeAllConnections();
      grpc.close();
    },
  };
}

function buildWatchService(parts: EndpointParts, hub: WatchHub, fanout: WatchFanout): WatchService {
  const { config, loop } = parts;
  return new WatchService({
    hub,
    clusterId: loop.clusterId,
    memberId: loop.memberId,
    raftTerm: () => loop.raftTerm,
    hasLeader: () => loop.status().leader !== 0n,
    requestBytesMax: config.maxRequestBytes,
    progressIntervalMs: config.watchProgressNotifyIntervalMs,
    random: parts.random,
    startTimer: (delayMs, fire) => {
      const timer = setTimeout(fire, delayMs);
      return () => clearTimeout(timer);
    },
    // Auth is not built: nobody is refused.
    permission: () => undefined,
    observer: parts.streams.watch,
    wake: () => fanout.wake(),
  });
}

function buildMethods(
  parts: EndpointParts,
  watch: WatchService,
  keepAlive: LeaseKeepAliveService,
): Map<string, Method> {
  const { config, loop, membership, clock, logger, storage, alarms, space } = parts;
  const slowRequests = new SlowRequests({
    clock,
    logger,
    requestMs: config.warningUnaryRequestDurationMs,
    applyMs: config.warningApplyDurationMs,
    observe: parts.requestTimes,
    observeRange: parts.rangeTimes,
  });
  const slices = new Slices(clock);
  const kv = new KvService({
    replica: loop,
    txnOperationsMax: config.maxTxnOps,
    slowRequests,
    space,
    slices,
  });
  const maintenance = new MaintenanceService({
    replica: loop,
    storage,
    alarms,
    clock,
    times: parts.maintenanceTimes,
    isVoter: (id) => membership.members().some((member) => member.id === id && !member.isLearner),
    slices,
  });
  const cluster = new ClusterService({ replica: loop, members: () => membership.members() });
  const lease = new LeaseService({ replica: loop, clock, space });
  const { rangeStream } = new RangeStreamService({
    replica: loop,
    slices,
    times: slowRequests,
    checks: { hasLeader: () => loop.status().leader !== 0n },
    requestBytesMax: config.maxRequestBytes,
  });
  const checks = { hasLeader: () => loop.status().leader !== 0n };
  const { snapshot } = new SnapshotService({
    open: parts.exportStore,
    version: () => storage.storageVersion(),
    failed: (error) =>
      logger.log("warn", CALLER, "failed to send a snapshot", { error: error.message }),
    checks,
  });
  const methods = new Map<string, Method>([
    ...guarded(kv.methods(), checks),
    ...guarded(timed(lease.methods(), slowRequests), checks),
    ...guarded(timed(maintenance.methods(), slowRequests), checks),
    ...guarded(timed(cluster.methods(), slowRequests), checks),
    ...guarded(healthMethods(), checks),
    ...healthStreams(),
    [KvDescriptors.rangeStream.path, { kind: "stream", handler: rangeStream }],
    [WatchDescriptors.watch.path, { kind: "stream", handler: watch.watch }],
    [MaintenanceDescriptors.snapshot.path, { kind: "stream", handler: snapshot }],
    [LeaseDescriptors.leaseKeepAlive.path, { kind: "stream", handler: keepAlive.keepAlive }],
  ]);
  return new Map([...methods, ...unsupportedMethods(new Set(methods.keys()))]);
}
