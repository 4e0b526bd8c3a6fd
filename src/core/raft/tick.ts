// SPDX-License-Identifier: Apache-2.0

import type { Raft } from "./raft.ts";
import { step } from "./step.ts";
import { createMessage, NONE, MessageType as T } from "./types.ts";

/** One unit of time has passed. */
export function tick(raft: Raft): void {
  if (raft.role === "leader") tickLeader(raft);
  else tickElection(raft);
}

function stepLocal(raft: Raft, type: typeof T.MsgHup | typeof T.MsgCheckQuorum | typeof T.MsgBeat) {
  step(raft, createMessage({ type, to: NONE, from: raft.id }));
}

function tickElection(raft: Raft): void {
  raft.electionElapsed++;
  if (!raft.isPromotable || raft.electionElapsed < raft.randomizedElectionTimeout) return;
  raft.electionElapsed = 0;
  stepLocal(raft, T.MsgHup);
}

function tickLeader(raft: Raft): void {
  raft.heartbeatElapsed++;
  raft.electionElapsed++;
  if (raft.electionElapsed >= raft.config.electionTick) {
    raft.electionElapsed = 0;
    if (raft.config.checkQuorum) stepLocal(raft, T.MsgCheckQuorum);
    // A transfer that took this long has failed: proposals are taken again.
    raft.leadTransferee = NONE;
  }
  // The check may have ended the leadership.
  if (raft.role !== "leader" || raft.heartbeatElapsed < raft.config.heartbeatTick) return;
  raft.heartbeatElapsed = 0;
  stepLocal(raft, T.MsgBeat);
}
