// SPDX-License-Identifier: Apache-2.0

import * as etcdserverpb from "../../api/gen/etcdserverpb.ts";
import * as v3electionpb from "../../api/gen/v3electionpb.ts";
import * as v3lockpb from "../../api/gen/v3lockpb.ts";
import type { MethodDescriptor } from "../../api/message-codec.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Backend } from "../../core/backend/index.ts";
import type { WatchHub } from "../../core/mvcc/watch/index.ts";
import type { MemberState } from "../bootstrap/member-state.ts";
import {
  featureGatesWith,
  LEASE_CHECKPOINT,
  LEASE_CHECKPOINT_PERSIST,
  PRIORITY_REQUEST,
  type ServerConfig,
} from "../config/index.ts";
import type { StorageFacts } from "../grpc/index.ts";
import type { GrpcEndpoint } from "../h2/index.ts";
import {
  collectGrpcMetrics,
  collectIdentityMetrics,
  collectLeaseMetrics,
  collectProcessMetrics,
  collectRaftMetrics,
  collectStoreMetrics,
  collectWatchMetrics,
  type GrpcMethodCounters,
  type MetricRegistry,
} from "../observe/index.ts";
import type { CompactionObserver } from "../replica/compaction-work.ts";
import type { Engines } from "./engines.ts";
import type { DiskObserver } from "./member.ts";

/** Histograms of disk work. */
export function diskMetrics(registry: MetricRegistry): DiskObserver {
  const fsync = registry.histogram("etcd_disk_wal_fsync_duration_seconds");
  const commit = registry.histogram("etcd_disk_backend_commit_duration_seconds");
  const write = registry.histogram("etcd_disk_wal_write_duration_seconds");
  const written = registry.gauge("etcd_disk_wal_write_bytes_total");
  return {
    compaction: compactionMetrics(registry),
    wrote: (bytes, durationMs) => {
      written.value += bytes;
      write.observe(durationMs / 1000);
    },
    synced: (durationMs) => fsync.observe(durationMs / 1000),
    committed: (durationMs) => commit.observe(durationMs / 1000),
  };
}

function compactionMetrics(registry: MetricRegistry): CompactionObserver {
  const pause = registry.histogram("etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds");
  const total = registry.histogram("etcd_debugging_mvcc_db_compaction_total_duration_milliseconds");
  const last = registry.gauge("etcd_debugging_mvcc_db_compaction_last");
  return {
    sliced: (durationMs) => pause.observe(durationMs),
    finished: (durationMs, unixMs) => {
      total.observe(durationMs);
      last.set(Math.floor(unixMs / 1000));
    },
  };
}

/** What is counted of leases where it happens. */
export function leaseMetrics(registry: MetricRegistry): {
  granted(ttlSeconds: number): void;
  expired(): void;
} {
  const ttl = registry.histogram("etcd_debugging_lease_ttl_total");
  const expired = registry.counter("etcd_debugging_server_lease_expired_total");
  return { granted: (ttlSeconds) => ttl.observe(ttlSeconds), expired: () => expired.inc() };
}

export interface MetricSources {
  readonly config: ServerConfig;
  readonly state: MemberState;
  readonly engines: Engines;
  readonly backend: Backend;
  readonly storage: StorageFacts;
  readonly hub: WatchHub;
  readonly grpc: GrpcEndpoint;
  readonly clock: Clock;
}

/** Lets the registry read what the parts of a member count. */
export function collectMetrics(registry: MetricRegistry, sources: MetricSources): void {
  collectRaft(registry, sources);
  collectStore(registry, sources);
  const { counters } = sources.engines.leases;
  collectLeaseMetrics(registry, () => counters);
  collectWatch(registry, sources.hub);
  collectGrpc(registry, sources.grpc);
  const { state, storage } = sources;
  collectIdentityMetrics(registry, {
    memberId: state.identity.memberId,
    get clusterVersion() {
      return state.membership.clusterVersion?.split(".").slice(0, 2).join(".");
    },
    quotaBackendBytes: storage.quotaBytes,
    featureGates: featureGatesWith(gatesOn(sources.config)),
  });
  collectProcessMetrics(registry, sources.clock);
  // The first scrape makes all names and compiles all it runs: before anybody has to wait for it.
  registry.format();
}

function gatesOn(config: ServerConfig): Set<string> {
  const on = new Set<string>();
  if (config.leaseCheckpoint) on.add(LEASE_CHECKPOINT);
  if (config.leaseCheckpointPersist) on.add(LEASE_CHECKPOINT_PERSIST);
  if (config.priorityRequests) on.add(PRIORITY_REQUEST);
  return on;
}

function collectRaft(registry: MetricRegistry, { engines }: MetricSources): void {
  const { replica } = engines;
  collectRaftMetrics(registry, {
    get hasLeader() {
      return replica.status.leader !== 0n;
    },
    get isLeader() {
      return replica.status.leader === replica.status.id;
    },
    isLearner: false,
    get leaderChangesSeen() {
      return replica.counters.leaderChangesSeen;
    },
    // Alone, a member sends no heartbeats.
    heartbeatSendFailures: 0,
    get committedIndex() {
      return replica.status.commit;
    },
    get appliedIndex() {
      return replica.appliedIndex;
    },
    get proposalsPending() {
      return replica.pendingProposals;
    },
    get proposalsFailed() {
      return replica.counters.proposalsFailed;
    },
    get slowApplies() {
      return replica.counters.slowApplies;
    },
    slowReadIndexes: 0,
    get readIndexesFailed() {
      return replica.counters.readsFailed;
    },
  });
}

function collectStore(registry: MetricRegistry, { engines, storage }: MetricSources): void {
  const { store } = engines;
  const { counters } = store;
  collectStoreMetrics(registry, {
    get ranges() {
      return counters.ranges;
    },
    get puts() {
      return counters.puts;
    },
    get deletes() {
      return counters.deletes;
    },
    get txns() {
      return counters.txns;
    },
    get putBytes() {
      return counters.putBytes;
    },
    get currentRevision() {
      return store.currentRevision;
    },
    get compactRevision() {
      return store.compactRevision;
    },
    get keys() {
      return store.keyCount;
    },
    get compactedRows() {
      return store.compactedRows;
    },
    get databaseBytes() {
      return storage.sizeBytes();
    },
    get databaseBytesInUse() {
      return storage.sizeInUseBytes();
    },
  });
}

function collectWatch(registry: MetricRegistry, hub: WatchHub): void {
  collectWatchMetrics(registry, {
    get streams() {
      return hub.stats().streamCount;
    },
    get watchers() {
      return hub.stats().watcherCount;
    },
    get slowWatchers() {
      return hub.stats().laggingCount;
    },
    get eventsSent() {
      return hub.stats().eventsSentCount;
    },
    // Events wait in streams, bounded in bytes, and are not counted one by one.
    eventsPending: 0,
  });
}

type CallType = GrpcMethodCounters["type"];

function callTypes(): Map<string, CallType> {
  const types = new Map<string, CallType>();
  const services = [etcdserverpb, v3electionpb, v3lockpb].flatMap((api) => Object.values(api));
  for (const service of services) {
    for (const method of Object.values(service)) {
      if (isMethod(method)) types.set(method.path, callType(method));
    }
  }
  return types;
}

function isMethod(value: unknown): value is MethodDescriptor<unknown, unknown> {
  return typeof value === "object" && value !== null && "requestStream" in value;
}

function callType(method: MethodDescriptor<unknown, unknown>): CallType {
  if (method.requestStream) return method.responseStream ? "bidi_stream" : "client_stream";
  return method.responseStream ? "server_stream" : "unary";
}

/** etcd shows elections and locks once they have been called, and all others from the start. */
function isShown({ path, started }: { readonly path: string; readonly started: number }): boolean {
  return started > 0 || !/^\/v3(?:election|lock)pb\./.test(path);
}

function collectGrpc(registry: MetricRegistry, grpc: GrpcEndpoint): void {
  const types = callTypes();
  const named = new Map<string, Pick<GrpcMethodCounters, "service" | "method" | "type">>();
  const nameOf = (path: string, kind: "unary" | "stream") => {
    const known = named.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf("/");
    // What is not of etcd's own API is the health service, whose stream has one request.
    const type = types.get(path) ?? (kind === "stream" ? "server_stream" : "unary");
    const name = { service: path.slice(1, slash), method: path.slice(slash + 1), type };
    named.set(path, name);
    return name;
  };
  const sum = (field: "bytesReceived" | "bytesSent"): number =>
    grpc.counters.reduce((total, counters) => total + counters[field], 0);
  collectGrpcMetrics(registry, {
    get methods() {
      return grpc.counters.filter(isShown).map((counters): GrpcMethodCounters => {
        const { started, messagesReceived, messagesSent, handled } = counters;
        const name = nameOf(counters.path, counters.kind);
        return { ...name, started, messagesReceived, messagesSent, handled };
      });
    },
    get bytesReceived() {
      return sum("bytesReceived");
    },
    get bytesSent() {
      return sum("bytesSent");
    },
  });
}
