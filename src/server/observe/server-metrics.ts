// SPDX-License-Identifier: Apache-2.0

import { ETCD_VERSION } from "../../api/versions.ts";
import type { MetricRegistry } from "./metrics.ts";

/** Counters of the consensus side, read at scrape time. */
export interface RaftMetricSource {
  readonly hasLeader: boolean;
  readonly isLeader: boolean;
  readonly isLearner: boolean;
  readonly leaderChangesSeen: number;
  readonly heartbeatSendFailures: number;
  /** Indexes, not counts. */
  readonly committedIndex: number;
  readonly appliedIndex: number;
  readonly proposalsPending: number;
  readonly proposalsFailed: number;
  readonly slowApplies: number;
  readonly slowReadIndexes: number;
  readonly readIndexesFailed: number;
}

/** Counters of the multi-version store, read at scrape time. */
export interface StoreMetricSource {
  readonly ranges: number;
  readonly puts: number;
  readonly deletes: number;
  readonly txns: number;
  readonly putBytes: number;
  readonly currentRevision: number;
  readonly compactRevision: number;
  /** Keys in the index, deleted ones that are not compacted away included. */
  readonly keys: number;
  readonly compactedRows: number;
  readonly databaseBytes: number;
  readonly databaseBytesInUse: number;
}

/** Counters of leases, read at scrape time. */
export interface LeaseMetricSource {
  readonly granted: number;
  readonly revoked: number;
  readonly renewed: number;
}

/** Counters of watching, read at scrape time. */
export interface WatchMetricSource {
  readonly streams: number;
  readonly watchers: number;
  readonly slowWatchers: number;
  readonly eventsSent: number;
  readonly eventsPending: number;
}

/** Who this server is; `clusterVersion` is undefined until the cluster has agreed on one. */
export interface IdentityMetricSource {
  readonly memberId: bigint;
  /** `major.minor` */
  readonly clusterVersion: string | undefined;
  readonly quotaBackendBytes: number;
  readonly featureGates: Iterable<{
    readonly name: string;
    readonly stage: string;
    readonly enabled: boolean;
  }>;
}

/** One method of the gRPC server. */
export interface GrpcMethodCounters {
  /** With its package, such as `etcdserverpb.KV`. */
  readonly service: string;
  readonly method: string;
  readonly type: "unary" | "client_stream" | "server_stream" | "bidi_stream";
  readonly started: number;
  readonly messagesReceived: number;
  readonly messagesSent: number;
  /** Ended calls by status code, 0 to 16. */
  readonly handled: ArrayLike<number>;
}

export interface GrpcMetricSource {
  readonly methods: Iterable<GrpcMethodCounters>;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export function collectRaftMetrics(registry: MetricRegistry, source: RaftMetricSource): void {
  registry.collect("etcd_server_has_leader", () => Number(source.hasLeader));
  registry.collect("etcd_server_is_leader", () => Number(source.isLeader));
  registry.collect("etcd_server_is_learner", () => Number(source.isLearner));
  registry.collect("etcd_server_leader_changes_seen_total", () => source.leaderChangesSeen);
  registry.collect("etcd_server_heartbeat_send_failures_total", () => source.heartbeatSendFailures);
  registry.collect("etcd_server_proposals_committed_total", () => source.committedIndex);
  registry.collect("etcd_server_proposals_applied_total", () => source.appliedIndex);
  registry.collect("etcd_server_proposals_pending", () => source.proposalsPending);
  registry.collect("etcd_server_proposals_failed_total", () => source.proposalsFailed);
  registry.collect("etcd_server_slow_apply_total", () => source.slowApplies);
  registry.collect("etcd_server_slow_read_indexes_total", () => source.slowReadIndexes);
  registry.collect("etcd_server_read_indexes_failed_total", () => source.readIndexesFailed);
}

export function collectStoreMetrics(registry: MetricRegistry, source: StoreMetricSource): void {
  registry.collect("etcd_mvcc_range_total", () => source.ranges);
  registry.collect("etcd_mvcc_put_total", () => source.puts);
  registry.collect("etcd_mvcc_delete_total", () => source.deletes);
  registry.collect("etcd_mvcc_txn_total", () => source.txns);
  registry.collect("etcd_debugging_mvcc_total_put_size_in_bytes", () => source.putBytes);
  registry.collect("etcd_debugging_mvcc_current_revision", () => source.currentRevision);
  registry.collect("etcd_debugging_mvcc_compact_revision", () => source.compactRevision);
  registry.collect("etcd_debugging_mvcc_keys_total", () => source.keys);
  registry.collect("etcd_debugging_mvcc_db_compaction_keys_total", () => source.compactedRows);
  registry.collect("etcd_mvcc_db_total_size_in_bytes", () => source.databaseBytes);
  registry.collect("etcd_mvcc_db_total_size_in_use_in_bytes", () => source.databaseBytesInUse);
}

export function collectLeaseMetrics(
  registry: MetricRegistry,
  source: () => LeaseMetricSource,
): void {
  registry.collect("etcd_debugging_lease_granted_total", () => source().granted);
  registry.collect("etcd_debugging_lease_revoked_total", () => source().revoked);
  registry.collect("etcd_debugging_lease_renewed_total", () => source().renewed);
}

export function collectWatchMetrics(registry: MetricRegistry, source: WatchMetricSource): void {
  registry.collect("etcd_debugging_mvcc_watch_stream_total", () => source.streams);
  registry.collect("etcd_debugging_mvcc_watcher_total", () => source.watchers);
  registry.collect("etcd_debugging_mvcc_slow_watcher_total", () => source.slowWatchers);
  registry.collect("etcd_debugging_mvcc_events_total", () => source.eventsSent);
  registry.collect("etcd_debugging_mvcc_pending_events_total", () => source.eventsPending);
}

export function collectIdentityMetrics(
  registry: MetricRegistry,
  source: IdentityMetricSource,
): void {
  registry.collectEach("etcd_server_version", (emit) => emit(1, ETCD_VERSION));
  // There is no Go here; the runtime that is there stands in its place.
  registry.collectEach("etcd_server_go_version", (emit) => emit(1, `node${process.version}`));
  registry.collectEach("etcd_server_id", (emit) => emit(1, source.memberId.toString(16)));
  registry.collectEach("etcd_cluster_version", (emit) => {
    if (source.clusterVersion !== undefined) emit(1, source.clusterVersion);
  });
  registry.collect("etcd_server_quota_backend_bytes", () => source.quotaBackendBytes);
  registry.collectEach("etcd_server_feature_enabled", (emit) => {
    for (const { name, stage, enabled } of source.featureGates) emit(Number(enabled), name, stage);
  });
}

const grpcCodeNames = [
  "OK",
  "Canceled",
  "Unknown",
  "InvalidArgument",
  "DeadlineExceeded",
  "NotFound",
  "AlreadyExists",
  "PermissionDenied",
  "ResourceExhausted",
  "FailedPrecondition",
  "Aborted",
  "OutOfRange",
  "Unimplemented",
  "Internal",
  "Unavailable",
  "DataLoss",
  "Unauthenticated",
] as const;

/** Every method shows from the start, with every code, as etcd prepares them. */
export function collectGrpcMetrics(registry: MetricRegistry, source: GrpcMetricSource): void {
  registry.collectEach("grpc_server_started_total", (emit) => {
    for (const m of source.methods) emit(m.started, m.type, m.service, m.method);
  });
  registry.collectEach("grpc_server_msg_received_total", (emit) => {
    for (const m of source.methods) emit(m.messagesReceived, m.type, m.service, m.method);
  });
  registry.collectEach("grpc_server_msg_sent_total", (emit) => {
    for (const m of source.methods) emit(m.messagesSent, m.type, m.service, m.method);
  });
  registry.collectEach("grpc_server_handled_total", (emit) => {
    for (const m of source.methods) {
      grpcCodeNames.forEach((name, code) => {
        emit(m.handled[code] ?? 0, m.type, m.service, m.method, name);
      });
    }
  });
  registry.collect("etcd_network_client_grpc_received_bytes_total", () => source.bytesReceived);
  registry.collect("etcd_network_client_grpc_sent_bytes_total", () => source.bytesSent);
}
