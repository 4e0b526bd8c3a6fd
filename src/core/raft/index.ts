// SPDX-License-Identifier: Apache-2.0
/**
 * Raft: the consensus of one member, as a machine without clock, disk, network or chance of its
 * own. Ticks and messages go in by the methods of `RawNode`; what is to be stored, sent and
 * applied comes out of `ready`. Given the same inputs and the same `Random`, it does the same.
 *
 * The protocol is that of etcd's raft library (etcd 3.7), message by message: members of both
 * kinds form one group. It has pre-votes, quorum checks and leases, confirmed and lease-based
 * reads, leadership transfer, learners, and joint configurations. The scripted scenarios in
 * `test/datadriven/raft`, and the library's own, hold it to that, log lines included.
 *
 * Map: `raw-node` is the door; `step` compares terms and hands messages to `step-follower`,
 * `step-candidate` or `step-leader`; `election`, `replication`, `follow`, `proposals`,
 * `read-index`, `transfer` and `configuration` hold what those do; `raft` is the state. `log` is
 * the log over `storage` (stable) and `log-unstable`. `tracker` is what a leader knows of the
 * others, `quorum` the arithmetic of majorities, `confchange` the rules of configurations.
 *
 * Invariants:
 * - A term has at most one leader; `term` never falls; one vote per term.
 * - applied <= applying <= committed <= last index. What is committed is never replaced.
 * - Promises (votes, acknowledged entries), a member's own included, leave only after what they
 *   rest on is stored. A leader's appends may leave before its own log is stored.
 * - A leader commits by counting only entries of its own term.
 * - At most one configuration change is in the log and not applied.
 *
 * A broken invariant throws and must end the process. A message that does not fit is answered or
 * ignored; a proposal that cannot be taken is refused with a `StepResult`.
 *
 * Left to others: storing (`core/wal`), sending (`server/rafthttp`), applying (`core/replica`),
 * retrying proposals and reads, which may be lost at any time.
 */

export {
  type BootstrapPeer,
  type BootstrapState,
  bootstrapState,
} from "./bootstrap.ts";
export {
  asConfChangeV2,
  decodeConfChange,
  decodeConfChangeEntry,
  decodeConfChangeV2,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  encodeConfChange,
  encodeConfChangeV2,
  encodeConfState,
  encoded,
  encodeEntry,
  encodeHardState,
  encodeMessage,
  encodeSnapshot,
  entrySize,
} from "./codec.ts";
export {
  applyChange,
  type ChangeBase,
  type ChangeRefusal,
  type ChangeResult,
  changeSimply,
  enterJoint,
  leaveJoint,
} from "./confchange/changer.ts";
export { formatConfChanges, parseConfChanges } from "./confchange/parse.ts";
export { restoreState } from "./confchange/restore.ts";
export type { RaftConfig, ReadOnlyOption } from "./config.ts";
export {
  describeConfState,
  describeEntry,
  describeHardState,
  describeMessage,
  describeSnapshot,
  describeSoftState,
  describeTrackedConfig,
  messageTypeName,
  quoteBytes,
  type Role,
  roleName,
} from "./describe.ts";
export {
  isRefusal,
  type ProposeResult,
  refusalText,
  type StepRefusal,
  type StepResult,
  type StorageRefusal,
  type StorageResult,
} from "./errors.ts";
export { type RaftLogger, silentRaftLogger } from "./logger.ts";
export { MemoryStorage } from "./memory-storage.ts";
export { JointConfig } from "./quorum/joint.ts";
export { EMPTY_MAJORITY, MajorityConfig, type VoteResult } from "./quorum/majority.ts";
export type { ReadState } from "./raft.ts";
export { RawNode } from "./raw-node.ts";
export { PENDING_READS_MAX } from "./read-index.ts";
export type { Ready, SoftState } from "./ready.ts";
export type { BasicStatus, Status } from "./status.ts";
export type { RaftStorage } from "./storage.ts";
export { type InflightLimits, Inflights } from "./tracker/inflights.ts";
export { Progress, type ProgressState } from "./tracker/progress.ts";
export {
  confStateOf,
  EMPTY_TRACKED_CONFIG,
  type TrackedConfig,
  type TrackedState,
} from "./tracker/progress-tracker.ts";
export {
  APPEND_THREAD,
  APPLY_THREAD,
  type ConfChange,
  type ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  type ConfChangeV2,
  type ConfState,
  createMessage,
  EMPTY_CONF_STATE,
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  type HardState,
  isEmptyHardState,
  isSameHardState,
  type Message,
  MessageType,
  NO_BYTES,
  NONE,
  type Snapshot,
  type SnapshotMetadata,
} from "./types.ts";
