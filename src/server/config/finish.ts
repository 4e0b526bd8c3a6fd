// SPDX-License-Identifier: Apache-2.0

import { joinUrls, type MemberUrl, parseMemberUrls } from "../../cluster-urls/index.ts";
import { readAutoCompaction } from "./auto-compaction.ts";
import type { ConfigLine } from "./config-line.ts";
import {
  LEASE_CHECKPOINT,
  LEASE_CHECKPOINT_PERSIST,
  PRIORITY_REQUEST,
  switchedOn,
} from "./feature-gates.ts";
import type { GrpcKeepalive, LoggingConfig, ServerConfig } from "./server-config.ts";
import type { Settings } from "./settings.ts";
import { DEFAULT_NAME } from "./validate.ts";

/** What asking for the machine's own address came to. */
export type HostDetection =
  | { readonly host: string; readonly error: undefined }
  | { readonly host: undefined; readonly error: string };

const CALLER = "config/finish.ts";
const DEFAULT_PEER_URL = "http://localhost:2380";
const DEFAULT_CLIENT_URL = "http://localhost:2379";
const DEFAULT_INITIAL_CLUSTER = `${DEFAULT_NAME}=${DEFAULT_PEER_URL}`;
const SNAPSHOT_COUNT_DEFAULT = 10_000;
const SNAPSHOT_CATCHUP_ENTRIES_DEFAULT = 5_000;
const GRPC_MIN_TIME_MS_DEFAULT = 300_000;
const GRPC_INTERVAL_MS_DEFAULT = 7_200_000;
const GRPC_INTERVAL_MS_MIN = 1000;
const GRPC_TIMEOUT_MS_DEFAULT = 20_000;
const WARNING_UNARY_REQUEST_DURATION_MS_DEFAULT = 300;

/**
 * Fills in what follows from other options and freezes the result. Without a result the server
 * cannot start, and the last line says why.
 */
export function finishConfig(
  settings: Settings,
  logging: LoggingConfig,
  detectHost: () => HostDetection,
): { readonly config: ServerConfig | undefined; readonly lines: readonly ConfigLine[] } {
  const lines: ConfigLine[] = [];
  const advertised = replaceDefaultHosts(settings, detectHost(), lines);
  const name = settings.text("name");
  let dataDir = settings.text("data-dir");
  if (dataDir === "") {
    dataDir = `${name}.etcd`;
    const fields = { "data-dir": dataDir };
    lines.push(line("warn", "'data-dir' was empty; using default", fields));
  }
  const tlsError = checkNoTls(settings);
  if (tlsError !== undefined) {
    lines.push(line("fatal", "discovery failed", { error: tlsError }));
    return { config: undefined, lines };
  }
  const autoCompaction = readAutoCompaction(settings);
  if (!autoCompaction.ok) {
    lines.push(line("fatal", "discovery failed", { error: autoCompaction.error }));
    return { config: undefined, lines };
  }
  const given = settings.text("initial-cluster");
  const derived = advertised.peerUrls.map((url) => `${name}=${url.text}`).join(",");
  const followsName = name !== DEFAULT_NAME && given === DEFAULT_INITIAL_CLUSTER;
  const initialCluster = followsName ? derived : given;
  const gates = settings.list("feature-gates");
  const isGateOn = (gate: string): boolean => gates.includes(switchedOn(gate));
  const config: ServerConfig = {
    name,
    dataDir,
    walDir: settings.text("wal-dir") || undefined,
    listenPeerUrls: settings.urls("listen-peer-urls"),
    listenClientUrls: settings.urls("listen-client-urls"),
    advertisePeerUrls: advertised.peerUrls,
    advertiseClientUrls: advertised.clientUrls,
    initialCluster,
    initialClusterToken: settings.text("initial-cluster-token"),
    initialClusterState: settings.text("initial-cluster-state") === "existing" ? "existing" : "new",
    ...readNumbers(settings),
    autoCompaction: autoCompaction.config,
    leaseCheckpoint: isGateOn(LEASE_CHECKPOINT),
    leaseCheckpointPersist: isGateOn(LEASE_CHECKPOINT_PERSIST),
    priorityRequests: isGateOn(PRIORITY_REQUEST),
    logging,
  };
  return { config: deepFreeze(config), lines };
}

function readNumbers(settings: Settings) {
  const number = (name: string): number => Number(settings.integer(name));
  const heartbeatIntervalMs = number("heartbeat-interval");
  const electionTimeoutMs = number("election-timeout");
  return {
    heartbeatIntervalMs,
    electionTimeoutMs,
    electionTicks: Math.floor(electionTimeoutMs / heartbeatIntervalMs),
    snapshotCount: number("snapshot-count") || SNAPSHOT_COUNT_DEFAULT,
    snapshotCatchupEntries: number("snapshot-catchup-entries") || SNAPSHOT_CATCHUP_ENTRIES_DEFAULT,
    maxSnapshots: number("max-snapshots"),
    maxWals: number("max-wals"),
    quotaBackendBytes: number("quota-backend-bytes"),
    maxRequestBytes: number("max-request-bytes"),
    maxTxnOps: number("max-txn-ops"),
    maxConcurrentStreams: number("max-concurrent-streams"),
    grpcKeepalive: readKeepalive(settings),
    watchProgressNotifyIntervalMs: settings.durationMs("watch-progress-notify-interval"),
    warningApplyDurationMs: settings.durationMs("warning-apply-duration"),
    warningUnaryRequestDurationMs:
      settings.durationMs("warning-unary-request-duration") ||
      WARNING_UNARY_REQUEST_DURATION_MS_DEFAULT,
  };
}

/** What is not above zero leaves it to the gRPC library, whose defaults these are. */
function readKeepalive(settings: Settings): GrpcKeepalive {
  const minTimeMs = settings.durationMs("grpc-keepalive-min-time");
  const intervalMs = settings.durationMs("grpc-keepalive-interval");
  const timeoutMs = settings.durationMs("grpc-keepalive-timeout");
  const isPinging = intervalMs > 0 && timeoutMs > 0;
  return {
    minTimeMs: minTimeMs > 0 ? minTimeMs : GRPC_MIN_TIME_MS_DEFAULT,
    intervalMs: isPinging ? Math.max(intervalMs, GRPC_INTERVAL_MS_MIN) : GRPC_INTERVAL_MS_DEFAULT,
    timeoutMs: isPinging ? timeoutMs : GRPC_TIMEOUT_MS_DEFAULT,
  };
}

interface Advertised {
  readonly peerUrls: readonly MemberUrl[];
  readonly clientUrls: readonly MemberUrl[];
}

/**
 * A member that listens everywhere and announces the default URL would announce `localhost`:
 * the machine's own address goes there instead, with the port of the first listener.
 */
function replaceDefaultHosts(
  settings: Settings,
  detected: HostDetection,
  lines: ConfigLine[],
): Advertised {
  const peerUrls = settings.urls("initial-advertise-peer-urls");
  const clientUrls = settings.urls("advertise-client-urls");
  if (detected.host === undefined) {
    lines.push(line("info", "failed to detect default host", { error: detected.error }));
    return { peerUrls, clientUrls };
  }
  const { host } = detected;
  const replace = (urls: readonly MemberUrl[], standard: string, listenName: string) => {
    const [first] = settings.urls(listenName);
    if (joinUrls(urls) !== standard || first?.hostname !== "0.0.0.0") return urls;
    const parsed = parseMemberUrls([`http://${host}:${first.port}`]);
    return parsed.ok ? parsed.urls : urls;
  };
  const newPeerUrls = replace(peerUrls, DEFAULT_PEER_URL, "listen-peer-urls");
  const newClientUrls = replace(clientUrls, DEFAULT_CLIENT_URL, "listen-client-urls");
  if (newPeerUrls !== peerUrls || newClientUrls !== clientUrls) {
    lines.push(line("info", "detected default host for advertise", { host }));
  }
  return { peerUrls: newPeerUrls, clientUrls: newClientUrls };
}

/** Without certificates, which cannot be given yet, nothing can listen with TLS. */
function checkNoTls(settings: Settings): string | undefined {
  const secure = (url: MemberUrl): boolean => url.scheme === "https" || url.scheme === "unixs";
  const peer = settings.urls("listen-peer-urls").find(secure);
  if (peer !== undefined) {
    return `cannot listen on TLS for ${peer.host}: KeyFile and CertFile are not presented`;
  }
  const client = settings.urls("listen-client-urls").find(secure);
  if (client === undefined) return undefined;
  return (
    "TLS key/cert (--cert-file, --key-file) must be provided for client url " +
    `${client.text} with HTTPS scheme`
  );
}

function line(
  level: ConfigLine["level"],
  message: string,
  fields: ConfigLine["fields"],
): ConfigLine {
  return { level, caller: CALLER, message, fields, early: false };
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
