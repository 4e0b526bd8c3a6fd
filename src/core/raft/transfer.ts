// SPDX-License-Identifier: Apache-2.0

import { hex } from "./describe.ts";
import type { Raft } from "./raft.ts";
import { sendAppend } from "./replication.ts";
import type { Progress } from "./tracker/progress.ts";
import { createMessage, type Message, NONE, MessageType as T } from "./types.ts";

/** A request to hand the leadership over to the member that the message names as its sender. */
export function transferLeadership(raft: Raft, { from: target }: Message, to: Progress): void {
  const { logger, hexId, term } = raft;
  if (to.isLearner) {
    logger.debug(`${hexId} is learner. Ignored transferring leadership`);
    return;
  }
  if (raft.leadTransferee === target) {
    logger.info(
      `${hexId} [term ${term}] transfer leadership to ${hex(target)} is in progress, ignores ` +
        `request to same node ${hex(target)}`,
    );
    return;
  }
  if (raft.leadTransferee !== NONE) {
    const previous = raft.leadTransferee;
    raft.leadTransferee = NONE;
    logger.info(
      `${hexId} [term ${term}] abort previous transferring leadership to ${hex(previous)}`,
    );
  }
  if (target === raft.id) {
    logger.debug(`${hexId} is already leader. Ignored transferring leadership to self`);
    return;
  }
  logger.info(`${hexId} [term ${term}] starts to transfer leadership to ${hex(target)}`);
  begin(raft, target, to);
}

function begin(raft: Raft, target: bigint, to: Progress): void {
  // The transfer has one election timeout to succeed; the tick gives it up.
  raft.electionElapsed = 0;
  raft.leadTransferee = target;
  if (to.match === raft.log.lastIndex()) {
    sendTimeoutNow(raft, target);
    raft.logger.info(
      `${raft.hexId} sends MsgTimeoutNow to ${hex(target)} immediately as ${hex(target)} ` +
        "already has up-to-date log",
    );
  } else {
    sendAppend(raft, target);
  }
}

/** The target of a transfer has acknowledged entries: when it has all of them it may campaign. */
export function continueTransfer(raft: Raft, from: bigint, progress: Progress): void {
  if (from !== raft.leadTransferee || progress.match !== raft.log.lastIndex()) return;
  raft.logger.info(`${raft.hexId} sent MsgTimeoutNow to ${hex(from)} after received MsgAppResp`);
  sendTimeoutNow(raft, from);
}

function sendTimeoutNow(raft: Raft, to: bigint): void {
  raft.send(createMessage({ type: T.MsgTimeoutNow, to }));
}
