// SPDX-License-Identifier: Apache-2.0

import { hex, roleName } from "./describe.ts";
import { countVote } from "./election.ts";
import type { StepResult } from "./errors.ts";
import { followLeader } from "./follow.ts";
import type { Raft } from "./raft.ts";
import { type Message, MessageType as T } from "./types.ts";

/** A message of the own term, or a local one, at a candidate or a pre-candidate. */
export function stepCandidate(raft: Raft, message: Message): StepResult {
  const { logger, hexId, term } = raft;
  switch (message.type) {
    case T.MsgProp:
      logger.info(`${hexId} no leader at term ${term}; dropping proposal`);
      return "dropped";
    case T.MsgApp:
    case T.MsgHeartbeat:
    case T.MsgSnap:
      // Somebody else has won the election.
      raft.becomeFollower(term, message.from);
      followLeader(raft, message);
      return "ok";
    case T.MsgVoteResp:
      // Late answers to the pre-vote say nothing about the vote, and the other way round.
      if (raft.role === "candidate") countVote(raft, message);
      return "ok";
    case T.MsgPreVoteResp:
      if (raft.role === "pre-candidate") countVote(raft, message);
      return "ok";
    case T.MsgTimeoutNow:
      logger.debug(
        `${hexId} [term ${term} state ${roleName(raft.role)}] ignored MsgTimeoutNow ` +
          `from ${hex(message.from)}`,
      );
      return "ok";
    default:
      return "ok";
  }
}
