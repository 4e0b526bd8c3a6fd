// SPDX-License-Identifier: Apache-2.0

import { counter, exponential, gauge, histogram } from "./metric-spec.ts";

export const engineMetrics = {
  etcd_debugging_auth_revision: gauge("Revision of the auth store."),
  etcd_debugging_disk_backend_commit_rebalance_duration_seconds: histogram(
    "Rebalance part of a commit.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_disk_backend_commit_spill_duration_seconds: histogram(
    "Spill part of a commit.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_disk_backend_commit_write_duration_seconds: histogram(
    "Write part of a commit.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_lease_granted_total: counter(
    "Leases granted while applying (every member counts).",
  ),
  etcd_debugging_lease_renewed_total: counter(
    "Successful renewals handled by this member as leader.",
  ),
  etcd_debugging_lease_revoked_total: counter("Leases revoked while applying."),
  etcd_debugging_lease_ttl_total: histogram(
    "TTL in seconds of each granted lease.",
    exponential(1, 2, 24),
  ),
  etcd_debugging_mvcc_compact_revision: gauge("Last compacted revision."),
  etcd_debugging_mvcc_current_revision: gauge("Current revision."),
  etcd_debugging_mvcc_db_compaction_keys_total: counter("Revisions deleted by compaction."),
  etcd_debugging_mvcc_db_compaction_last: gauge("Unix time of the last compaction, 0 after start."),
  etcd_debugging_mvcc_db_compaction_pause_duration_milliseconds: histogram(
    "Time of one delete batch, in ms.",
    exponential(1, 2, 13),
  ),
  etcd_debugging_mvcc_db_compaction_total_duration_milliseconds: histogram(
    "Total time of the delete part, in ms.",
    exponential(100, 2, 14),
  ),
  etcd_debugging_mvcc_events_total: counter("Events sent."),
  etcd_debugging_mvcc_index_compaction_pause_duration_milliseconds: histogram(
    "Time of the index part of a compaction, in ms.",
    exponential(0.5, 2, 14),
  ),
  etcd_debugging_mvcc_keys_total: gauge("Keys currently in the index."),
  etcd_debugging_mvcc_pending_events_total: gauge("Events queued and not yet sent."),
  etcd_debugging_mvcc_slow_watcher_total: gauge("Unsynced and victim watchers."),
  etcd_debugging_mvcc_total_put_size_in_bytes: gauge(
    "Sum of key and value bytes of all puts (a gauge that only grows).",
  ),
  etcd_debugging_mvcc_watch_stream_total: gauge("Open watch streams."),
  etcd_debugging_mvcc_watcher_total: gauge("Watchers."),
  etcd_debugging_snap_save_marshalling_duration_seconds: histogram(
    "Time to encode a .snap file.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_snap_save_total_duration_seconds: histogram(
    "Total time to write a .snap file.",
    exponential(0.001, 2, 14),
  ),
  etcd_debugging_store_expires_total: counter("Expired v2 keys."),
  etcd_debugging_store_reads_total: counter("Reads of the v2 store.", ["action"]),
  etcd_debugging_store_watch_requests_total: counter("v2 watch requests."),
  etcd_debugging_store_watchers: gauge("Active v2 watchers."),
  etcd_debugging_store_writes_total: counter("Writes to the v2 store.", ["action"]),
  etcd_disk_backend_commit_duration_seconds: histogram(
    "Time of a backend commit.",
    exponential(0.001, 2, 14),
  ),
  etcd_disk_backend_defrag_duration_seconds: histogram(
    "Time of a defragmentation.",
    exponential(0.1, 2, 13),
  ),
  etcd_disk_backend_snapshot_duration_seconds: histogram(
    "Time a backend snapshot stayed open.",
    exponential(0.01, 2, 17),
  ),
  etcd_disk_defrag_inflight: gauge("1 while defragmenting."),
  etcd_disk_wal_fsync_duration_seconds: histogram(
    "fsync time of the WAL.",
    exponential(0.001, 2, 14),
  ),
  etcd_disk_wal_write_bytes_total: gauge("Bytes written to the WAL (a gauge)."),
  etcd_disk_wal_write_duration_seconds: histogram(
    "Write time of the WAL.",
    exponential(0.001, 2, 14),
  ),
  etcd_mvcc_db_open_read_transactions: gauge("Open read transactions."),
  etcd_mvcc_db_total_size_in_bytes: gauge("Allocated size of the database file."),
  etcd_mvcc_db_total_size_in_use_in_bytes: gauge("Size in use, without free pages."),
  etcd_mvcc_delete_total: counter("Delete ranges executed."),
  etcd_mvcc_hash_duration_seconds: histogram(
    "Time of a whole-store hash.",
    exponential(0.01, 2, 15),
  ),
  etcd_mvcc_hash_rev_duration_seconds: histogram(
    "Time of a hash by revision.",
    exponential(0.01, 2, 15),
  ),
  etcd_mvcc_put_total: counter("Puts executed."),
  etcd_mvcc_range_total: counter("Ranges executed."),
  etcd_mvcc_txn_total: counter("Transactions with more than one operation."),
  etcd_snap_db_fsync_duration_seconds: histogram(
    "fsync time of a received database snapshot.",
    exponential(0.001, 2, 14),
  ),
  etcd_snap_db_save_total_duration_seconds: histogram(
    "Time to store a received database snapshot.",
    exponential(0.1, 2, 10),
  ),
  etcd_snap_fsync_duration_seconds: histogram(
    "fsync time of a .snap file.",
    exponential(0.001, 2, 14),
  ),
} as const;
