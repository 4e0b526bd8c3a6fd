// SPDX-License-Identifier: Apache-2.0
// What comes from the leader of the term: appends, heartbeats, snapshots.

import { restoreConfiguration } from "./configuration.ts";
import { describeConfState, hex } from "./describe.ts";
import type { Raft } from "./raft.ts";
import {
  createMessage,
  type Message,
  type Snapshot,
  type SnapshotMetadata,
  MessageType as T,
} from "./types.ts";

export function handleAppend(raft: Raft, message: Message): void {
  const { from: to, index, logTerm, entries, commit } = message;
  if (index < raft.log.committed) {
    // What is committed cannot conflict: the leader only does not know how far this log is.
    raft.send(createMessage({ type: T.MsgAppResp, to, index: raft.log.committed }));
    return;
  }
  const last = raft.log.maybeAppend({ term: logTerm, index }, entries, commit);
  if (last === undefined) rejectAppend(raft, message);
  else raft.send(createMessage({ type: T.MsgAppResp, to, index: last }));
}

/**
 * Tells the leader where the logs may still agree. Nothing in this log after the last position
 * of a term up to `logTerm` can be in the leader's log, so that one refusal skips a whole term.
 */
function rejectAppend(raft: Raft, { from: to, index, logTerm }: Message): void {
  raft.logger.debug(
    `${raft.hexId} [logterm: ${raft.log.termOrZero(index)}, index: ${index}] rejected MsgApp ` +
      `[logterm: ${logTerm}, index: ${index}] from ${hex(to)}`,
  );
  const hint = raft.log.findConflictByTerm(Math.min(index, raft.log.lastIndex()), logTerm);
  raft.send(
    createMessage({
      type: T.MsgAppResp,
      to,
      index,
      reject: true,
      rejectHint: hint.index,
      logTerm: hint.term,
    }),
  );
}

export function handleHeartbeat(raft: Raft, { from: to, commit, context }: Message): void {
  raft.log.commitTo(commit);
  raft.send(createMessage({ type: T.MsgHeartbeatResp, to, context }));
}

export function handleSnapshot(raft: Raft, { from: to, snapshot }: Message): void {
  if (snapshot === undefined) return;
  const { index, term } = snapshot.metadata;
  const isRestored = restore(raft, snapshot);
  raft.logger.info(
    `${raft.hexId} [commit: ${raft.log.committed}] ${isRestored ? "restored" : "ignored"} ` +
      `snapshot [index: ${index}, term: ${term}]`,
  );
  const reached = isRestored ? raft.log.lastIndex() : raft.log.committed;
  raft.send(createMessage({ type: T.MsgAppResp, to, index: reached }));
}

/** Replaces log and configuration by the snapshot, unless the log has all of it. */
function restore(raft: Raft, snapshot: Snapshot): boolean {
  const { index, term, confState } = snapshot.metadata;
  if (index <= raft.log.committed || !isAddressee(raft, snapshot.metadata)) return false;
  const at = `snapshot [index: ${index}, term: ${term}]`;
  if (raft.log.matches({ index, term })) {
    raft.logger.info(`${raft.hexId} ${describeEnd(raft)} fast-forwarded commit to ${at}`);
    raft.log.commitTo(index);
    return false;
  }
  raft.log.restore(snapshot);
  restoreConfiguration(raft, confState);
  raft.logger.info(`${raft.hexId} ${describeEnd(raft)} restored ${at}`);
  return true;
}

/** Whether this member is in the snapshot's configuration: else it could never take part. */
function isAddressee(raft: Raft, { confState }: SnapshotMetadata): boolean {
  const { voters, learners, votersOutgoing } = confState;
  // `learnersNext` need not be looked at: its members are outgoing voters as well.
  const isMember = [voters, learners, votersOutgoing].some((ids) => ids.includes(raft.id));
  if (!isMember) {
    raft.logger.warn(
      `${raft.hexId} attempted to restore snapshot but it is not in the ConfState ` +
        `${describeConfState(confState)}; should never happen`,
    );
  }
  return isMember;
}

function describeEnd(raft: Raft): string {
  const { index, term } = raft.log.lastId();
  return `[commit: ${raft.log.committed}, lastindex: ${index}, lastterm: ${term}]`;
}

/** Steps down for the leader of the term, which this message shows to exist. */
export function followLeader(raft: Raft, message: Message): void {
  if (message.type === T.MsgApp) handleAppend(raft, message);
  else if (message.type === T.MsgHeartbeat) handleHeartbeat(raft, message);
  else handleSnapshot(raft, message);
}
