// SPDX-License-Identifier: Apache-2.0

/** What an entry's data means. */
export const EntryType = { normal: 0, confChange: 1, confChangeV2: 2 } as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

/** Message kinds with their numbers on the wire. The names are those of the protocol. */
export const MessageType = {
  MsgHup: 0,
  MsgBeat: 1,
  MsgProp: 2,
  MsgApp: 3,
  MsgAppResp: 4,
  MsgVote: 5,
  MsgVoteResp: 6,
  MsgSnap: 7,
  MsgHeartbeat: 8,
  MsgHeartbeatResp: 9,
  MsgUnreachable: 10,
  MsgSnapStatus: 11,
  MsgCheckQuorum: 12,
  MsgTransferLeader: 13,
  MsgTimeoutNow: 14,
  MsgReadIndex: 15,
  MsgReadIndexResp: 16,
  MsgPreVote: 17,
  MsgPreVoteResp: 18,
  MsgStorageAppend: 19,
  MsgStorageAppendResp: 20,
  MsgStorageApply: 21,
  MsgStorageApplyResp: 22,
  MsgForgetLeader: 23,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** A set of message kinds, one bit each: every message is looked up in several. */
export class MessageTypeSet {
  readonly #bits: number;

  constructor(types: readonly MessageType[]) {
    this.#bits = types.reduce((bits: number, type) => bits | (1 << type), 0);
  }

  has(type: MessageType): boolean {
    return ((this.#bits >>> type) & 1) === 1;
  }
}

/** How a configuration change moves from the old voters to the new ones. */
export const ConfChangeTransition = { auto: 0, jointImplicit: 1, jointExplicit: 2 } as const;
export type ConfChangeTransition = (typeof ConfChangeTransition)[keyof typeof ConfChangeTransition];

export const ConfChangeType = { addNode: 0, removeNode: 1, updateNode: 2, addLearner: 3 } as const;
export type ConfChangeType = (typeof ConfChangeType)[keyof typeof ConfChangeType];

/** "Nobody": no leader, no vote, no sender. */
export const NONE = 0n;
/** The address of the storage work that appends to the log (asynchronous writes). */
export const APPEND_THREAD = 0xffff_ffff_ffff_ffffn;
/** The address of the work that applies committed entries (asynchronous writes). */
export const APPLY_THREAD = 0xffff_ffff_ffff_fffen;

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** One position of the log. Its bytes are never written again once the entry exists. */
export interface Entry {
  readonly type: EntryType;
  readonly term: number;
  /** Counts from 1; 0 only in a proposal that has no place in a log yet. */
  readonly index: number;
  readonly data: Uint8Array;
}

/** What must survive a restart besides the log. */
export interface HardState {
  readonly term: number;
  /** The candidate voted for in `term`, or `NONE`. */
  readonly vote: bigint;
  readonly commit: number;
}

export const EMPTY_HARD_STATE: HardState = { term: 0, vote: NONE, commit: 0 };

export function isEmptyHardState(state: HardState): boolean {
  return state.term === 0 && state.vote === NONE && state.commit === 0;
}

export function isSameHardState(a: HardState, b: HardState): boolean {
  return a.term === b.term && a.vote === b.vote && a.commit === b.commit;
}

/** The members of the group, joint while `votersOutgoing` is not empty. */
export interface ConfState {
  readonly voters: readonly bigint[];
  readonly learners: readonly bigint[];
  readonly votersOutgoing: readonly bigint[];
  /** Outgoing voters that become learners when the joint state is left. */
  readonly learnersNext: readonly bigint[];
  /** The leader proposes leaving the joint state by itself. */
  readonly autoLeave: boolean;
}

export const EMPTY_CONF_STATE: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

/** Where a snapshot stands in the log, and who was a member there. */
export interface SnapshotMetadata {
  readonly confState: ConfState;
  /** The last entry that the snapshot contains; 0 means "no snapshot". */
  readonly index: number;
  readonly term: number;
}

export interface Snapshot {
  readonly data: Uint8Array;
  readonly metadata: SnapshotMetadata;
}

/** A change of one member, in the old form. */
export interface ConfChange {
  /** The request that asked for it; raft does not look at it. */
  readonly id: bigint;
  readonly type: ConfChangeType;
  readonly nodeId: bigint;
  readonly context: Uint8Array;
}

export interface ConfChangeSingle {
  readonly type: ConfChangeType;
  readonly nodeId: bigint;
}

/** Any number of changes at once; none at all asks to leave the joint state. */
export interface ConfChangeV2 {
  readonly transition: ConfChangeTransition;
  readonly changes: readonly ConfChangeSingle[];
  readonly context: Uint8Array;
}

/** What members tell each other, and what the shell tells its own member. */
export interface Message {
  readonly type: MessageType;
  readonly to: bigint;
  readonly from: bigint;
  /** 0 marks a local message, and proposals and reads that are forwarded. */
  readonly term: number;
  readonly logTerm: number;
  readonly index: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
  readonly vote: bigint;
  readonly snapshot?: Snapshot | undefined;
  readonly reject: boolean;
  readonly rejectHint: number;
  /** Absent and empty are kept apart: a heartbeat's context is echoed as it came. */
  readonly context?: Uint8Array | undefined;
  /** To be stepped or sent once the storage work of this message is done. */
  readonly responses?: readonly Message[] | undefined;
}

export const NO_ENTRIES: readonly Entry[] = [];

/** A message that is still being made. */
export type MessageDraft = { -readonly [K in keyof Message]: Message[K] };

/**
 * A message with everything else at its zero value, to be filled in. All messages are made here,
 * with their fields in one order, so that they have one hidden class.
 */
export function draftMessage(type: MessageType, to: bigint): MessageDraft {
  return {
    type,
    to,
    from: NONE,
    term: 0,
    logTerm: 0,
    index: 0,
    entries: NO_ENTRIES,
    commit: 0,
    vote: NONE,
    snapshot: undefined,
    reject: false,
    rejectHint: 0,
    context: undefined,
    responses: undefined,
  };
}

/** A message with the given fields. */
export function createMessage(
  init: Partial<Message> & { readonly type: MessageType; readonly to: bigint },
): MessageDraft {
  const message = draftMessage(init.type, init.to);
  message.from = init.from ?? NONE;
  message.term = init.term ?? 0;
  message.logTerm = init.logTerm ?? 0;
  message.index = init.index ?? 0;
  message.entries = init.entries ?? NO_ENTRIES;
  message.commit = init.commit ?? 0;
  message.vote = init.vote ?? NONE;
  message.snapshot = init.snapshot;
  message.reject = init.reject ?? false;
  message.rejectHint = init.rejectHint ?? 0;
  message.context = init.context;
  message.responses = init.responses;
  return message;
}
