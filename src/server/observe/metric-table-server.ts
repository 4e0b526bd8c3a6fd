// SPDX-License-Identifier: Apache-2.0

import { counter, exponential, gauge, histogram } from "./metric-spec.ts";

export const serverMetrics = {
  etcd_cluster_version: gauge("1 with the cluster version major.minor as label.", [
    "cluster_version",
  ]),
  etcd_debugging_server_alarms: gauge(
    "1 per active alarm; server_id is the alarmed member (hex), alarm_type NOSPACE|CORRUPT.",
    ["server_id", "alarm_type"],
  ),
  etcd_debugging_server_lease_expired_total: counter(
    "Leases revoked by the leader because they expired.",
  ),
  etcd_debugging_server_watch_send_loop_control_stream_duration_seconds: histogram(
    "Time to send one control (create/cancel) response.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_server_watch_send_loop_progress_duration_seconds: histogram(
    "Time of one periodic progress pass.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_server_watch_send_loop_watch_stream_duration_per_event_seconds: histogram(
    "That time divided by the number of events.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_server_watch_send_loop_watch_stream_duration_seconds: histogram(
    "Time to handle one watch response in the send loop.",
    exponential(0.001, 2, 14),
  ),
  etcd_grpc_proxy_cache_hits_total: gauge("Cache hits (a gauge)."),
  etcd_grpc_proxy_cache_keys_total: gauge("Cached ranges."),
  etcd_grpc_proxy_cache_misses_total: gauge("Cache misses (a gauge)."),
  etcd_grpc_proxy_events_coalescing_total: counter("Events fanned out to shared watchers."),
  etcd_grpc_proxy_watchers_coalescing_total: gauge("Client watchers sharing upstream watchers."),
  etcd_network_active_peers: gauge("1 while the link to the remote peer is active.", [
    "Local",
    "Remote",
  ]),
  etcd_network_client_grpc_received_bytes_total: counter(
    "Bytes of gRPC messages received from clients.",
  ),
  etcd_network_client_grpc_sent_bytes_total: counter(
    "Bytes of encoded gRPC messages sent to clients.",
  ),
  etcd_network_disconnected_peers_total: counter("Times a peer link became inactive.", [
    "Local",
    "Remote",
  ]),
  etcd_network_known_peers: gauge("1 for each other member this member knows.", [
    "Local",
    "Remote",
  ]),
  etcd_network_peer_received_bytes_total: counter("Bytes received from a peer.", ["From"]),
  etcd_network_peer_received_failures_total: counter(
    "Failed or dropped receives; From is a member ID or a remote address.",
    ["From"],
  ),
  etcd_network_peer_round_trip_time_seconds: histogram(
    "Smoothed round trip time to a peer, from the 4-second prober.",
    exponential(0.0001, 2, 16),
    ["To"],
  ),
  etcd_network_peer_sent_bytes_total: counter("Bytes sent to a peer.", ["To"]),
  etcd_network_peer_sent_failures_total: counter("Failed or dropped sends to a peer.", ["To"]),
  etcd_network_server_stream_failures_total: counter(
    "Watch and keepalive stream errors; Type is send|receive, API is watch|lease-keepalive.",
    ["Type", "API"],
  ),
  etcd_network_snapshot_receive_failures: counter(
    "Failed snapshot receives; From may be UNKNOWN_SNAPSHOT_SENDER.",
    ["From"],
  ),
  etcd_network_snapshot_receive_inflights_total: gauge("Snapshots being received now.", ["From"]),
  etcd_network_snapshot_receive_success: counter("Snapshots received.", ["From"]),
  etcd_network_snapshot_receive_total_duration_seconds: histogram(
    "Time of a snapshot receive.",
    exponential(0.1, 2, 10),
    ["From"],
  ),
  etcd_network_snapshot_send_failures: counter("Failed snapshot sends.", ["To"]),
  etcd_network_snapshot_send_inflights_total: gauge("Snapshots being sent now.", ["To"]),
  etcd_network_snapshot_send_success: counter("Snapshots sent.", ["To"]),
  etcd_network_snapshot_send_total_duration_seconds: histogram(
    "Time of a snapshot send.",
    exponential(0.1, 2, 10),
    ["To"],
  ),
  etcd_server_apply_duration_seconds: histogram(
    'Time to apply one raft request; version is always "v3", op is the request name, success true|false (compacted error counts as success).',
    exponential(0.0001, 2, 20),
    ["version", "op", "success"],
  ),
  etcd_server_client_requests_total: counter(
    'Requests by type (unary|stream) and client-api-version metadata ("unknown" if absent).',
    ["type", "client_api_version"],
  ),
  etcd_server_feature_enabled: gauge(
    "1 or 0 for each feature gate; stage is ALPHA, BETA or empty for GA; AllAlpha and AllBeta included.",
    ["name", "stage"],
  ),
  etcd_server_go_version: gauge("1 with the Go runtime version as label.", ["server_go_version"]),
  etcd_server_has_leader: gauge("1 if a leader is known."),
  etcd_server_health_failures: counter("/health answers that were false."),
  etcd_server_health_success: counter("/health answers that were true."),
  etcd_server_healthcheck: gauge(
    "Last result (1 ok, 0 failed) of each livez/readyz check; type is livez|readyz, name is the check.",
    ["type", "name"],
  ),
  etcd_server_healthchecks_total: counter(
    "Runs of each livez/readyz check by status success|error.",
    ["type", "name", "status"],
  ),
  etcd_server_heartbeat_send_failures_total: counter(
    "Leader heartbeats sent later than two heartbeat intervals.",
  ),
  etcd_server_id: gauge("1 with the member ID (hex) as label.", ["server_id"]),
  etcd_server_is_leader: gauge("1 if this member leads."),
  etcd_server_is_learner: gauge("1 if this member is a learner."),
  etcd_server_leader_changes_seen_total: counter("Leader changes seen since start."),
  etcd_server_learner_promote_failures: counter(
    "Refused learner promotions, label Reason is the error text.",
    ["Reason"],
  ),
  etcd_server_learner_promote_successes: counter("Successful learner promotions handled here."),
  etcd_server_proposals_applied_total: gauge("Last applied raft index (a gauge)."),
  etcd_server_proposals_committed_total: gauge(
    "Committed raft index seen by this member (a gauge).",
  ),
  etcd_server_proposals_failed_total: counter("Proposals that failed or timed out."),
  etcd_server_proposals_pending: gauge("Proposals waiting for their result."),
  etcd_server_quota_backend_bytes: gauge("Effective quota (default value when configured 0)."),
  etcd_server_range_duration_seconds: histogram(
    "Time of one mvcc range for Range/RangeStream chunks.",
    exponential(0.0001, 2, 20),
    ["success"],
  ),
  etcd_server_read_indexes_failed_total: counter("Read index requests that failed."),
  etcd_server_request_duration_seconds: histogram(
    "Time from proposal (or local read) to answer; type is Range, ReadonlyTxn or the raft request name; success true|false.",
    exponential(0.001, 2, 14),
    ["type", "success"],
  ),
  etcd_server_slow_apply_total: counter(
    "Requests whose apply (or local read) took longer than warning-apply-duration.",
  ),
  etcd_server_slow_read_indexes_total: counter("Late or timed-out read index answers."),
  etcd_server_snapshot_apply_in_progress_total: gauge("1 while a received snapshot is applied."),
  etcd_server_version: gauge("1 with the server version as label.", ["server_version"]),
  os_fd_limit: gauge("File descriptor limit, sampled at start and every 10 minutes."),
  os_fd_used: gauge("Open file descriptors, sampled at start and every 10 minutes."),
} as const;
