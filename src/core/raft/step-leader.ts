// SPDX-License-Identifier: Apache-2.0

import { hex } from "./describe.ts";
import type { StepResult } from "./errors.ts";
import { proposeEntries } from "./proposals.ts";
import type { Raft } from "./raft.ts";
import { confirmReads, leaderReadIndex, releasePostponedReads } from "./read-index.ts";
import {
  broadcastAppend,
  broadcastHeartbeat,
  maybeCommit,
  maybeSendAppend,
  sendAppend,
} from "./replication.ts";
import type { Progress } from "./tracker/progress.ts";
import { continueTransfer, transferLeadership } from "./transfer.ts";
import { type Message, NONE, MessageType as T } from "./types.ts";

/** A message of the own term, or a local one, at the leader. */
export function stepLeader(raft: Raft, message: Message): StepResult {
  switch (message.type) {
    case T.MsgBeat:
      broadcastHeartbeat(raft);
      return "ok";
    case T.MsgCheckQuorum:
      checkQuorum(raft);
      return "ok";
    case T.MsgProp:
      return proposeEntries(raft, message.entries);
    case T.MsgReadIndex:
      leaderReadIndex(raft, message);
      return "ok";
    case T.MsgForgetLeader:
      return "ok";
    default:
      stepAboutMember(raft, message);
      return "ok";
  }
}

/** Steps down when no quorum was heard of since the last check: another leader may exist. */
function checkQuorum(raft: Raft): void {
  if (!raft.tracker.isQuorumActive()) {
    raft.logger.warn(`${raft.hexId} stepped down to follower since quorum is not active`);
    raft.becomeFollower(raft.term, NONE);
  }
  raft.tracker.markInactive(raft.id);
}

function stepAboutMember(raft: Raft, message: Message): void {
  const progress = raft.tracker.get(message.from);
  if (progress === undefined) {
    raft.logger.debug(`${raft.hexId} no progress available for ${hex(message.from)}`);
    return;
  }
  switch (message.type) {
    case T.MsgAppResp:
      onAppendResponse(raft, message, progress);
      return;
    case T.MsgHeartbeatResp:
      onHeartbeatResponse(raft, message, progress);
      return;
    case T.MsgSnapStatus:
      onSnapshotStatus(raft, message, progress);
      return;
    case T.MsgUnreachable:
      onUnreachable(raft, message, progress);
      return;
    case T.MsgTransferLeader:
      transferLeadership(raft, message, progress);
      return;
    default:
      return;
  }
}

function onAppendResponse(raft: Raft, message: Message, progress: Progress): void {
  progress.recentActive = true;
  if (message.reject) onRejection(raft, message, progress);
  // A follower cannot have more than this leader gave it.
  else if (message.index <= raft.log.lastIndex()) onAcknowledgement(raft, message, progress);
}

/**
 * Finds the next position to probe. The follower's hint skips what it has of later terms; where
 * the leader's log is of a later term there, the leader skips its part as well.
 */
function onRejection(raft: Raft, message: Message, progress: Progress): void {
  const { from, index, rejectHint, logTerm } = message;
  raft.logger.debug(
    `${raft.hexId} received MsgAppResp(rejected, hint: (index ${rejectHint}, term ${logTerm})) ` +
      `from ${hex(from)} for index ${index}`,
  );
  const probe = logTerm > 0 ? raft.log.findConflictByTerm(rejectHint, logTerm).index : rejectHint;
  if (!progress.maybeDecreaseTo(index, probe)) return;
  raft.logger.debug(`${raft.hexId} decreased progress of ${hex(from)} to [${progress.describe()}]`);
  if (progress.state === "replicate") progress.becomeProbe();
  sendAppend(raft, from);
}

function onAcknowledgement(raft: Raft, message: Message, progress: Progress): void {
  const { from, index } = message;
  // A follower that is probed may acknowledge what was known: it matches, so probing ends.
  const isProbed = progress.state === "probe" && progress.match === index;
  if (!progress.maybeUpdate(index) && !isProbed) return;
  advanceState(raft, message, progress);
  if (maybeCommit(raft)) {
    releasePostponedReads(raft);
    broadcastAppend(raft);
  } else if (from !== raft.id && progress.canBumpCommit(raft.log.committed)) {
    // The heartbeats would tell the commit index as well, only later.
    sendAppend(raft, from);
  }
  if (from === raft.id) return;
  // The window has room again: send as much as fits.
  while (maybeSendAppend(raft, from, false));
  continueTransfer(raft, from, progress);
}

function advanceState(raft: Raft, { from, index }: Message, progress: Progress): void {
  if (progress.state === "probe") {
    progress.becomeReplicate();
  } else if (progress.state === "replicate") {
    progress.inflights.freeTo(index);
  } else if (progress.match + 1 >= raft.log.firstIndex()) {
    // The log connects, whether or not the snapshot under way was what brought it there.
    raft.logger.debug(
      `${raft.hexId} recovered from needing snapshot, resumed sending replication messages to ` +
        `${hex(from)} [${progress.describe()}]`,
    );
    progress.becomeProbe();
    progress.becomeReplicate();
  }
}

function onHeartbeatResponse(raft: Raft, message: Message, progress: Progress): void {
  progress.recentActive = true;
  progress.appendPaused = false;
  // A follower that answers but lacks entries may have lost an append; one that is probed has to
  // acknowledge one before it is replicated to again.
  if (progress.match < raft.log.lastIndex() || progress.state === "probe") {
    sendAppend(raft, message.from);
  }
  if (message.context !== undefined) confirmReads(raft, message.from, message.context);
}

function onSnapshotStatus(raft: Raft, message: Message, progress: Progress): void {
  if (progress.state !== "snapshot") return;
  // After a failure nothing is known to have arrived.
  if (message.reject) progress.pendingSnapshot = 0;
  progress.becomeProbe();
  raft.logger.debug(
    `${raft.hexId} snapshot ${message.reject ? "failed" : "succeeded"}, resumed sending ` +
      `replication messages to ${hex(message.from)} [${progress.describe()}]`,
  );
  // The follower's own word comes first: an append response after success, and after failure a
  // heartbeat response, so that the next attempt is not made at once.
  progress.appendPaused = true;
}

function onUnreachable(raft: Raft, message: Message, progress: Progress): void {
  // Appends sent ahead are probably lost.
  if (progress.state === "replicate") progress.becomeProbe();
  raft.logger.debug(
    `${raft.hexId} failed to send message to ${hex(message.from)} because it is unreachable ` +
      `[${progress.describe()}]`,
  );
}
