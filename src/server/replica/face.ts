// SPDX-License-Identifier: Apache-2.0

import type { ApplyResult, Request, RequestKind } from "../../core/apply/index.ts";
import type { Lessor } from "../../core/lease/index.ts";
import type { MvccStore } from "../../core/mvcc/index.ts";
import type { Proposal, Unserved } from "../../core/replica/index.ts";

/** Why a request got no result although it was valid. */
export type Refusal = Unserved | "tooManyRequests" | "tooLarge";

/** Somebody who waits for a linearizable read. Exactly one of the two is called, once. */
export interface ReadWaiter {
  /** The state may be read now, within this call. */
  serve(): void;
  unserved(reason: Refusal): void;
}

/** Somebody who waits for a proposal. Exactly one of the two is called, once. */
export interface ProposalWaiter {
  applied(result: ApplyResult): void;
  unserved(reason: Refusal): void;
}

/** A proposal together with who waits for it. */
export interface WaitingProposal extends Proposal {
  readonly waiter: ProposalWaiter;
}

/** Raft's view of this member, for answers and probes. */
export interface ReplicaStatus {
  readonly term: number;
  /** 0 while no leader is known. */
  readonly leader: bigint;
  readonly isLeader: boolean;
  readonly committedIndex: number;
  readonly appliedIndex: number;
}

/** A request in the form in which the log carries it, and decoded. */
export interface PreparedRequest {
  readonly id: number;
  readonly data: Uint8Array;
  readonly request: Request;
}

/** What the services see of the member. All of it is called and answered in the loop's turns. */
export interface ReplicaFace {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly store: MvccStore;
  readonly leases: Lessor;
  /** A number that nothing else in the cluster is named by. */
  newId(): bigint;
  status(): ReplicaStatus;
  /** Makes the entry of a request; its encoded message is copied as it is. */
  prepare(kind: RequestKind, message: Uint8Array): PreparedRequest;
  /** Proposes what was prepared, having validated it. Refusals come through the waiter. */
  propose(prepared: PreparedRequest, waiter: ProposalWaiter): void;
  /** The same for what a leader decides: it counts only if this member still leads. */
  proposeAsLeader(prepared: PreparedRequest, waiter: ProposalWaiter): void;
  /** Asks for a linearizable read. */
  read(waiter: ReadWaiter): void;
  /** Calls back once the compaction that was applied last is finished and on disk. */
  whenCompacted(done: () => void): void;
}
