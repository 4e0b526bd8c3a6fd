// SPDX-License-Identifier: Apache-2.0

import type { Role } from "./describe.ts";
import type { Raft } from "./raft.ts";
import type { Progress } from "./tracker/progress.ts";
import type { TrackedConfig } from "./tracker/progress-tracker.ts";

/** The state in a few numbers; making it costs one object. */
export interface BasicStatus {
  readonly id: bigint;
  readonly term: number;
  readonly vote: bigint;
  readonly commit: number;
  readonly applied: number;
  /** The leader of the term as far as this member knows, or `NONE`. */
  readonly leader: bigint;
  readonly role: Role;
  readonly isLearner: boolean;
  /** The member that the leadership is being handed to, or `NONE`. */
  readonly leadTransferee: bigint;
}

/** The state with the configuration and, at the leader, what is known of every member. */
export interface Status extends BasicStatus {
  readonly config: TrackedConfig;
  /** Ascending by identity; copies. Empty unless this member leads. */
  readonly progress: ReadonlyMap<bigint, Progress>;
}

export function basicStatus(raft: Raft): BasicStatus {
  return {
    id: raft.id,
    term: raft.term,
    vote: raft.vote,
    commit: raft.log.committed,
    applied: raft.log.applied,
    leader: raft.lead,
    role: raft.role,
    isLearner: raft.isLearner,
    leadTransferee: raft.leadTransferee,
  };
}

export function status(raft: Raft): Status {
  const progress = new Map<bigint, Progress>();
  if (raft.role === "leader") {
    for (const id of raft.tracker.ids) {
      const member = raft.tracker.get(id);
      if (member !== undefined) progress.set(id, member.clone(member.inflights.clone()));
    }
  }
  return { ...basicStatus(raft), config: raft.tracker.config, progress };
}
