// SPDX-License-Identifier: Apache-2.0

import { hex, messageTypeName } from "./describe.ts";
import { isRefusal } from "./errors.ts";
import type { Raft } from "./raft.ts";
import { becomeLeader, broadcastAppend } from "./replication.ts";
import { createMessage, EntryType, type Message, NONE, MessageType as T } from "./types.ts";

/** Why a member campaigns: the two kinds of votes, or a leader that hands over. */
export type CampaignKind = "pre-election" | "election" | "transfer";

/** The context of votes in a transfer: whoever knows the leader must answer them all the same. */
const TRANSFER_CONTEXT: Uint8Array = new TextEncoder().encode("CampaignTransfer");

/** Entries looked through at once for configuration changes. */
const SCAN_BYTES_MAX = 16 * 1024 * 1024;

/** Starts an election unless this member must not. */
export function campaignIfAllowed(raft: Raft, kind: CampaignKind): void {
  const { logger, hexId } = raft;
  if (raft.role === "leader") {
    logger.debug(`${hexId} ignoring MsgHup because already leader`);
  } else if (!raft.isPromotable) {
    logger.warn(`${hexId} is unpromotable and can not campaign`);
  } else if (hasUnappliedConfChange(raft)) {
    logger.warn(
      `${hexId} cannot campaign at term ${raft.term} since there are still pending ` +
        "configuration changes to apply",
    );
  } else {
    logger.info(`${hexId} is starting a new election at term ${raft.term}`);
    campaign(raft, kind);
  }
}

/** A change that is committed but not applied could mean that this member is no voter. */
function hasUnappliedConfChange(raft: Raft): boolean {
  const { applied, committed } = raft.log;
  let low = Math.max(applied + 1, raft.log.firstIndex());
  while (low <= committed) {
    const entries = raft.log.slice(low, committed + 1, SCAN_BYTES_MAX);
    if (isRefusal(entries)) return false;
    if (entries.some((entry) => entry.type !== EntryType.normal)) return true;
    low += entries.length;
  }
  return false;
}

function campaign(raft: Raft, kind: CampaignKind): void {
  const isPre = kind === "pre-election";
  if (isPre) raft.becomePreCandidate();
  else raft.becomeCandidate();
  const type = isPre ? T.MsgPreVote : T.MsgVote;
  const ownType = isPre ? T.MsgPreVoteResp : T.MsgVoteResp;
  const term = isPre ? raft.term + 1 : raft.term;
  const context = kind === "transfer" ? TRANSFER_CONTEXT : undefined;
  const { term: logTerm, index } = raft.log.lastId();
  for (const to of raft.tracker.config.voters.ids) {
    if (to === raft.id) {
      // The own vote counts when it is stored, like the others'.
      raft.send(createMessage({ type: ownType, to, term }));
      continue;
    }
    raft.logger.info(
      `${raft.hexId} [logterm: ${logTerm}, index: ${index}] sent ${messageTypeName(type)} ` +
        `request to ${hex(to)} at term ${raft.term}`,
    );
    raft.send(createMessage({ type, to, term, index, logTerm, context }));
  }
}

/** Counts a vote and acts on the result. */
export function countVote(raft: Raft, message: Message): void {
  const { from, type, reject } = message;
  const kind = messageTypeName(type);
  const what = reject ? `${kind} rejection` : kind;
  raft.logger.info(`${raft.hexId} received ${what} from ${hex(from)} at term ${raft.term}`);
  raft.tracker.recordVote(from, !reject);
  const { granted, rejected, result } = raft.tracker.tallyVotes();
  raft.logger.info(
    `${raft.hexId} has received ${granted} ${kind} votes and ${rejected} vote rejections`,
  );
  if (result === "lost") {
    // The messages of a pre-vote carry the term after this one, which nobody has reached.
    raft.becomeFollower(raft.term, NONE);
  } else if (result === "won" && raft.role === "pre-candidate") {
    campaign(raft, "election");
  } else if (result === "won") {
    becomeLeader(raft);
    broadcastAppend(raft);
  }
}

function isTransfer(message: Message): boolean {
  const context = message.context;
  if (context === undefined || context.length !== TRANSFER_CONTEXT.length) return false;
  return TRANSFER_CONTEXT.every((byte, i) => byte === context[i]);
}

/** `<vote type> from <peer> [logterm: …, index: …] at term …` */
function describeRequest(raft: Raft, { type, from, logTerm, index }: Message): string {
  return (
    `${messageTypeName(type)} from ${hex(from)} [logterm: ${logTerm}, index: ${index}] ` +
    `at term ${raft.term}`
  );
}

/**
 * Whether a request of a later term is to be ignored: this member hears from a leader. Otherwise
 * a member that was cut off, or removed, could unseat a leader that works.
 */
export function isVoteInLease(raft: Raft, message: Message): boolean {
  const { electionTick, checkQuorum } = raft.config;
  const isInLease = checkQuorum && raft.lead !== NONE && raft.electionElapsed < electionTick;
  if (!isInLease || isTransfer(message)) return false;
  raft.logger.info(
    `${raft.hexId} ${raft.describeVoteState()} ignored ${describeRequest(raft, message)}: ` +
      `lease is not expired (remaining ticks: ${electionTick - raft.electionElapsed})`,
  );
  return true;
}

/** Grants or refuses a vote of this or (pre-vote) a later term. */
export function answerVote(raft: Raft, message: Message): void {
  const { type, from, term, logTerm, index } = message;
  const canVote =
    raft.vote === from ||
    (raft.vote === NONE && raft.lead === NONE) ||
    (type === T.MsgPreVote && term > raft.term);
  // Learners vote as well: the candidate may know that they were promoted before they do.
  if (!canVote || !raft.log.isUpToDate({ term: logTerm, index })) {
    rejectVote(raft, message);
    return;
  }
  raft.logger.info(
    `${raft.hexId} ${raft.describeVoteState()} cast ${messageTypeName(type)} for ${hex(from)} ` +
      `[logterm: ${logTerm}, index: ${index}] at term ${raft.term}`,
  );
  // The answer to a pre-vote carries the term that was asked for, or the candidate, which is
  // at its own one, would take it for a stale message.
  raft.send(createMessage({ type: responseType(type), to: from, term }));
  if (type === T.MsgVote) {
    raft.electionElapsed = 0;
    raft.vote = from;
  }
}

export function rejectVote(raft: Raft, message: Message): void {
  raft.logger.info(
    `${raft.hexId} ${raft.describeVoteState()} rejected ${describeRequest(raft, message)}`,
  );
  const { from: to, type } = message;
  raft.send(createMessage({ type: responseType(type), to, term: raft.term, reject: true }));
}

function responseType(type: number): typeof T.MsgVoteResp | typeof T.MsgPreVoteResp {
  return type === T.MsgPreVote ? T.MsgPreVoteResp : T.MsgVoteResp;
}
