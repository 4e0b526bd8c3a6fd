// SPDX-License-Identifier: Apache-2.0

import { ByteArena } from "../../base/byte-arena.ts";
import type { Clock } from "../../base/contracts/clock.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import { unreachable } from "../../base/invariant.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import {
  decodeRequest,
  type RequestKind,
  readRequest,
  writeRequest,
} from "../../core/apply/index.ts";
import type { Lessor } from "../../core/lease/index.ts";
import type { MvccStore, StoredEvent } from "../../core/mvcc/index.ts";
import { type ConfState, type Message, messageTypeName } from "../../core/raft/index.ts";
import type {
  Effect,
  RefusedMessageEffect,
  Replica,
  RequestIds,
  SlowApplyEffect,
} from "../../core/replica/index.ts";
import { describeEntry } from "./describe-request.ts";
import { durationText } from "./duration-text.ts";
import type {
  PreparedRequest,
  ProposalWaiter,
  ReadWaiter,
  ReplicaFace,
  ReplicaStatus,
  WaitingProposal,
} from "./face.ts";
import type { LogWriter } from "./log-writer.ts";

export interface LoopParts {
  readonly replica: Replica<WaitingProposal, ReadWaiter>;
  readonly store: MvccStore;
  readonly leases: Lessor;
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface LoopOptions {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly tickMs: number;
  readonly slowApplyMs: number;
  readonly requestBytesMax: number;
}

/** Whom the loop hands things to; set once, before `start`. */
export interface LoopOutlets {
  readonly log: LogWriter;
  send(messages: readonly Message[]): void;
  events(events: readonly StoredEvent[]): void;
  /** A turn is over. */
  turned(): void;
  whenCompacted(done: () => void): void;
  /** Something was applied that the store has no room for. */
  overQuota(): void;
}

/**
 * Feeds the replica and carries out its effects. Whatever arrives in one turn of the event loop
 * is one batch: one append, one sync, one apply.
 */
export class ReplicaLoop implements ReplicaFace {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly store: MvccStore;
  readonly leases: Lessor;
  readonly #replica: Replica<WaitingProposal, ReadWaiter>;
  readonly #requestIds: RequestIds;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #options: LoopOptions;
  readonly #entryWriter = new WireWriter(4096);
  readonly #entries = new ByteArena();
  #outlets: LoopOutlets | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #nextTickMs = 0;
  #scheduled = false;
  #stopped = false;
  #leadingWaiters: (() => void)[] = [];

  constructor(parts: LoopParts, options: LoopOptions) {
    this.#replica = parts.replica;
    this.#requestIds = parts.requestIds;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#options = options;
    this.store = parts.store;
    this.leases = parts.leases;
    this.clusterId = options.clusterId;
    this.memberId = options.memberId;
  }

  start(outlets: LoopOutlets): void {
    this.#outlets = outlets;
    this.#nextTickMs = this.#clock.monotonicMs() + this.#options.tickMs;
    this.#ticker = setInterval(() => this.#onTimer(), this.#options.tickMs);
    this.wake();
  }

  status(): ReplicaStatus {
    const { term, leader, id, commit } = this.#replica.status;
    return {
      term,
      leader,
      isLeader: leader === id,
      committedIndex: commit,
      appliedIndex: this.#replica.appliedIndex,
    };
  }

  get raftTerm(): number {
    return this.#replica.status.term;
  }

  /** Resolves once this member leads and has applied the first entry of its term. */
  whenLeading(): Promise<void> {
    if (this.#replica.isReadyLeader) return Promise.resolve();
    return new Promise((resolve) => {
      this.#leadingWaiters.push(resolve);
    });
  }

  get confState(): ConfState {
    return this.#replica.confState;
  }

  get pendingProposals(): number {
    return this.#replica.pendingProposals;
  }

  newId(): bigint {
    return this.#requestIds.idOf(this.#requestIds.next());
  }

  prepare(kind: RequestKind, message: Uint8Array): PreparedRequest {
    const id = this.#requestIds.next();
    const writer = this.#entryWriter;
    writer.reset();
    const start = writeRequest(writer, kind, message, this.#requestIds.halves(id));
    const data = this.#entries.copyOf(writer.view());
    const request = readRequest(kind, data.subarray(start, start + message.length));
    return { id, data, request };
  }

  propose(prepared: PreparedRequest, waiter: ProposalWaiter): void {
    const { id, data, request } = prepared;
    this.#submit({ id, data, request, answered: false, waiter });
  }

  proposeAsLeader(prepared: PreparedRequest, waiter: ProposalWaiter): void {
    const { id, data, request } = prepared;
    this.#submit({ id, data, request, isLeaders: true, answered: false, waiter });
  }

  #submit(proposal: WaitingProposal): void {
    const { data, waiter } = proposal;
    if (this.#stopped) return waiter.unserved("stopped");
    if (data.length > this.#options.requestBytesMax) return waiter.unserved("tooLarge");
    const outcome = this.#replica.propose(proposal);
    if (outcome !== "accepted") waiter.unserved(outcome);
    else this.wake();
  }

  read(waiter: ReadWaiter): void {
    if (this.#stopped) return waiter.unserved("stopped");
    const outcome = this.#replica.read(waiter);
    if (outcome !== "accepted") waiter.unserved(outcome);
    else this.wake();
  }

  /** A message of another member. */
  step(message: Message): void {
    this.#replica.step(message);
    this.wake();
  }

  whenCompacted(done: () => void): void {
    this.#outlets?.whenCompacted(done);
  }

  /** Makes sure that a turn comes after what is being read from sockets now. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  /** Answers everything that waits with "server stopped" and does nothing more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#ticker);
    for (const effect of this.#replica.stop()) this.#run(effect);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    const outlets = this.#outlets;
    if (this.#stopped || outlets === undefined) return;
    do {
      for (const effect of this.#replica.advance()) this.#run(effect);
    } while (!this.#stopped && outlets.log.flush());
    // The log may have failed in this turn: then nothing is begun any more.
    if (this.#stopped) return;
    if (this.#leadingWaiters.length > 0 && this.#replica.isReadyLeader) {
      const waiters = this.#leadingWaiters;
      this.#leadingWaiters = [];
      for (const resolve of waiters) resolve();
    }
    outlets.turned();
  };

  #onTimer(): void {
    const now = this.#clock.monotonicMs();
    // A late timer stands for the ticks it missed, but time that the process slept through is not
    // held against the leader all at once.
    if (now - this.#nextTickMs > this.#options.tickMs * 5) this.#nextTickMs = now;
    while (this.#nextTickMs <= now) {
      this.#nextTickMs += this.#options.tickMs;
      this.#replica.tick();
    }
    this.wake();
  }

  #warnSlowApply({ request, data, tookMs }: SlowApplyEffect): void {
    this.#logger.log("warn", "replica/loop.ts", "apply request took too long", {
      took: durationText(tookMs),
      "expected-duration": durationText(this.#options.slowApplyMs),
      prefix: "",
      request: describeEntry(decodeRequest(data).id, request),
    });
  }

  #warnRefused({ refusal, message }: RefusedMessageEffect): void {
    const { type, from, term } = message;
    this.#logger.log("warn", "replica/loop.ts", "dropped a message of another member", {
      cause: refusal,
      "message-type": messageTypeName(type),
      "remote-peer-id": from.toString(16),
      term,
      note: "told once for each cause and member",
    });
  }

  #run(effect: Effect<WaitingProposal, ReadWaiter>): void {
    switch (effect.kind) {
      case "append":
        this.#outlets?.log.append(effect);
        return;
      case "send":
        this.#outlets?.send(effect.messages);
        return;
      case "sendSnapshot":
        this.#outlets?.send([effect.message]);
        return;
      case "members":
        // Peers are known by the addresses in the membership, which has changed already.
        return;
      case "events":
        this.#outlets?.events(effect.events);
        return;
      case "answer":
        for (const { proposal, outcome } of effect.answers) {
          if (outcome.kind === "unserved") proposal.waiter.unserved(outcome.reason);
          else proposal.waiter.applied(outcome);
        }
        return;
      case "read":
        for (const waiter of effect.reads) waiter.serve();
        return;
      case "unread":
        for (const waiter of effect.reads) waiter.unserved(effect.reason);
        return;
      case "overQuota":
        this.#outlets?.overQuota();
        return;
      case "slowApply":
        this.#warnSlowApply(effect);
        return;
      case "refusedMessage":
        this.#warnRefused(effect);
        return;
      default:
        unreachable(effect);
    }
  }
}
