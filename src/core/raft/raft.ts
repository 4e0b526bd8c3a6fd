// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import type { ResolvedConfig } from "./config.ts";
import { hex, type Role } from "./describe.ts";
import { RaftLog } from "./log.ts";
import type { RaftLogger } from "./logger.ts";
import { ReadOnlyQueue } from "./read-only-queue.ts";
import { ProgressTracker } from "./tracker/progress-tracker.ts";
import {
  type HardState,
  type Message,
  type MessageDraft,
  MessageTypeSet,
  NONE,
  MessageType as T,
} from "./types.ts";

/** A read that may be served once everything up to `index` is applied. */
export interface ReadState {
  readonly index: number;
  /** What the reader gave to know its request by. */
  readonly requestCtx: Uint8Array;
}

const VOTE_TYPES = new MessageTypeSet([T.MsgVote, T.MsgVoteResp, T.MsgPreVote, T.MsgPreVoteResp]);

/** Promises: to be sent only when the log and the hard state they rest on are stored. */
const AFTER_APPEND_TYPES = new MessageTypeSet([T.MsgAppResp, T.MsgVoteResp, T.MsgPreVoteResp]);

/**
 * One member's state and its changes of role. What a message does in which role is in the step
 * files; they change this state through the methods here.
 *
 * Invariants: `term` never decreases; `vote` changes once per term at most; while leading, `lead`
 * is this member and its own progress, if it has one, is in the state `replicate`.
 */
export class Raft {
  readonly id: bigint;
  readonly config: ResolvedConfig;
  readonly logger: RaftLogger;
  readonly log: RaftLog;
  tracker: ProgressTracker;

  term = 0;
  vote = NONE;
  role: Role = "follower";
  lead = NONE;
  /** Set while this member leads and hands over; proposals are refused meanwhile. */
  leadTransferee = NONE;
  isLearner = false;

  /**
   * A configuration change at or below this index may be in the log and not be applied: no other
   * one is taken until it is. Set to the last index when leadership is won, since what the
   * predecessor left is not examined.
   */
  pendingConfIndex = 0;
  /** Payload of the entries that this leader appended and that are not applied yet. */
  uncommittedBytes = 0;

  /** Ticks since the last election timeout, or (follower) since the leader was heard of. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /** In [electionTick, 2 * electionTick), drawn anew with every change of role. */
  randomizedElectionTimeout = 0;

  readOnly = new ReadOnlyQueue();
  /** Reads that came before the leader's first commit of its term. */
  postponedReads: Message[] = [];
  readStates: ReadState[] = [];
  /** To be sent at once. */
  messages: Message[] = [];
  /** To be sent, or stepped here when addressed to this member, after the storage work. */
  messagesAfterAppend: Message[] = [];

  constructor(config: ResolvedConfig) {
    this.id = config.id;
    this.config = config;
    this.logger = config.logger;
    this.log = new RaftLog({
      storage: config.storage,
      logger: config.logger,
      maxApplyingBytes: config.maxCommittedSizePerReady,
    });
    this.tracker = this.newTracker();
  }

  newTracker(): ProgressTracker {
    const { maxInflightMsgs: messages, maxInflightBytes: bytes } = this.config;
    return new ProgressTracker({ messages, bytes });
  }

  get hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.committed };
  }

  get hexId(): string {
    return hex(this.id);
  }

  /** `[logterm: …, index: …, vote: …]`, as the log lines about votes show it. */
  describeVoteState(): string {
    const { term, index } = this.log.lastId();
    return `[logterm: ${term}, index: ${index}, vote: ${hex(this.vote)}]`;
  }

  /**
   * Queues a message of this member and puts its term on it, where the kind carries one. The
   * message is kept.
   */
  send(message: MessageDraft): void {
    const { type, term } = message;
    if (VOTE_TYPES.has(type)) {
      // A vote's term is not always the sender's: a pre-vote asks for the one after it.
      invariant(term !== 0, "a message about votes needs its term");
    } else {
      invariant(term === 0, "the term is set when a message is sent");
      // What is forwarded to a leader counts as local there, whatever the term.
      if (type !== T.MsgProp && type !== T.MsgReadIndex) message.term = this.term;
    }
    if (message.from === NONE) message.from = this.id;
    if (AFTER_APPEND_TYPES.has(type)) {
      this.messagesAfterAppend.push(message);
    } else {
      invariant(message.to !== this.id, "only promises may be self-addressed");
      this.messages.push(message);
    }
  }

  #reset(term: number): void {
    if (this.term !== term) {
      this.term = term;
      this.vote = NONE;
    }
    this.lead = NONE;
    this.electionElapsed = 0;
    this.heartbeatElapsed = 0;
    this.resetRandomizedElectionTimeout();
    this.leadTransferee = NONE;
    this.tracker.resetVotes();
    this.tracker.resetProgress(this.id, this.log.lastIndex());
    this.pendingConfIndex = 0;
    this.uncommittedBytes = 0;
    this.readOnly = new ReadOnlyQueue();
    this.postponedReads = [];
  }

  resetRandomizedElectionTimeout(): void {
    const { electionTick, random } = this.config;
    this.randomizedElectionTimeout = electionTick + random.intBelow(electionTick);
  }

  becomeFollower(term: number, lead: bigint): void {
    this.#reset(term);
    this.lead = lead;
    this.role = "follower";
    this.logger.info(`${this.hexId} became follower at term ${this.term}`);
  }

  becomeCandidate(): void {
    invariant(this.role !== "leader", "invalid transition [leader -> candidate]");
    this.#reset(this.term + 1);
    this.vote = this.id;
    this.role = "candidate";
    this.logger.info(`${this.hexId} became candidate at term ${this.term}`);
  }

  /** Neither term nor vote nor timers change: nobody may notice an election that is not won. */
  becomePreCandidate(): void {
    invariant(this.role !== "leader", "invalid transition [leader -> pre-candidate]");
    this.tracker.resetVotes();
    this.lead = NONE;
    this.role = "pre-candidate";
    this.logger.info(`${this.hexId} became pre-candidate at term ${this.term}`);
  }

  /** The first half of becoming leader; the empty entry that starts the term comes next. */
  beginLeading(): void {
    invariant(this.role !== "follower", "invalid transition [follower -> leader]");
    this.#reset(this.term);
    this.lead = this.id;
    this.role = "leader";
    const own = this.tracker.get(this.id);
    invariant(own !== undefined, "a leader must be a member");
    own.becomeReplicate();
    own.recentActive = true;
    this.pendingConfIndex = this.log.lastIndex();
  }

  /** Whether this member may become leader. */
  get isPromotable(): boolean {
    const own = this.tracker.get(this.id);
    return own !== undefined && !own.isLearner && !this.log.hasPendingSnapshot();
  }

  /** Whether the leader has committed an entry of its own term. */
  hasCommittedInTerm(): boolean {
    return this.log.termOrZero(this.log.committed) === this.term;
  }
}
