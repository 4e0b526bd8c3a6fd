// SPDX-License-Identifier: Apache-2.0

import { unreachable } from "../../base/invariant.ts";

/**
 * Why a storage does not give what it was asked for.
 * - `compacted`: the position was discarded; a snapshot holds it.
 * - `unavailable`: the position does not exist yet.
 * - `snapshot-out-of-date`: the storage already has a newer snapshot.
 * - `snapshot-temporarily-unavailable`: a snapshot is being made; ask again later.
 */
export type StorageRefusal =
  | "compacted"
  | "unavailable"
  | "snapshot-out-of-date"
  | "snapshot-temporarily-unavailable";

/** A value, or the reason why there is none. No value of a storage is a string. */
export type StorageResult<T> = T | StorageRefusal;

export function isRefusal(result: unknown): result is StorageRefusal {
  return typeof result === "string";
}

/**
 * Why a message is impossible.
 * - `no-term`: only proposals and reads that are forwarded come without one.
 * - `counter-too-large`: no group gets to such a term or index, and the next one could not be
 *   counted any more.
 * - `commit-beyond-log`: a heartbeat commits what this member never acknowledged, or has lost.
 * - `malformed-entries`: a gap, or a term that falls or lies after the message's.
 * - `malformed-conf-change`: its bytes do not decode.
 * - `malformed-snapshot`: none at all, one of no position, or of members that cannot be.
 */
export type Impossibility =
  | "no-term"
  | "counter-too-large"
  | "commit-beyond-log"
  | "malformed-entries"
  | "malformed-conf-change"
  | "malformed-snapshot";

/**
 * Why a message was not taken.
 * - `dropped`: a proposal that this member cannot accept or forward now; propose again later.
 * - `local-message`: a peer sent what only a member's own shell may say.
 * - `peer-not-found`: a response from a member that is not in the configuration.
 * - or it cannot be, see `Impossibility`.
 */
export type StepRefusal = "dropped" | "local-message" | "peer-not-found" | Impossibility;
export type StepResult = "ok" | StepRefusal;
export type ProposeResult = "ok" | "dropped";

/** The refusal in etcd's words. */
export function refusalText(refusal: StepRefusal | StorageRefusal): string {
  switch (refusal) {
    case "dropped":
      return "raft proposal dropped";
    case "local-message":
      return "raft: cannot step raft local message";
    case "peer-not-found":
      return "raft: cannot step as peer not found";
    case "no-term":
      return "raft: cannot step a message without a term";
    case "counter-too-large":
      return "raft: cannot step as a term or index is impossible";
    case "commit-beyond-log":
      return "raft: cannot commit what is not in the log; was it damaged or lost?";
    case "malformed-entries":
      return "raft: cannot append entries that do not follow each other";
    case "malformed-conf-change":
      return "raft: cannot take a configuration change that does not decode";
    case "malformed-snapshot":
      return "raft: cannot restore a malformed snapshot";
    case "compacted":
      return "requested index is unavailable due to compaction";
    case "unavailable":
      return "requested entry at index is unavailable";
    case "snapshot-out-of-date":
      return "requested index is older than the existing snapshot";
    case "snapshot-temporarily-unavailable":
      return "snapshot is temporarily unavailable";
    default:
      return unreachable(refusal);
  }
}
