// SPDX-License-Identifier: Apache-2.0

/** The buckets that every database of etcd has, empty or not, in their order in the file. */
export const ETCD_BUCKETS = [
  "alarm",
  "auth",
  "authRoles",
  "authUsers",
  "cluster",
  "key",
  "lease",
  "members",
  "members_removed",
  "meta",
] as const;

export type EtcdBucket = (typeof ETCD_BUCKETS)[number];

const encoder = new TextEncoder();

/** Keys of the bucket `meta`. */
export const META_KEYS = {
  /** The index of the last entry applied, 8 bytes big-endian. */
  consistentIndex: encoder.encode("consistent_index"),
  /** Its term, 8 bytes big-endian; since 3.5. */
  term: encoder.encode("term"),
  /** Raft's configuration as JSON; since 3.5. */
  confState: encoder.encode("confState"),
  /** Text such as `3.7.0`; since 3.6. */
  storageVersion: encoder.encode("storageVersion"),
  /** Revision keys: the last compaction asked for, and the last one completed. */
  scheduledCompactRevision: encoder.encode("scheduledCompactRev"),
  finishedCompactRevision: encoder.encode("finishedCompactRev"),
} as const;
