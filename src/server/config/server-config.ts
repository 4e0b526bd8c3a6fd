// SPDX-License-Identifier: Apache-2.0

import type { MemberUrl } from "../../cluster-urls/index.ts";

/** From which level up lines are written; zap's levels. */
export type LogThreshold = "debug" | "info" | "warn" | "error" | "dpanic" | "panic" | "fatal";

/** Where and how the server logs. */
export interface LoggingConfig {
  readonly level: LogThreshold;
  readonly format: "json" | "console";
  /** `stderr`, `stdout` or a file path; without duplicates, at least one. */
  readonly outputs: readonly string[];
}

/** When the member compacts by itself. */
export type AutoCompactionConfig =
  | { readonly mode: "off" }
  /** Keeps this much history. */
  | { readonly mode: "periodic"; readonly periodMs: number }
  /** Keeps so many revisions. */
  | { readonly mode: "revision"; readonly retention: number };

export interface GrpcKeepalive {
  /** A client that pings more often is sent away. */
  readonly minTimeMs: number;
  /** Silence after which the server pings. */
  readonly intervalMs: number;
  /** How long the answer may take. */
  readonly timeoutMs: number;
}

/** What a server is started with: checked, complete and frozen. */
export interface ServerConfig {
  readonly name: string;
  /** As given or `<name>.etcd`; relative paths count from the working directory. */
  readonly dataDir: string;
  /** A log directory of its own, or undefined for `<data dir>/member/wal`. */
  readonly walDir: string | undefined;

  readonly listenPeerUrls: readonly MemberUrl[];
  readonly listenClientUrls: readonly MemberUrl[];
  readonly advertisePeerUrls: readonly MemberUrl[];
  readonly advertiseClientUrls: readonly MemberUrl[];

  /** `name=url,…` as given or derived; only looked at when the member has no log yet. */
  readonly initialCluster: string;
  readonly initialClusterToken: string;
  readonly initialClusterState: "new" | "existing";

  /** Length of one raft tick in milliseconds. */
  readonly heartbeatIntervalMs: number;
  readonly electionTimeoutMs: number;
  /** Election timeout in ticks, at least 5. */
  readonly electionTicks: number;

  /** Applied entries between two snapshots. */
  readonly snapshotCount: number;
  /** Entries kept behind a snapshot for slow followers. */
  readonly snapshotCatchupEntries: number;
  /** Snapshot files kept; 0 keeps all. */
  readonly maxSnapshots: number;
  /** Log segments kept; 0 keeps all. */
  readonly maxWals: number;

  /** Bytes that the store may hold: 0 for the default, below zero for no limit. */
  readonly quotaBackendBytes: number;

  /** Largest request in bytes; gRPC takes 512 KiB more. */
  readonly maxRequestBytes: number;
  /** Most compares, then-operations or else-operations of a transaction. */
  readonly maxTxnOps: number;
  /** HTTP/2 streams per client connection. */
  readonly maxConcurrentStreams: number;

  /** How often clients may ping, and how the server pings silent clients. */
  readonly grpcKeepalive: GrpcKeepalive;
  /** Between reports of progress to watchers that want them; 0 for the default. */
  readonly watchProgressNotifyIntervalMs: number;

  /** An apply that takes longer is warned about. */
  readonly warningApplyDurationMs: number;
  /** A unary request that takes longer is warned about. */
  readonly warningUnaryRequestDurationMs: number;

  readonly autoCompaction: AutoCompactionConfig;

  /** Whether the leader notes in the log what is left of long leases. */
  readonly leaseCheckpoint: boolean;
  /** Whether such a note is kept on disk even while an older member's cluster version says no. */
  readonly leaseCheckpointPersist: boolean;
  /** Whether a lease may still be revoked when a member that lags behind refuses other writes. */
  readonly priorityRequests: boolean;

  readonly logging: LoggingConfig;
}
