// SPDX-License-Identifier: Apache-2.0
// How a leader's log gets to the others: appends, snapshots, heartbeats, and the commit index.

import { invariant } from "../../base/invariant.ts";
import { hex } from "./describe.ts";
import { isRefusal } from "./errors.ts";
import type { Raft } from "./raft.ts";
import { encodeReadNumber } from "./read-only-queue.ts";
import { payloadSize } from "./storage.ts";
import type { Progress } from "./tracker/progress.ts";
import {
  createMessage,
  draftMessage,
  type Entry,
  EntryType,
  NO_BYTES,
  type Snapshot,
  MessageType as T,
} from "./types.ts";

/** Counts payload as uncommitted; false, and nothing counted, when that passes the limit. */
function admitUncommitted(raft: Raft, bytes: number): boolean {
  const total = raft.uncommittedBytes + bytes;
  // A single large proposal passes when nothing else is under way, and empty entries always do:
  // those end elections and configuration changes.
  const isOver = total > raft.config.maxUncommittedEntriesSize;
  if (raft.uncommittedBytes > 0 && bytes > 0 && isOver) {
    raft.logger.warn(
      `${raft.hexId} appending new entries to log would exceed uncommitted entry size limit; ` +
        "dropping proposal",
    );
    return false;
  }
  raft.uncommittedBytes = total;
  return true;
}

/** Entries were applied: their payload no longer counts. */
export function releaseUncommitted(raft: Raft, entries: readonly Entry[]): void {
  // A leader does not know of the entries that its predecessors left: never below zero.
  raft.uncommittedBytes = Math.max(0, raft.uncommittedBytes - payloadSize(entries));
}

/**
 * Appends proposals to the leader's log with the term and the positions they get there. False
 * when the limit of uncommitted payload refuses them, all together.
 */
export function appendProposals(raft: Raft, proposals: readonly Entry[]): boolean {
  if (!admitUncommitted(raft, payloadSize(proposals))) return false;
  const term = raft.term;
  let index = raft.log.lastIndex();
  for (const { type, data } of proposals) {
    raft.log.unstable.push({ type, term, index: ++index, data });
  }
  acknowledgeOwn(raft, index);
  return true;
}

/** The same for plain data: what every write does, so that it makes no entry twice. */
export function appendData(raft: Raft, datas: readonly Uint8Array[]): boolean {
  let bytes = 0;
  for (const data of datas) bytes += data.length;
  if (!admitUncommitted(raft, bytes)) return false;
  const term = raft.term;
  const unstable = raft.log.unstable;
  let index = raft.log.lastIndex();
  for (const data of datas) {
    unstable.push({ type: EntryType.normal, term, index: ++index, data });
  }
  acknowledgeOwn(raft, index);
  return true;
}

/** The leader's own acknowledgement, which takes effect when its storage has the entries. */
function acknowledgeOwn(raft: Raft, index: number): void {
  const message = draftMessage(T.MsgAppResp, raft.id);
  message.index = index;
  raft.send(message);
}

/** Wins the election that was going on: the leader's term starts with an empty entry. */
export function becomeLeader(raft: Raft): void {
  raft.beginLeading();
  const accepted = appendData(raft, [NO_BYTES]);
  invariant(accepted, "the empty entry of a new leader was dropped");
  raft.logger.info(`${raft.hexId} became leader at term ${raft.term}`);
}

/** Moves the commit index to what a quorum has, if that is an entry of this term. */
export function maybeCommit(raft: Raft): boolean {
  return raft.log.maybeCommit({ term: raft.term, index: raft.tracker.committed() });
}

export function broadcastAppend(raft: Raft): void {
  for (const id of raft.tracker.ids) if (id !== raft.id) sendAppend(raft, id);
}

/** Sends an append, an empty one if there is nothing to send: it tells the commit index. */
export function sendAppend(raft: Raft, to: bigint): void {
  maybeSendAppend(raft, to, true);
}

/**
 * Sends the entries that `to` needs next, or a snapshot when the log no longer has them. Returns
 * whether something was sent; an append without entries only if `evenEmpty`.
 */
export function maybeSendAppend(raft: Raft, to: bigint, evenEmpty: boolean): boolean {
  const progress = raft.tracker.get(to);
  if (progress === undefined || progress.isPaused) return false;
  const index = progress.next - 1;
  const logTerm = raft.log.term(index);
  if (isRefusal(logTerm)) return sendSnapshot(raft, to, progress);
  const entries = entriesFor(raft, progress);
  if (isRefusal(entries)) return sendSnapshot(raft, to, progress);
  if (entries.length === 0 && !evenEmpty) return false;
  const commit = raft.log.committed;
  const message = draftMessage(T.MsgApp, to);
  message.index = index;
  message.logTerm = logTerm;
  message.entries = entries;
  message.commit = commit;
  raft.send(message);
  progress.sentEntries(entries.length, payloadSize(entries));
  progress.sentCommit(commit);
  return true;
}

/** A full window lets only an empty append through: the probe after lost messages. */
function entriesFor(raft: Raft, progress: Progress): ReturnType<Raft["log"]["entriesFrom"]> {
  if (progress.state === "replicate" && progress.inflights.isFull) return [];
  return raft.log.entriesFrom(progress.next, raft.config.maxSizePerMsg);
}

function sendSnapshot(raft: Raft, to: bigint, progress: Progress): boolean {
  const logger = raft.logger;
  if (!progress.recentActive) {
    logger.debug(`ignore sending snapshot to ${hex(to)} since it is not recently active`);
    return false;
  }
  const snapshot = raft.log.snapshot();
  if (isRefusal(snapshot)) {
    invariant(snapshot === "snapshot-temporarily-unavailable", `no snapshot: ${snapshot}`);
    logger.debug(
      `${raft.hexId} failed to send snapshot to ${hex(to)} because snapshot is temporarily ` +
        "unavailable",
    );
    return false;
  }
  pauseForSnapshot(raft, to, progress, snapshot);
  raft.send(createMessage({ type: T.MsgSnap, to, snapshot }));
  return true;
}

function pauseForSnapshot(raft: Raft, to: bigint, progress: Progress, snapshot: Snapshot): void {
  const { index, term } = snapshot.metadata;
  invariant(index > 0, "need a snapshot, but there is none");
  const where = `[firstindex: ${raft.log.firstIndex()}, commit: ${raft.log.committed}]`;
  raft.logger.debug(
    `${raft.hexId} ${where} sent snapshot[index: ${index}, term: ${term}] to ${hex(to)} ` +
      `[${progress.describe()}]`,
  );
  progress.becomeSnapshot(index);
  raft.logger.debug(
    `${raft.hexId} paused sending replication messages to ${hex(to)} [${progress.describe()}]`,
  );
}

/** Heartbeats to all, with the number of the last read that waits, if any. */
export function broadcastHeartbeat(raft: Raft): void {
  const number = raft.readOnly.lastNumber;
  const context = number === undefined ? undefined : encodeReadNumber(number);
  for (const to of raft.tracker.ids) {
    const progress = raft.tracker.get(to);
    if (to === raft.id || progress === undefined) continue;
    // The follower may lack entries that are committed here: it can only be told of those that
    // it is known to have.
    const commit = Math.min(progress.match, raft.log.committed);
    raft.send(createMessage({ type: T.MsgHeartbeat, to, commit, context }));
    progress.sentCommit(commit);
  }
}
