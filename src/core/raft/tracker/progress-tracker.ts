// SPDX-License-Identifier: Apache-2.0

import { JointConfig } from "../quorum/joint.ts";
import { EMPTY_MAJORITY, type VoteResult } from "../quorum/majority.ts";
import type { ConfState } from "../types.ts";
import { type InflightLimits, Inflights } from "./inflights.ts";
import { Progress } from "./progress.ts";

/**
 * Who is in the group. Immutable; a change makes a new one.
 *
 * Invariants: learners are in neither half of the voters; those of `learnersNext` are outgoing
 * voters, so that it is empty, and `autoLeave` false, outside a joint configuration.
 */
export interface TrackedConfig {
  readonly voters: JointConfig;
  /** Ascending, as all sets here. */
  readonly learners: readonly bigint[];
  readonly learnersNext: readonly bigint[];
  readonly autoLeave: boolean;
}

export const EMPTY_TRACKED_CONFIG: TrackedConfig = {
  voters: new JointConfig(EMPTY_MAJORITY, EMPTY_MAJORITY),
  learners: [],
  learnersNext: [],
  autoLeave: false,
};

/** A configuration with a progress for exactly its members. */
export interface TrackedState {
  readonly config: TrackedConfig;
  readonly progress: ReadonlyMap<bigint, Progress>;
}

export function confStateOf(config: TrackedConfig): ConfState {
  return {
    voters: config.voters.incoming.ids,
    votersOutgoing: config.voters.outgoing.ids,
    learners: config.learners,
    learnersNext: config.learnersNext,
    autoLeave: config.autoLeave,
  };
}

/** The configuration, every member's progress and the votes of the running election. */
export class ProgressTracker {
  readonly inflightLimits: InflightLimits;
  #config: TrackedConfig = EMPTY_TRACKED_CONFIG;
  #progress: ReadonlyMap<bigint, Progress> = new Map();
  #ids: readonly bigint[] = [];
  #votes = new Map<bigint, boolean>();
  /** Whom `get` has found last. */
  #found: Progress | undefined;
  #foundId = 0n;
  readonly #matchOf = (id: bigint): number | undefined => this.get(id)?.match;
  readonly #voteOf = (id: bigint): boolean | undefined => this.#votes.get(id);

  constructor(inflightLimits: InflightLimits) {
    this.inflightLimits = inflightLimits;
  }

  get config(): TrackedConfig {
    return this.#config;
  }

  get state(): TrackedState {
    return { config: this.#config, progress: this.#progress };
  }

  /** All members, ascending. */
  get ids(): readonly bigint[] {
    return this.#ids;
  }

  get(id: bigint): Progress | undefined {
    // A map hashes the digits of its key each time; most questions are about the same member.
    if (this.#found === undefined || id !== this.#foundId) {
      this.#found = this.#progress.get(id);
      this.#foundId = id;
    }
    return this.#found;
  }

  switchTo(state: TrackedState): void {
    this.#config = state.config;
    this.#progress = state.progress;
    this.#found = undefined;
    this.#ids = [...state.progress.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Forgets what was known of every log: a new term begins. */
  resetProgress(self: bigint, lastIndex: number): void {
    const fresh = new Map<bigint, Progress>();
    for (const [id, { isLearner }] of this.#progress) {
      const match = id === self ? lastIndex : 0;
      const inflights = new Inflights(this.inflightLimits);
      const init = { match, next: lastIndex + 1, isLearner, recentActive: false, inflights };
      fresh.set(id, new Progress(init));
    }
    this.#progress = fresh;
    this.#found = undefined;
  }

  /** The last index that a quorum has. */
  committed(): number {
    return this.#config.voters.committedIndex(this.#matchOf);
  }

  /** Whether a quorum was heard of since the last `markInactive`. */
  isQuorumActive(): boolean {
    const voteOf = (id: bigint): boolean | undefined => {
      const progress = this.#progress.get(id);
      return progress === undefined || progress.isLearner ? undefined : progress.recentActive;
    };
    return this.#config.voters.voteResult(voteOf) === "won";
  }

  /** Everybody but `self` has to be heard of anew. */
  markInactive(self: bigint): void {
    for (const [id, progress] of this.#progress) if (id !== self) progress.recentActive = false;
  }

  resetVotes(): void {
    this.#votes = new Map();
  }

  /** Counts a vote; a second one of the same member changes nothing. */
  recordVote(id: bigint, granted: boolean): void {
    if (!this.#votes.has(id)) this.#votes.set(id, granted);
  }

  tallyVotes(): { granted: number; rejected: number; result: VoteResult } {
    let granted = 0;
    let rejected = 0;
    for (const [id, progress] of this.#progress) {
      // A learner may have been asked while it was a voter; its vote no longer counts.
      const vote = progress.isLearner ? undefined : this.#votes.get(id);
      if (vote === true) granted++;
      else if (vote === false) rejected++;
    }
    return { granted, rejected, result: this.#config.voters.voteResult(this.#voteOf) };
  }
}
