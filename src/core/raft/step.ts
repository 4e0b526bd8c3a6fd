// SPDX-License-Identifier: Apache-2.0
// The one entry for messages: terms are compared first, then the role decides.

import { hex, messageTypeName } from "./describe.ts";
import { answerVote, campaignIfAllowed, isVoteInLease, rejectVote } from "./election.ts";
import type { StepResult } from "./errors.ts";
import { appliedTo } from "./proposals.ts";
import type { Raft } from "./raft.ts";
import { releaseUncommitted } from "./replication.ts";
import { stepCandidate } from "./step-candidate.ts";
import { stepFollower } from "./step-follower.ts";
import { stepLeader } from "./step-leader.ts";
import { entriesSize } from "./storage.ts";
import { createMessage, type Message, NONE, type Snapshot, MessageType as T } from "./types.ts";

/** Takes a message. What it causes is left in the state, for the next `Ready`. */
export function step(raft: Raft, message: Message): StepResult {
  if (message.term > raft.term) {
    if (!admitLaterTerm(raft, message)) return "ok";
  } else if (message.term < raft.term && message.term !== 0) {
    onEarlierTerm(raft, message);
    return "ok";
  }
  switch (message.type) {
    case T.MsgHup:
      campaignIfAllowed(raft, raft.config.preVote ? "pre-election" : "election");
      return "ok";
    case T.MsgStorageAppendResp:
      if (message.index !== 0) {
        raft.log.unstable.stableTo({ term: message.logTerm, index: message.index });
      }
      onSnapshotStored(raft, message.snapshot);
      return "ok";
    case T.MsgStorageApplyResp:
      onApplied(raft, message);
      return "ok";
    case T.MsgVote:
    case T.MsgPreVote:
      // Without a term it is nobody's request.
      if (message.term !== 0) answerVote(raft, message);
      return "ok";
    default:
      return stepInRole(raft, message);
  }
}

function stepInRole(raft: Raft, message: Message): StepResult {
  if (raft.role === "leader") return stepLeader(raft, message);
  if (raft.role === "follower") return stepFollower(raft, message);
  return stepCandidate(raft, message);
}

/** A later term ends the own one, except for pre-votes. False: the message is to be ignored. */
function admitLaterTerm(raft: Raft, message: Message): boolean {
  const { type, term, from } = message;
  if ((type === T.MsgVote || type === T.MsgPreVote) && isVoteInLease(raft, message)) return false;
  // A pre-vote asks about a term that does not exist yet, and so does its granting.
  if (type === T.MsgPreVote || (type === T.MsgPreVoteResp && !message.reject)) return true;
  raft.logger.info(
    `${raft.hexId} [term: ${raft.term}] received a ${messageTypeName(type)} message with higher ` +
      `term from ${hex(from)} [term: ${term}]`,
  );
  const isFromLeader = type === T.MsgApp || type === T.MsgHeartbeat || type === T.MsgSnap;
  raft.becomeFollower(term, isFromLeader ? from : NONE);
  return true;
}

function onEarlierTerm(raft: Raft, message: Message): void {
  const { type, from, term } = message;
  const { checkQuorum, preVote } = raft.config;
  if ((checkQuorum || preVote) && (type === T.MsgApp || type === T.MsgHeartbeat)) {
    // A leader of an earlier term must hear of this one. Without these options this member's
    // next request for votes tells it; with them such requests may never be sent or heard.
    raft.send(createMessage({ type: T.MsgAppResp, to: from }));
  } else if (type === T.MsgPreVote) {
    // Silence would leave two candidates of different terms waiting for each other.
    rejectVote(raft, message);
  } else if (type === T.MsgStorageAppendResp) {
    ignoreEarlierAppend(raft, message);
  } else {
    raft.logger.info(
      `${raft.hexId} [term: ${raft.term}] ignored a ${messageTypeName(type)} message with lower ` +
        `term from ${hex(from)} [term: ${term}]`,
    );
  }
}

/**
 * Storage has entries that were handed to it in an earlier term. They may have been replaced
 * since, and the same entries may have come back, so that being written says nothing: what is
 * written now is acknowledged in this term. A snapshot is committed and stays what it is.
 */
function ignoreEarlierAppend(raft: Raft, message: Message): void {
  if (message.index !== 0) {
    raft.logger.info(
      `${raft.hexId} [term: ${raft.term}] ignored entry appends from a MsgStorageAppendResp ` +
        `message with lower term [term: ${message.term}]`,
    );
  }
  onSnapshotStored(raft, message.snapshot);
}

function onSnapshotStored(raft: Raft, snapshot: Snapshot | undefined): void {
  if (snapshot === undefined) return;
  raft.log.unstable.stableSnapshotTo(snapshot.metadata.index);
  appliedTo(raft, snapshot.metadata.index, 0);
}

function onApplied(raft: Raft, { entries }: Message): void {
  const last = entries.at(-1);
  if (last === undefined) return;
  appliedTo(raft, last.index, entriesSize(entries));
  releaseUncommitted(raft, entries);
}
