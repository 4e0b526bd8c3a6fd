// SPDX-License-Identifier: Apache-2.0

import type { Raft } from "./raft.ts";
import { decodeReadNumber } from "./read-only-queue.ts";
import { broadcastHeartbeat } from "./replication.ts";
import { createMessage, type Message, NO_BYTES, NONE, MessageType as T } from "./types.ts";

/** Reads that wait at a leader, for its first commit or for a quorum; one more is dropped. */
export const PENDING_READS_MAX = 65_536;

/** A read request reaches the leader. */
export function leaderReadIndex(raft: Raft, message: Message): void {
  // Before its first commit of the term a leader may not know the last committed entry: what
  // its predecessor acknowledged last can be in the log without being known as committed. The
  // genuine engine exempts a single voter, whose stored commit index lags behind just the same.
  if (!raft.hasCommittedInTerm()) {
    if (raft.postponedReads.length < PENDING_READS_MAX) raft.postponedReads.push(message);
    return;
  }
  answerOrConfirm(raft, message);
}

function answerOrConfirm(raft: Raft, message: Message): void {
  const { voters } = raft.tracker.config;
  // A removed leader may go on leading, and does not know when the only voter left takes over.
  const isOnlyVoter = voters.isSingleton && voters.has(raft.id);
  if (isOnlyVoter || raft.config.readOnlyOption === "lease-based") {
    respondRead(raft, message, raft.log.committed);
    return;
  }
  if (raft.readOnly.size >= PENDING_READS_MAX) return;
  const number = raft.readOnly.add(message, raft.log.committed);
  raft.readOnly.acknowledge(raft.id, number);
  broadcastHeartbeat(raft);
}

/** Reads that came before the first commit of the term can go on. */
export function releasePostponedReads(raft: Raft): void {
  if (raft.postponedReads.length === 0 || !raft.hasCommittedInTerm()) return;
  const postponed = raft.postponedReads;
  raft.postponedReads = [];
  for (const message of postponed) answerOrConfirm(raft, message);
}

/** A follower has answered a heartbeat with this context. */
export function confirmReads(raft: Raft, from: bigint, context: Uint8Array): void {
  const number = decodeReadNumber(context);
  if (raft.config.readOnlyOption !== "safe" || number === undefined) return;
  raft.readOnly.acknowledge(from, number);
  const acked = (id: bigint): boolean | undefined =>
    raft.readOnly.acked(id) >= number ? true : undefined;
  if (raft.tracker.config.voters.voteResult(acked) !== "won") return;
  for (const { request, index } of raft.readOnly.takeUpTo(number)) {
    respondRead(raft, request, index);
  }
}

/** Answers a reader: oneself by a read state, a follower by a message. */
function respondRead(raft: Raft, request: Message, index: number): void {
  if (request.from === NONE || request.from === raft.id) {
    raft.readStates.push({ index, requestCtx: request.entries[0]?.data ?? NO_BYTES });
    return;
  }
  const { from: to, entries } = request;
  raft.send(createMessage({ type: T.MsgReadIndexResp, to, index, entries }));
}
