// SPDX-License-Identifier: Apache-2.0

import type { Role } from "./describe.ts";
import type { Raft, ReadState } from "./raft.ts";
import {
  APPEND_THREAD,
  APPLY_THREAD,
  draftMessage,
  type Entry,
  type HardState,
  type Message,
  type Snapshot,
  MessageType as T,
} from "./types.ts";

/** What need not survive a restart, but others want to know. */
export interface SoftState {
  readonly lead: bigint;
  readonly role: Role;
}

/**
 * What the shell has to do now.
 *
 * Synchronous mode, in this order: store snapshot, entries and hard state (durably if
 * `mustSync`); send the messages; apply the snapshot and the committed entries; `advance`.
 *
 * Asynchronous mode: messages to `APPEND_THREAD` and `APPLY_THREAD` are that work. It is done in
 * the order of the messages, and when one is done its responses are sent, or stepped here if they
 * are addressed to this member. All other messages may be sent at once, before anything is
 * stored. The other fields only describe what the messages ask for. Applying may run ahead of the
 * storing of the commit index; two things must wait: a snapshot that is made of the applied state
 * is stored after the hard states that were asked for before it, and a `MsgSnap` is stepped only
 * when the applying asked for before it is done, since it brings its configuration at once.
 */
export interface Ready {
  /** Present when it changed. */
  readonly softState?: SoftState | undefined;
  /** Present when it changed. */
  readonly hardState?: HardState | undefined;
  /** Reads that may be served when everything up to their index is applied. */
  readonly readStates: readonly ReadState[];
  /** To be appended to the stable log, where they replace what is at and after the first one. */
  readonly entries: readonly Entry[];
  /** To replace the stable log. */
  readonly snapshot?: Snapshot | undefined;
  /** To be applied, in order. */
  readonly committedEntries: readonly Entry[];
  readonly messages: readonly Message[];
  /** The storing must be durable before what rests on it is sent; else it may come later. */
  readonly mustSync: boolean;
}

/** The acknowledgement that the log up to here, and a snapshot, are stored. */
function storageAppendResponse(raft: Raft, snapshot: Snapshot | undefined): Message | undefined {
  const { unstable } = raft.log;
  if (unstable.length === 0 && snapshot === undefined) return undefined;
  // The entry written last stands for the whole log in this term: had an earlier one been
  // replaced meanwhile, the term would be a later one, and the response be ignored.
  const message = draftMessage(T.MsgStorageAppendResp, raft.id);
  message.from = APPEND_THREAD;
  message.term = raft.term;
  message.snapshot = snapshot;
  if (unstable.length === 0) return message;
  const last = raft.log.lastId();
  message.index = last.index;
  message.logTerm = last.term;
  return message;
}

/** The acknowledgement that these entries are applied. */
function storageApplyResponse(raft: Raft, entries: readonly Entry[]): Message {
  const message = draftMessage(T.MsgStorageApplyResp, raft.id);
  message.from = APPLY_THREAD;
  message.entries = entries;
  return message;
}

/**
 * What the append thread has to do, with what may be said once it is done: the list of promises
 * goes into the message, and the member begins a new one when the work is taken.
 */
export function storageAppend(
  raft: Raft,
  work: Pick<Ready, "entries" | "hardState" | "snapshot">,
): Message | undefined {
  const { entries, hardState, snapshot } = work;
  const responses = raft.messagesAfterAppend;
  const isIdle = hardState === undefined && snapshot === undefined && responses.length === 0;
  if (isIdle && entries.length === 0) return undefined;
  const stored = storageAppendResponse(raft, snapshot);
  const message = draftMessage(T.MsgStorageAppend, APPEND_THREAD);
  message.from = raft.id;
  message.entries = entries;
  message.snapshot = snapshot;
  if (stored !== undefined) responses.push(stored);
  message.responses = responses;
  if (hardState === undefined) return message;
  message.term = hardState.term;
  message.vote = hardState.vote;
  message.commit = hardState.commit;
  return message;
}

/** What the apply thread has to do. */
export function storageApply(raft: Raft, entries: readonly Entry[]): Message | undefined {
  if (entries.length === 0) return undefined;
  const message = draftMessage(T.MsgStorageApply, APPLY_THREAD);
  message.from = raft.id;
  message.entries = entries;
  message.responses = [storageApplyResponse(raft, entries)];
  return message;
}

/** Synchronous mode: what `advance` steps, the storage work being done by then. */
export function selfResponses(raft: Raft, ready: Ready): Message[] {
  const own = raft.messagesAfterAppend.filter((message) => message.to === raft.id);
  const stored = storageAppendResponse(raft, ready.snapshot);
  if (stored !== undefined) own.push(stored);
  if (ready.committedEntries.length > 0) {
    own.push(storageApplyResponse(raft, ready.committedEntries));
  }
  return own;
}
