// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";
import { invariant } from "../../base/invariant.ts";
import {
  type Applier,
  type ApplyResult,
  decodeRequest,
  type MemberChange,
  type Request,
} from "../apply/index.ts";
import type { Backend } from "../backend/index.ts";
import {
  type BasicStatus,
  type ConfChangeV2,
  type ConfState,
  type Entry,
  EntryType,
  type MemoryStorage,
  type Message,
  MessageType,
  NO_BYTES,
  NONE,
  type RawNode,
  type Ready,
  type Snapshot,
  type SnapshotMetadata,
} from "../raft/index.ts";
import { applyConfChange, applyJointChange, confChangeOf, withRequestId } from "./conf-change.ts";
import { CONF_STATE_KEY, encodeConfState } from "./conf-state.ts";
import type { Answer, Effect, Unserved } from "./effects.ts";
import { APPLY_GAP_MAX, MEMORY_LOG_COMPACTION_STEP, PRIORITY_APPLY_GAP_MAX } from "./limits.ts";
import { ReadQueue } from "./linearizable-read.ts";
import { type PeerRules, RefusedMessages, refusalOf } from "./peer-messages.ts";
import { type Proposal, ProposalQueue } from "./proposals.ts";
import type { RequestIds } from "./request-ids.ts";

/** A read index is asked for under a number of 64 bits. */
const READ_CONTEXT_BYTES = 8;

export interface ReplicaOptions {
  readonly raft: RawNode;
  readonly storage: MemoryStorage;
  readonly applier: Applier;
  readonly backend: Backend;
  /** Tells own requests from those of other members. */
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  /** Applying one request for longer than this gives a slow-apply effect, in milliseconds. */
  readonly slowApplyMs: number;
  /** Hears how long each request took to apply, in milliseconds, for metrics. */
  readonly applied?: (request: Request, result: ApplyResult, tookMs: number) => void;
  /** The last entry whose effect the backend already holds. */
  readonly consistentIndex: number;
  /** Ticks after which an unanswered proposal or read is given up. */
  readonly requestTimeoutTicks: number;
  readonly readIndexRetryTicks: number;
  /** Entries kept in memory behind the applied one, for slow followers. */
  readonly catchupEntries: number;
  /** The end of a lease is still proposed when other requests are refused, up to a limit. */
  readonly priorityRequests?: boolean;
  /**
   * Joint changes of the members are applied. etcd's log never has them, and Go members stop at
   * one: only for groups of this program alone. The configuration then comes from
   * `storedConfState` at the start, since the members' rows cannot tell it.
   */
  readonly allowJointChanges?: boolean;
}

/** Counters for metrics. */
export interface ReplicaCounters {
  readonly leaderChangesSeen: number;
  readonly proposalsFailed: number;
  readonly readsFailed: number;
  readonly slowApplies: number;
  /** Messages of other members that were not taken. */
  readonly messagesRefused: number;
}

/**
 * One member as a machine: proposals, reads, ticks, messages and completions go in, `advance`
 * gives back what has to be done. It never waits.
 */
export class Replica<P extends Proposal, R> {
  readonly #raft: RawNode;
  readonly #storage: MemoryStorage;
  #applier: Applier;
  #backend: Backend;
  readonly #options: ReplicaOptions;
  readonly #proposals = new ProposalQueue<P>();
  readonly #reads: ReadQueue<R>;
  #unproposed: Uint8Array[] = [];
  #unproposedChanges: P[] = [];
  #unproposedLeaders: P[] = [];
  #consistentIndex: number;
  #appliedIndex: number;
  #appliedTerm = 0;
  #tick = 0;
  #effects: Effect<P, R>[] = [];
  readonly #counters = {
    leaderChangesSeen: 0,
    proposalsFailed: 0,
    readsFailed: 0,
    slowApplies: 0,
    messagesRefused: 0,
  };
  readonly #peerRules: PeerRules;
  readonly #refused = new RefusedMessages();
  /** When the apply of the request before ended. */
  #appliedMs = 0;
  #status: BasicStatus;
  #confState: ConfState;
  #leader = NONE;

  constructor(options: ReplicaOptions) {
    this.#options = options;
    const { requestIds } = options;
    this.#reads = new ReadQueue<R>(() => requestIds.idOf(requestIds.next()));
    this.#raft = options.raft;
    this.#storage = options.storage;
    this.#applier = options.applier;
    this.#backend = options.backend;
    this.#consistentIndex = options.consistentIndex;
    this.#confState = options.storage.initialState().confState;
    this.#status = options.raft.basicStatus();
    this.#appliedIndex = this.#status.applied;
    this.#peerRules = {
      ownId: this.#status.id,
      allowJointChanges: options.allowJointChanges === true,
      isRemoved: (id) => this.#applier.isRemovedMember(id),
    };
  }

  get counters(): ReplicaCounters {
    return this.#counters;
  }

  /** The members of the group as of the last applied entry. */
  get confState(): ConfState {
    return this.#confState;
  }

  /** Raft's state as of the last call that could change it. */
  get status(): BasicStatus {
    return this.#status;
  }

  /** The last entry that was applied to the state. */
  get appliedIndex(): number {
    return this.#appliedIndex;
  }

  get pendingProposals(): number {
    return this.#proposals.size;
  }

  /**
   * Whether the term's first entry is applied: from then on the leader knows every entry that
   * was ever committed.
   */
  get isReadyLeader(): boolean {
    const { leader, id, term } = this.#status;
    return leader === id && this.#appliedTerm === term;
  }

  /** Takes a proposal; it is answered by an effect, unless it is refused here. */
  propose(proposal: P): "accepted" | "tooManyRequests" {
    const behind = this.#status.commit - this.#appliedIndex;
    if (behind > this.#gapMax(proposal) || !this.#proposals.hasRoomFor(proposal.data.length))
      return "tooManyRequests";
    this.#proposals.push(proposal, this.#tick + this.#options.requestTimeoutTicks);
    if (proposal.isLeaders === true) this.#unproposedLeaders.push(proposal);
    else if (proposal.request.kind === "memberChange") this.#unproposedChanges.push(proposal);
    else this.#unproposed.push(proposal.data);
    return "accepted";
  }

  #gapMax({ request }: P): number {
    const hasPriority = this.#options.priorityRequests === true && request.kind === "leaseRevoke";
    return hasPriority ? PRIORITY_APPLY_GAP_MAX : APPLY_GAP_MAX;
  }

  /**
   * Proposes a joint change of the members, answered like any proposal, whose own request is not
   * looked at. The change's context is overwritten.
   */
  proposeJointChange(proposal: P, change: ConfChangeV2): "accepted" | "tooManyRequests" {
    invariant(this.#options.allowJointChanges === true, "joint changes are not allowed here");
    if (!this.#proposals.hasRoomFor(proposal.data.length)) return "tooManyRequests";
    const { requestIds, requestTimeoutTicks } = this.#options;
    this.#proposals.push(proposal, this.#tick + requestTimeoutTicks);
    const named = withRequestId(requestIds.idOf(proposal.id), change);
    if (this.#raft.proposeConfChange(named) === "ok") return "accepted";
    this.#proposals.takeById(proposal.id);
    this.#unserved([proposal], "dropped");
    return "accepted";
  }

  /** Takes a linearizable read; it comes back in a read or an unread effect. */
  read(read: R): "accepted" | "tooManyRequests" {
    if (!this.#reads.hasRoom) return "tooManyRequests";
    this.#reads.push(read, this.#tick);
    return "accepted";
  }

  /** One heartbeat interval has passed. */
  tick(): void {
    this.#tick++;
    this.#raft.tick();
    this.#expire();
  }

  /**
   * Takes a message of another member, or drops it: what a removed member says, and what cannot
   * be; the first time with an effect that tells so. The state of a `MsgSnap` is safe on disk
   * before this call.
   */
  step(message: Message): void {
    const refusal = refusalOf(message, this.#peerRules) ?? this.#raft.step(message);
    // A proposal that is dropped was good, only not now.
    if (refusal === "ok" || refusal === "dropped") return;
    this.#counters.messagesRefused++;
    if (!this.#refused.isFirst(refusal, message.from)) return;
    this.#effects.push({ kind: "refusedMessage", refusal, message });
  }

  /** Asks the leader, here or elsewhere, to hand over to a voter. */
  transferLeader(transferee: bigint): void {
    this.#raft.transferLeader(transferee);
  }

  /** The last message to this member could not be delivered. */
  reportUnreachable(id: bigint): void {
    this.#raft.reportUnreachable(id);
  }

  /** The state sent to this member has arrived there, or not. */
  reportSnapshot(id: bigint, ok: boolean): void {
    this.#raft.reportSnapshot(id, ok);
  }

  /** Where in the log the state of the backend is at this moment, for a copy of it. */
  get snapshotPlace(): SnapshotMetadata {
    const { consistentIndex: index, term } = this.#backend.boundary;
    return { index, term, confState: this.#confState };
  }

  /** The store was replaced by the state that came with `snapshot`; `persisted` comes next. */
  restored(
    snapshot: Snapshot,
    parts: { readonly applier: Applier; readonly backend: Backend },
  ): void {
    const { index, term, confState } = snapshot.metadata;
    const { consistentIndex } = parts.backend.boundary;
    invariant(consistentIndex === index, `the state of ${index} stands at ${consistentIndex}`);
    this.#applier = parts.applier;
    this.#backend = parts.backend;
    this.#consistentIndex = index;
    this.#appliedIndex = index;
    this.#appliedTerm = term;
    this.#confState = confState;
    this.#storage.applySnapshot(snapshot);
  }

  /** An append effect is done: its entries are on disk. Calls come in the order of the effects. */
  persisted(entries: readonly Entry[], responses: readonly Message[]): void {
    if (entries.length > 0) this.#storage.append(entries);
    const send: Message[] = [];
    for (const response of responses) {
      if (response.to === this.#status.id) this.#raft.step(response);
      else send.push(response);
    }
    if (send.length > 0) this.#effects.push({ kind: "send", messages: send });
  }

  /** Gives up everything that waits: the member stops. */
  stop(): Effect<P, R>[] {
    this.#unserved(this.#proposals.takeAll(), "stopped");
    const reads = this.#reads.takeStartedBefore(Number.POSITIVE_INFINITY);
    if (reads.length > 0) this.#effects.push({ kind: "unread", reads, reason: "stopped" });
    return this.#takeEffects();
  }

  /** Works until nothing is left to do without the outside; returns what the outside has to do. */
  advance(): Effect<P, R>[] {
    this.#status = this.#raft.basicStatus();
    this.#proposeWaiting();
    this.#askReadIndex();
    this.#work();
    if (this.#isAloneWithoutLeader()) {
      this.#raft.campaign();
      this.#work();
    }
    this.#status = this.#raft.basicStatus();
    const servable = this.#reads.takeServable(this.#appliedIndex);
    if (servable.length > 0) this.#effects.push({ kind: "read", reads: servable });
    return this.#takeEffects();
  }

  #work(): void {
    while (this.#raft.hasReady()) this.#handle(this.#raft.ready());
  }

  /** The only voter has nobody to wait for: it need not sit out an election timeout. */
  #isAloneWithoutLeader(): boolean {
    const { voters, votersOutgoing } = this.#confState;
    if (voters.length !== 1 || votersOutgoing.length > 0) return false;
    const { id, role, leader, commit } = this.#raft.basicStatus();
    const isIdle = role === "follower" && leader === NONE && commit === this.#appliedIndex;
    return isIdle && voters[0] === id;
  }

  #takeEffects(): Effect<P, R>[] {
    const effects = this.#effects;
    if (effects.length > 0) this.#effects = [];
    return effects;
  }

  #hasLeader(): boolean {
    return this.#status.leader !== NONE;
  }

  #proposeChanges(): void {
    const changes = this.#unproposedChanges;
    this.#unproposedChanges = [];
    for (const proposal of changes) {
      const { id, request } = proposal;
      // Given up meanwhile, or never a change: nothing to propose.
      if (proposal.answered || request.kind !== "memberChange") continue;
      const change = confChangeOf(this.#options.requestIds.idOf(id), request.change);
      if (this.#raft.proposeConfChange(change) === "ok") continue;
      this.#proposals.takeById(id);
      this.#unserved([proposal], "dropped");
    }
  }

  /** What a leader has decided is proposed by it or by nobody. */
  #proposeLeaders(): void {
    const proposals = this.#unproposedLeaders;
    this.#unproposedLeaders = [];
    for (const proposal of proposals) {
      if (this.#status.role === "leader") {
        this.#unproposed.push(proposal.data);
        continue;
      }
      this.#proposals.takeById(proposal.id);
      this.#unserved([proposal], "dropped");
    }
  }

  #proposeWaiting(): void {
    if (this.#unproposedLeaders.length > 0) this.#proposeLeaders();
    if (!this.#hasLeader()) return;
    if (this.#unproposedChanges.length > 0) this.#proposeChanges();
    if (this.#unproposed.length === 0) return;
    const batch = this.#unproposed;
    this.#unproposed = [];
    if (this.#raft.proposeAll(batch) === "ok") return;
    const dropped = new Set(batch);
    const proposals = this.#proposals.takeAll();
    for (const proposal of proposals) {
      if (dropped.has(proposal.data)) this.#unserved([proposal], "dropped");
      else this.#proposals.push(proposal, this.#tick + this.#options.requestTimeoutTicks);
    }
  }

  #askReadIndex(): void {
    if (!this.#hasLeader()) return;
    const question = this.#reads.question(this.#tick, this.#options.readIndexRetryTicks);
    if (question === undefined) return;
    const context = new Uint8Array(READ_CONTEXT_BYTES);
    new DataView(context.buffer).setBigUint64(0, question, true);
    this.#raft.readIndex(context);
  }

  #handle(ready: Ready): void {
    if (ready.softState !== undefined) this.#onLeader(ready.softState.lead);
    for (const { requestCtx, index } of ready.readStates) {
      // Of another length it answers nothing that this member asked.
      if (requestCtx.length !== READ_CONTEXT_BYTES) continue;
      const { buffer, byteOffset } = requestCtx;
      this.#reads.confirm(new DataView(buffer, byteOffset).getBigUint64(0, true), index);
    }
    const send: Message[] = [];
    for (const message of ready.messages) {
      if (message.type === MessageType.MsgStorageAppend) {
        this.#effects.push({
          kind: "append",
          snapshot: message.snapshot,
          hardState: ready.hardState,
          entries: message.entries,
          mustSync: ready.mustSync,
          responses: message.responses ?? [],
        });
      } else if (message.type === MessageType.MsgStorageApply) {
        this.#apply(message.entries);
        for (const response of message.responses ?? []) this.#raft.step(response);
      } else if (message.type === MessageType.MsgSnap) {
        this.#effects.push({ kind: "sendSnapshot", message });
      } else send.push(message);
    }
    if (send.length > 0) this.#effects.push({ kind: "send", messages: send });
  }

  #onLeader(leader: bigint): void {
    if (leader !== NONE && leader !== this.#leader) this.#counters.leaderChangesSeen++;
    this.#leader = leader;
    this.#applier.lead(leader === this.#status.id, this.#options.clock.monotonicMs());
  }

  #apply(entries: readonly Entry[]): void {
    const answers: Answer<P>[] = [];
    this.#appliedMs = this.#options.clock.monotonicMs();
    for (const entry of entries) {
      const answer = this.#applyEntry(entry);
      if (answer !== undefined) answers.push(answer);
    }
    const last = entries.at(-1);
    if (last !== undefined) this.#compactLog(last.index);
    const events = this.#applier.takeEvents();
    if (events.length > 0) this.#effects.push({ kind: "events", events });
    if (this.#applier.takeOverQuota()) this.#effects.push({ kind: "overQuota" });
    if (answers.length > 0) this.#effects.push({ kind: "answer", answers });
  }

  #applyEntry(entry: Entry): Answer<P> | undefined {
    invariant(
      entry.index === this.#appliedIndex + 1,
      () => `entry ${entry.index} applied out of order`,
    );
    this.#appliedIndex = entry.index;
    this.#appliedTerm = entry.term;
    if (entry.index <= this.#consistentIndex) return undefined;
    const answer = this.#execute(entry);
    this.#consistentIndex = entry.index;
    this.#backend.setConsistentIndex(entry.index, entry.term);
    return answer;
  }

  #execute(entry: Entry): Answer<P> | undefined {
    if (entry.type !== EntryType.normal) return this.#applyConfChange(entry);
    // A leader's first entry of its term carries nothing.
    if (entry.data.length === 0) return undefined;
    const own = this.#proposals.takeHead(entry.data);
    if (own !== undefined) return this.#answer(own, this.#applyRequest(own.request, entry.data));
    const { id, request } = decodeRequest(entry.data);
    const outcome = this.#applyRequest(request, entry.data);
    const suffix = this.#options.requestIds.suffixOf(id);
    const found = suffix === undefined ? undefined : this.#proposals.takeById(suffix);
    return found === undefined ? undefined : this.#answer(found, outcome);
  }

  #applyRequest(request: Request, data: Uint8Array): ApplyResult {
    const result = this.#applier.apply(request, this.#appliedMs);
    const { clock, slowApplyMs } = this.#options;
    const nowMs = clock.monotonicMs();
    const tookMs = nowMs - this.#appliedMs;
    this.#appliedMs = nowMs;
    this.#options.applied?.(request, result, tookMs);
    if (tookMs > slowApplyMs) {
      this.#counters.slowApplies++;
      this.#effects.push({ kind: "slowApply", request, data, tookMs });
    }
    return result;
  }

  #answer(proposal: P, outcome: Answer<P>["outcome"]): Answer<P> | undefined {
    if (proposal.answered) return undefined;
    proposal.answered = true;
    return { proposal, outcome };
  }

  #applyConfChange(entry: Entry): Answer<P> | undefined {
    if (entry.type === EntryType.confChangeV2 && this.#options.allowJointChanges === true) {
      const { id, isRefused, confState } = applyJointChange(entry, this.#raft, this.#applier);
      this.#onMembers(entry, undefined, confState);
      if (id === undefined) return undefined;
      return this.#answerById(
        id,
        isRefused ? { kind: "membersRefused", refusal: "idRemoved" } : { kind: "done" },
      );
    }
    const { id, change, applied } = applyConfChange(entry, this.#raft, this.#applier);
    const { result, confState } = applied;
    this.#onMembers(entry, result.kind === "members" ? change : undefined, confState);
    return this.#answerById(id, result);
  }

  #answerById(id: bigint, result: ApplyResult): Answer<P> | undefined {
    const suffix = this.#options.requestIds.suffixOf(id);
    const own = suffix === undefined ? undefined : this.#proposals.takeById(suffix);
    return own === undefined ? undefined : this.#answer(own, result);
  }

  #onMembers({ index }: Entry, change: MemberChange | undefined, confState: ConfState): void {
    this.#confState = confState;
    this.#backend.put("meta", CONF_STATE_KEY, encodeConfState(confState));
    this.#effects.push({ kind: "members", change, index, confState });
  }

  #compactLog(appliedIndex: number): void {
    const keepFrom = appliedIndex - this.#options.catchupEntries;
    const step = Math.min(MEMORY_LOG_COMPACTION_STEP, this.#options.catchupEntries);
    if (keepFrom - this.#storage.firstIndex() < step) return;
    // Whoever needs what is cut off gets the state instead: raft must know that there is one.
    this.#storage.createSnapshot(appliedIndex, this.#confState, NO_BYTES);
    this.#storage.compact(keepFrom);
  }

  #expire(): void {
    this.#unserved(this.#proposals.takeExpired(this.#tick), "timeout");
    const begun = this.#tick - this.#options.requestTimeoutTicks;
    const reads = this.#reads.takeStartedBefore(begun);
    if (reads.length === 0) return;
    this.#counters.readsFailed += reads.length;
    this.#effects.push({ kind: "unread", reads, reason: "timeout" });
  }

  #unserved(proposals: readonly P[], reason: Unserved): void {
    const answers: Answer<P>[] = [];
    for (const proposal of proposals) {
      const answer = this.#answer(proposal, { kind: "unserved", reason });
      if (answer !== undefined) answers.push(answer);
    }
    this.#counters.proposalsFailed += answers.length;
    if (answers.length > 0) this.#effects.push({ kind: "answer", answers });
  }
}
