// SPDX-License-Identifier: Apache-2.0
// What no member that keeps to the protocol says. The genuine engine panics at some of it and
// relies on some of it; here such a message is refused before it changes anything.

import { WireError } from "../../base/wire-reader.ts";
import { decodeConfChangeEntry } from "./codec.ts";
import type { Impossibility } from "./errors.ts";
import type { Raft } from "./raft.ts";
import {
  type ConfState,
  type Entry,
  EntryType,
  type Message,
  MessageTypeSet,
  NONE,
  type Snapshot,
  MessageType as T,
} from "./types.ts";

/** A thousand years of a million terms or entries a second stay below. */
const COUNTER_MAX = 2 ** 52;

const TERMLESS_TYPES = new MessageTypeSet([T.MsgProp, T.MsgReadIndex]);

/** Looks at a message of another member; undefined when nothing is wrong with it. */
export function impossibility(raft: Raft, message: Message): Impossibility | undefined {
  const { type, term, index, logTerm, commit, rejectHint } = message;
  if (term === 0 && !TERMLESS_TYPES.has(type)) return "no-term";
  if (Math.max(term, index, logTerm, commit, rejectHint) > COUNTER_MAX) return "counter-too-large";
  switch (type) {
    case T.MsgApp:
      if (!areConsecutive(message)) return "malformed-entries";
      return areConfChangesDecodable(message.entries) ? undefined : "malformed-conf-change";
    case T.MsgProp:
      return areConfChangesDecodable(message.entries) ? undefined : "malformed-conf-change";
    case T.MsgHeartbeat: {
      const isBeyond = term >= raft.term && commit > raft.log.lastIndex();
      return isBeyond ? "commit-beyond-log" : undefined;
    }
    case T.MsgSnap:
      return isPossibleSnapshot(message.snapshot, term) ? undefined : "malformed-snapshot";
    default:
      return undefined;
  }
}

/** Whether the entries follow their predecessor without a gap, in terms that do not fall. */
function areConsecutive({ index, logTerm, term, entries }: Message): boolean {
  let lastIndex = index;
  let lastTerm = logTerm;
  for (const entry of entries) {
    if (entry.index !== lastIndex + 1 || entry.term < lastTerm || entry.term > term) return false;
    lastIndex = entry.index;
    lastTerm = entry.term;
  }
  return true;
}

function areConfChangesDecodable(entries: readonly Entry[]): boolean {
  for (const entry of entries) {
    if (entry.type !== EntryType.normal && !isDecodable(entry)) return false;
  }
  return true;
}

function isDecodable(entry: Entry): boolean {
  try {
    decodeConfChangeEntry(entry);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

function isPossibleSnapshot(snapshot: Snapshot | undefined, leaderTerm: number): boolean {
  if (snapshot === undefined) return false;
  const { index, term, confState } = snapshot.metadata;
  if (index === 0 || index > COUNTER_MAX || term === 0 || term > leaderTerm) return false;
  return isPossibleConfState(confState);
}

/** Whether a configuration obeys the rules that changes keep. */
function isPossibleConfState(state: ConfState): boolean {
  const { voters, learners, votersOutgoing, learnersNext, autoLeave } = state;
  const outgoing = new Set(votersOutgoing);
  const allVoters = new Set([...voters, ...votersOutgoing]);
  const isJoint = outgoing.size > 0;
  return (
    voters.length > 0 &&
    [voters, learners, votersOutgoing, learnersNext].every(isSetOfMembers) &&
    learners.every((id) => !allVoters.has(id)) &&
    learnersNext.every((id) => outgoing.has(id) && !voters.includes(id)) &&
    (isJoint || !autoLeave)
  );
}

function isSetOfMembers(ids: readonly bigint[]): boolean {
  return new Set(ids).size === ids.length && !ids.includes(NONE);
}
