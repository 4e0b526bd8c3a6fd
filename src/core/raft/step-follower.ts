// SPDX-License-Identifier: Apache-2.0

import { hex } from "./describe.ts";
import { campaignIfAllowed } from "./election.ts";
import type { StepResult } from "./errors.ts";
import { followLeader } from "./follow.ts";
import type { Raft } from "./raft.ts";
import { type Message, NONE, MessageType as T } from "./types.ts";

/** A message of the own term, or a local one, at a follower. */
export function stepFollower(raft: Raft, message: Message): StepResult {
  switch (message.type) {
    case T.MsgProp:
      return forwardProposal(raft, message);
    case T.MsgApp:
    case T.MsgHeartbeat:
    case T.MsgSnap:
      raft.electionElapsed = 0;
      raft.lead = message.from;
      followLeader(raft, message);
      return "ok";
    case T.MsgTransferLeader:
      forward(raft, message, "leader transfer msg");
      return "ok";
    case T.MsgReadIndex:
      forward(raft, message, "index reading msg");
      return "ok";
    case T.MsgForgetLeader:
      forgetLeader(raft);
      return "ok";
    case T.MsgTimeoutNow:
      onTimeoutNow(raft, message);
      return "ok";
    case T.MsgReadIndexResp:
      onReadIndexResponse(raft, message);
      return "ok";
    default:
      return "ok";
  }
}

function forwardProposal(raft: Raft, message: Message): StepResult {
  const { hexId, lead, term, logger } = raft;
  if (lead === NONE) {
    logger.info(`${hexId} no leader at term ${term}; dropping proposal`);
    return "dropped";
  }
  if (raft.config.disableProposalForwarding) {
    logger.info(
      `${hexId} not forwarding to leader ${hex(lead)} at term ${term}; dropping proposal`,
    );
    return "dropped";
  }
  raft.send({ ...message, to: lead, term: 0 });
  return "ok";
}

/** Passes a request on to the leader, or drops it when there is none. */
function forward(raft: Raft, message: Message, what: string): void {
  if (raft.lead === NONE) {
    raft.logger.info(`${raft.hexId} no leader at term ${raft.term}; dropping ${what}`);
    return;
  }
  // What came from a member that took this one for the leader carries a term.
  raft.send({ ...message, to: raft.lead, term: 0 });
}

/** The member votes for others from now on, but does not hurry to campaign itself. */
function forgetLeader(raft: Raft): void {
  if (raft.config.readOnlyOption === "lease-based") {
    // The leader counts on the lease that this member granted it.
    raft.logger.error("ignoring MsgForgetLeader due to ReadOnlyLeaseBased");
  } else if (raft.lead !== NONE) {
    raft.logger.info(`${raft.hexId} forgetting leader ${hex(raft.lead)} at term ${raft.term}`);
    raft.lead = NONE;
  }
}

function onTimeoutNow(raft: Raft, { from }: Message): void {
  raft.logger.info(
    `${raft.hexId} [term ${raft.term}] received MsgTimeoutNow from ${hex(from)} and starts an ` +
      "election to get leadership.",
  );
  // A transfer never asks first: the leader itself wants this one to win.
  campaignIfAllowed(raft, "transfer");
}

function onReadIndexResponse(raft: Raft, { from, index, entries }: Message): void {
  const [entry, ...others] = entries;
  if (entry === undefined || others.length > 0) {
    raft.logger.error(
      `${raft.hexId} invalid format of MsgReadIndexResp from ${hex(from)}, ` +
        `entries count: ${entries.length}`,
    );
    return;
  }
  raft.readStates.push({ index, requestCtx: entry.data });
}
