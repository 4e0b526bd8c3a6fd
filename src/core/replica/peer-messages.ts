// SPDX-License-Identifier: Apache-2.0
// What comes from other members is looked at before raft sees it: a peer must not end the process.

import { decodeRequest } from "../apply/index.ts";
import {
  APPEND_THREAD,
  APPLY_THREAD,
  decodeConfChange,
  type Entry,
  EntryType,
  type Message,
  MessageType,
  NONE,
  type StepRefusal,
} from "../raft/index.ts";
import { memberChangeOf } from "./conf-change.ts";
import { REFUSED_SENDERS_MAX } from "./limits.ts";

/**
 * Why a message of another member is not taken.
 * - `removed-member`: its sender was removed for good.
 * - `impossible-sender`: it claims to come from nobody, from this member or from its storage.
 * - `wrong-addressee`: it is for another member.
 * - `malformed-request`: it proposes an entry that no member could apply.
 * - or raft refuses it.
 */
export type MessageRefusal =
  | "removed-member"
  | "impossible-sender"
  | "wrong-addressee"
  | "malformed-request"
  | Exclude<StepRefusal, "dropped">;

/**
 * What a follower passes on to its leader under the name of the first sender: when that one has
 * become the leader meanwhile, it gets back what it had sent.
 */
const FORWARDED_TYPES: ReadonlySet<MessageType> = new Set([
  MessageType.MsgProp,
  MessageType.MsgReadIndex,
  MessageType.MsgTransferLeader,
]);

export interface PeerRules {
  readonly ownId: bigint;
  readonly allowJointChanges: boolean;
  isRemoved(id: bigint): boolean;
}

/** Whether raft may see the message; the reason when not. */
export function refusalOf(message: Message, rules: PeerRules): MessageRefusal | undefined {
  const { from, to, type, entries } = message;
  if (rules.isRemoved(from)) return "removed-member";
  if (from === NONE) return "impossible-sender";
  if (from === rules.ownId && !FORWARDED_TYPES.has(type)) return "impossible-sender";
  if (from === APPEND_THREAD || from === APPLY_THREAD) return "impossible-sender";
  if (to !== rules.ownId) return "wrong-addressee";
  if (type === MessageType.MsgApp) return firstRefusal(entries, confChangeRefusal, rules);
  // What is proposed here ends up in everybody's log, where it has to be understood.
  if (type === MessageType.MsgProp) return firstRefusal(entries, proposalRefusal, rules);
  return undefined;
}

type EntryCheck = (entry: Entry, rules: PeerRules) => MessageRefusal | undefined;

function firstRefusal(
  entries: readonly Entry[],
  check: EntryCheck,
  rules: PeerRules,
): MessageRefusal | undefined {
  for (const entry of entries) {
    const refusal = check(entry, rules);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function proposalRefusal(entry: Entry, rules: PeerRules): MessageRefusal | undefined {
  if (entry.type !== EntryType.normal) return confChangeRefusal(entry, rules);
  return succeeds(() => decodeRequest(entry.data).request.kind !== "unsupported")
    ? undefined
    : "malformed-request";
}

function confChangeRefusal(entry: Entry, rules: PeerRules): MessageRefusal | undefined {
  if (entry.type === EntryType.normal) return undefined;
  if (entry.type === EntryType.confChangeV2) {
    return rules.allowJointChanges ? undefined : "malformed-conf-change";
  }
  return succeeds(() => memberChangeOf(decodeConfChange(entry.data)) !== undefined)
    ? undefined
    : "malformed-conf-change";
}

/** Whatever decoding throws says the same here: nobody can apply this. */
function succeeds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** Tells the first refusal of a cause and a sender from its repetitions. */
export class RefusedMessages {
  readonly #seen = new Set<string>();

  isFirst(cause: MessageRefusal, from: bigint): boolean {
    // Senders can be made up without end, causes cannot.
    const key = this.#seen.size < REFUSED_SENDERS_MAX ? `${cause} ${from}` : cause;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}
