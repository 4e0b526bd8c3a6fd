// SPDX-License-Identifier: Apache-2.0

import type { ApplyResult, MemberChange, Request, StoredEvent } from "../apply/index.ts";
import type { ConfState, Entry, HardState, Message, Snapshot } from "../raft/index.ts";
import type { MessageRefusal } from "./peer-messages.ts";
import type { Proposal } from "./proposals.ts";

/**
 * Write these to the log. `responses` go back through `Replica.persisted` once they are durable;
 * without `mustSync` that is at once. Appends are carried out in the order they were given.
 */
export interface AppendEffect {
  readonly kind: "append";
  /**
   * A snapshot that the leader sent, to be recorded before the rest. Its state, which came with
   * the message and is safe on disk since, becomes the store: once the log has the record, hand
   * the new store over by `Replica.restored`, then call `persisted`.
   */
  readonly snapshot: Snapshot | undefined;
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly mustSync: boolean;
  readonly responses: readonly Message[];
}

/** Send these to other members; losing some is allowed. May be carried out beside an append. */
export interface SendEffect {
  readonly kind: "send";
  readonly messages: readonly Message[];
}

/**
 * Send the state to a member that is too far behind for the log. The shell copies the tables as
 * they are at one moment, gives the message that moment's `snapshotPlace`, and reports by
 * `Replica.reportSnapshot` how it went.
 */
export interface SendSnapshotEffect {
  readonly kind: "sendSnapshot";
  readonly message: Message;
}

/**
 * A change of the members is in force: peers come, go or move. A member that finds itself
 * removed stops, after it has had the time to tell the others.
 */
export interface MembersEffect {
  readonly kind: "members";
  /** Undefined for a joint change, which may be about several. */
  readonly change: MemberChange | undefined;
  /** The entry that made it. */
  readonly index: number;
  readonly confState: ConfState;
}

/** Events for watchers. They come before the answers to the requests that caused them. */
export interface EventsEffect {
  readonly kind: "events";
  /** In order of their revisions. */
  readonly events: readonly StoredEvent[];
}

/** Why a proposal or a read got no result. */
export type Unserved = "timeout" | "stopped" | "dropped";

export interface Answer<P extends Proposal> {
  readonly proposal: P;
  readonly outcome: ApplyResult | { readonly kind: "unserved"; readonly reason: Unserved };
}

/** Results of this member's own proposals, in log order. */
export interface AnswerEffect<P extends Proposal> {
  readonly kind: "answer";
  readonly answers: readonly Answer<P>[];
}

/** Linearizable reads that may be served from the state as it is now. */
export interface ReadEffect<R> {
  readonly kind: "read";
  readonly reads: readonly R[];
}

/** Reads that were not confirmed in time, or not before the end. */
export interface UnreadEffect<R> {
  readonly kind: "unread";
  readonly reads: readonly R[];
  readonly reason: Unserved;
}

/** Applying this request took longer than the warning threshold. */
export interface SlowApplyEffect {
  readonly kind: "slowApply";
  readonly request: Request;
  /** Its entry, which also has its ID. */
  readonly data: Uint8Array;
  readonly tookMs: number;
}

/**
 * Something was applied that this member's own store has no room for: an alarm is to be proposed,
 * so that nothing more comes.
 */
export interface OverQuotaEffect {
  readonly kind: "overQuota";
}

/**
 * A message of another member was not taken, for the first time for this reason from this sender:
 * to be told, nothing else.
 */
export interface RefusedMessageEffect {
  readonly kind: "refusedMessage";
  readonly refusal: MessageRefusal;
  readonly message: Message;
}

/**
 * What the shell has to do, in order. The order is a contract: an append stands before the
 * events and answers of later entries, never after something that depends on it.
 */
export type Effect<P extends Proposal, R> =
  | AppendEffect
  | SendEffect
  | SendSnapshotEffect
  | MembersEffect
  | EventsEffect
  | AnswerEffect<P>
  | ReadEffect<R>
  | UnreadEffect<R>
  | SlowApplyEffect
  | OverQuotaEffect
  | RefusedMessageEffect;
