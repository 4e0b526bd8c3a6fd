// SPDX-License-Identifier: Apache-2.0

/** Proposals that wait for raft at once; one more is refused with "too many requests". */
export const PENDING_PROPOSALS_MAX = 100_000;
/** Bytes of the proposals that wait; above it a further one is refused the same way. */
export const PENDING_PROPOSAL_BYTES_MAX = 256 * 1024 * 1024;
/** Linearizable reads that wait for a read index; one more is refused the same way. */
export const PENDING_READS_MAX = 100_000;
/** Committed entries that apply may lag behind before proposals are refused (etcd's value). */
export const APPLY_GAP_MAX = 5000;
/** The same for what takes load away, when the member gives it precedence (etcd's value). */
export const PRIORITY_APPLY_GAP_MAX = 10_000;
/** A read index without an answer is asked for again after this time (etcd's value). */
export const READ_INDEX_RETRY_MS = 500;
/** Pairs of cause and sender whose first refused message is told; then the causes alone count. */
export const REFUSED_SENDERS_MAX = 256;
/** Applied entries between two compactions of the raft log in memory (etcd's value). */
export const MEMORY_LOG_COMPACTION_STEP = 100;
