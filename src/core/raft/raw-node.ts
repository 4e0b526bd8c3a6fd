// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { type BootstrapPeer, bootstrapState } from "./bootstrap.ts";
import { asConfChangeV2, encodeConfChange, encodeConfChangeV2, encoded } from "./codec.ts";
import { type RaftConfig, resolveConfig } from "./config.ts";
import { applyConfChange, restoreConfiguration } from "./configuration.ts";
import type { ProposeResult, StepResult } from "./errors.ts";
import { impossibility } from "./impossible.ts";
import { proposeData } from "./proposals.ts";
import { Raft } from "./raft.ts";
import { type Ready, type SoftState, selfResponses, storageAppend, storageApply } from "./ready.ts";
import { type BasicStatus, basicStatus, type Status, status } from "./status.ts";
import { step } from "./step.ts";
import { entriesSize } from "./storage.ts";
import { tick } from "./tick.ts";
import {
  APPEND_THREAD,
  APPLY_THREAD,
  type ConfChange,
  ConfChangeType,
  type ConfChangeV2,
  type ConfState,
  createMessage,
  type Entry,
  EntryType,
  type HardState,
  isEmptyHardState,
  type Message,
  MessageTypeSet,
  NO_BYTES,
  NONE,
  MessageType as T,
} from "./types.ts";

/** Only a member's own shell or storage work may say these. */
const LOCAL_TYPES = new MessageTypeSet([
  T.MsgHup,
  T.MsgBeat,
  T.MsgUnreachable,
  T.MsgSnapStatus,
  T.MsgCheckQuorum,
  T.MsgStorageAppend,
  T.MsgStorageAppendResp,
  T.MsgStorageApply,
  T.MsgStorageApplyResp,
]);

/** Only members of the configuration may say these. */
const RESPONSE_TYPES = new MessageTypeSet([
  T.MsgAppResp,
  T.MsgVoteResp,
  T.MsgHeartbeatResp,
  T.MsgReadIndexResp,
  T.MsgPreVoteResp,
]);

function isConfChangeV2(change: ConfChange | ConfChangeV2): change is ConfChangeV2 {
  return "changes" in change;
}

/**
 * The engine as its owner sees it: inputs go in by the methods, and while `hasReady`, work comes
 * out of `ready`. Nothing here waits, reads a clock or does I/O.
 */
export class RawNode {
  readonly #raft: Raft;
  #softState: SoftState;
  #hardState: HardState;
  /** Synchronous mode: the responses that `advance` steps. */
  #onAdvance: Message[] = [];

  constructor(config: RaftConfig) {
    const resolved = resolveConfig(config);
    this.#raft = new Raft(resolved);
    this.#start(resolved.applied);
    this.#softState = this.#currentSoftState();
    this.#hardState = this.#raft.hardState;
  }

  #start(applied: number): void {
    const raft = this.#raft;
    const { hardState, confState } = raft.config.storage.initialState();
    restoreConfiguration(raft, confState);
    if (!isEmptyHardState(hardState)) this.#loadHardState(hardState);
    if (applied > 0) raft.log.appliedTo(applied, 0);
    raft.becomeFollower(raft.term, NONE);
    const { index, term } = raft.log.lastId();
    const peers = raft.tracker.config.voters.ids.map((id) => id.toString(16)).join(",");
    raft.logger.info(
      `newRaft ${raft.hexId} [peers: [${peers}], term: ${raft.term}, ` +
        `commit: ${raft.log.committed}, applied: ${raft.log.applied}, ` +
        `lastindex: ${index}, lastterm: ${term}]`,
    );
  }

  #loadHardState(state: HardState): void {
    const raft = this.#raft;
    const { committed } = raft.log;
    invariant(
      state.commit >= committed && state.commit <= raft.log.lastIndex(),
      `stored commit ${state.commit} is out of range [${committed}, ${raft.log.lastIndex()}]`,
    );
    raft.log.commitTo(state.commit);
    raft.term = state.term;
    raft.vote = state.vote;
  }

  /**
   * Makes this member, whose storage is empty, the first or one of the first of a new group. The
   * first `Ready` has the entries and the hard state to store; the configuration is in force at
   * once, and applying the entries changes nothing more.
   */
  bootstrap(peers: readonly BootstrapPeer[]): void {
    const raft = this.#raft;
    invariant(peers.length > 0, "must provide at least one peer to bootstrap");
    invariant(raft.log.lastIndex() === 0, "can't bootstrap a nonempty storage");
    const { entries, hardState } = bootstrapState(peers);
    raft.becomeFollower(hardState.term, NONE);
    raft.log.append(entries);
    raft.log.commitTo(hardState.commit);
    for (const { id: nodeId } of peers) {
      const change = { id: 0n, type: ConfChangeType.addNode, nodeId, context: NO_BYTES };
      applyConfChange(raft, asConfChangeV2(change));
    }
  }

  /** One unit of time has passed. */
  tick(): void {
    tick(this.#raft);
  }

  /** Starts an election now, if this member may. */
  campaign(): void {
    this.#stepLocal(T.MsgHup);
  }

  #stepLocal(type: Message["type"], init: Partial<Message> = {}): StepResult {
    return step(this.#raft, createMessage({ ...init, type, to: NONE }));
  }

  /** Takes a message of another member, or a response of the storage work. */
  step(message: Message): StepResult {
    const { type, from } = message;
    const isFromStorage = from === APPEND_THREAD || from === APPLY_THREAD;
    if (!isFromStorage) {
      if (LOCAL_TYPES.has(type)) return "local-message";
      const mustBeMember = RESPONSE_TYPES.has(type);
      if (mustBeMember && this.#raft.tracker.get(from) === undefined) return "peer-not-found";
      const impossible = impossibility(this.#raft, message);
      if (impossible !== undefined) return impossible;
    }
    return step(this.#raft, message);
  }

  /** Proposes an entry: appends it here, or sends it to the leader. The data is kept. */
  propose(data: Uint8Array): ProposeResult {
    return this.proposeAll([data]);
  }

  /** Proposes entries together: all are taken, in this order and side by side, or none. */
  proposeAll(datas: readonly Uint8Array[]): ProposeResult {
    if (datas.length === 0) return "ok";
    if (this.#raft.role === "leader") return proposeData(this.#raft, datas);
    const { normal: type } = EntryType;
    return this.#proposeEntries(datas.map((data) => ({ type, term: 0, index: 0, data })));
  }

  #proposeEntries(entries: readonly Entry[]): ProposeResult {
    const result = this.#stepLocal(T.MsgProp, { from: this.#raft.id, entries });
    return result === "ok" ? "ok" : "dropped";
  }

  /** Proposes a change of the members. It takes effect when its entry is applied. */
  proposeConfChange(change: ConfChange | ConfChangeV2): ProposeResult {
    const [type, data] = isConfChangeV2(change)
      ? ([EntryType.confChangeV2, encoded(encodeConfChangeV2, change)] as const)
      : ([EntryType.confChange, encoded(encodeConfChange, change)] as const);
    return this.#proposeEntries([{ type, term: 0, index: 0, data }]);
  }

  /** Puts the change of an entry that is being applied into force. */
  applyConfChange(change: ConfChange | ConfChangeV2): ConfState {
    return applyConfChange(this.#raft, isConfChangeV2(change) ? change : asConfChangeV2(change));
  }

  /** Asks for a read state with this context. It may get lost: ask again after a while. */
  readIndex(context: Uint8Array): void {
    const entry = { type: EntryType.normal, term: 0, index: 0, data: context };
    this.#stepLocal(T.MsgReadIndex, { entries: [entry] });
  }

  /** Asks the leader, here or elsewhere, to hand over to a voter. */
  transferLeader(transferee: bigint): void {
    this.#stepLocal(T.MsgTransferLeader, { from: transferee });
  }

  /** A follower acts as if there were no leader: it grants votes, but does not campaign. */
  forgetLeader(): void {
    this.#stepLocal(T.MsgForgetLeader);
  }

  /** The last message to this member could not be delivered. */
  reportUnreachable(id: bigint): void {
    this.#stepLocal(T.MsgUnreachable, { from: id });
  }

  /** The snapshot sent to this member has arrived, or not. */
  reportSnapshot(id: bigint, ok: boolean): void {
    this.#stepLocal(T.MsgSnapStatus, { from: id, reject: !ok });
  }

  /** Whether there is work. In synchronous mode, `advance` comes first. */
  hasReady(): boolean {
    const raft = this.#raft;
    const { log } = raft;
    return (
      raft.messages.length > 0 ||
      raft.messagesAfterAppend.length > 0 ||
      raft.readStates.length > 0 ||
      log.unstable.hasNextEntries() ||
      log.unstable.nextSnapshot() !== undefined ||
      log.hasNextCommitted(!raft.config.asyncStorageWrites) ||
      this.#isSoftStateChanged() ||
      this.#isHardStateChanged()
    );
  }

  /** Takes the work, all of which the caller will do. */
  ready(): Ready {
    const ready = this.#collect();
    this.#accept(ready);
    return ready;
  }

  #currentSoftState(): SoftState {
    return { lead: this.#raft.lead, role: this.#raft.role };
  }

  #isSoftStateChanged(): boolean {
    const { lead, role } = this.#raft;
    return lead !== this.#softState.lead || role !== this.#softState.role;
  }

  /** Term and commit never fall, so that a state that has changed is not the empty one. */
  #isHardStateChanged(): boolean {
    const { term, vote, log } = this.#raft;
    const { term: lastTerm, vote: lastVote, commit } = this.#hardState;
    return log.committed !== commit || term !== lastTerm || vote !== lastVote;
  }

  #collect(): Ready {
    const raft = this.#raft;
    const { asyncStorageWrites } = raft.config;
    const hardState = this.#isHardStateChanged() ? raft.hardState : undefined;
    const entries = raft.log.unstable.nextEntries();
    const isPromise =
      hardState !== undefined &&
      (hardState.term !== this.#hardState.term || hardState.vote !== this.#hardState.vote);
    const snapshot = raft.log.unstable.nextSnapshot();
    const committedEntries = raft.log.nextCommitted(!asyncStorageWrites);
    return {
      hardState,
      entries,
      snapshot,
      softState: this.#isSoftStateChanged() ? this.#currentSoftState() : undefined,
      readStates: raft.readStates,
      committedEntries,
      messages: asyncStorageWrites
        ? this.#asyncMessages({ hardState, entries, snapshot }, committedEntries)
        : this.#syncMessages(),
      mustSync: entries.length > 0 || isPromise,
    };
  }

  /** Promises to others follow the storing, which in synchronous mode the caller does first. */
  #syncMessages(): Message[] {
    const { id, messages, messagesAfterAppend } = this.#raft;
    return [...messages, ...messagesAfterAppend.filter((message) => message.to !== id)];
  }

  #asyncMessages(
    work: Pick<Ready, "entries" | "hardState" | "snapshot">,
    committed: readonly Entry[],
  ): Message[] {
    const { messages } = this.#raft;
    const append = storageAppend(this.#raft, work);
    if (append !== undefined) messages.push(append);
    const apply = storageApply(this.#raft, committed);
    if (apply !== undefined) messages.push(apply);
    return messages;
  }

  #accept(ready: Ready): void {
    const raft = this.#raft;
    if (ready.softState !== undefined) this.#softState = ready.softState;
    if (ready.hardState !== undefined) this.#hardState = ready.hardState;
    if (!raft.config.asyncStorageWrites) {
      invariant(this.#onAdvance.length === 0, "two accepted Ready structs without call to advance");
      this.#onAdvance = selfResponses(raft, ready);
    }
    raft.readStates = [];
    raft.messages = [];
    raft.messagesAfterAppend = [];
    raft.log.acceptUnstable();
    const last = ready.committedEntries.at(-1);
    if (last === undefined) return;
    const bytes = entriesSize(ready.committedEntries);
    raft.log.acceptApplying(last.index, bytes, !raft.config.asyncStorageWrites);
  }

  /** Synchronous mode: the work of the last `ready` is done. */
  advance(): void {
    invariant(!this.#raft.config.asyncStorageWrites, "advance belongs to synchronous storage");
    const responses = this.#onAdvance;
    this.#onAdvance = [];
    for (const response of responses) step(this.#raft, response);
  }

  status(): Status {
    return status(this.#raft);
  }

  basicStatus(): BasicStatus {
    return basicStatus(this.#raft);
  }

  /** For scripted scenarios: the election timeout until the next change of role, in ticks. */
  setRandomizedElectionTimeout(ticks: number): void {
    this.#raft.randomizedElectionTimeout = ticks;
  }
}
