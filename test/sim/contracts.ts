// SPDX-License-Identifier: Apache-2.0
//
// What the parts of a simulated cluster see of each other. `world.ts` puts them together.

import type { Random } from "../../src/base/contracts/random.ts";
import type { ApplyResult, MemberChange, RequestKind } from "../../src/core/apply/index.ts";
import type { Backend, MemoryDisk } from "../../src/core/backend/index.ts";
import type { Lessor } from "../../src/core/lease/index.ts";
import type { ClusterMembership } from "../../src/core/membership/index.ts";
import type { MvccStore, StoredEvent } from "../../src/core/mvcc/index.ts";
import type { WatchHub } from "../../src/core/mvcc/watch/index.ts";
import type {
  ConfChangeV2,
  ConfState,
  Message,
  RawNode,
  Snapshot,
} from "../../src/core/raft/index.ts";
import type { AppendEffect, Proposal, Replica } from "../../src/core/replica/index.ts";
import type { InitialMember } from "../../src/member/index.ts";
import { dataPaths } from "../../src/server/bootstrap/data-dir.ts";
import type { MemberState } from "../../src/server/bootstrap/member-state.ts";
import type { Refusal } from "../../src/server/replica/face.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import type { SimDisk } from "../harness/sim-disk.ts";
import type { FoundLog } from "./checkers/durability.ts";
import type { KeyHistory } from "./checkers/history.ts";
import type { LeaseLedger } from "./checkers/leases.ts";
import type { MemberLog } from "./checkers/member-log.ts";
import type { Coverage } from "./coverage.ts";
import type { MachineClock, Schedule } from "./schedule.ts";
import type { Transcript } from "./transcript.ts";
import type { Tuning } from "./tuning.ts";

/** Where every machine keeps its member's files. */
export const PATHS = dataPaths("/data", undefined);

export type Outcome = ApplyResult | { readonly kind: "unserved"; readonly reason: Refusal };

export interface SimProposal extends Proposal {
  readonly done: (outcome: Outcome) => void;
}

export interface SimRead {
  /** The state may be read now. */
  readonly serve: (member: SimMember) => void;
  readonly unserved: (reason: Refusal) => void;
}

export interface OpenedMember {
  readonly state: MemberState;
  readonly backend: Backend;
  /** Undefined when the member had no log before. */
  readonly found: FoundLog | undefined;
}

/** One run of a member, see `member.ts`. */
export interface SimMember {
  readonly machine: SimMachine;
  readonly state: MemberState;
  readonly raft: RawNode;
  readonly replica: Replica<SimProposal, SimRead>;
  readonly hub: WatchHub;
  readonly backend: Backend;
  readonly store: MvccStore;
  readonly membership: ClusterMembership;
  readonly isDead: boolean;
  readonly isSyncing: boolean;
  /** Called when the run ends: whoever waits for an answer learns that none will come. */
  readonly onDeath: Set<() => void>;
  turn(): void;
  wake(): void;
  resume(): void;
  step(message: Message): void;
  receiveSnapshot(message: Message, state: Uint8Array): void;
  propose(kind: RequestKind, message: Uint8Array, done: (outcome: Outcome) => void): Uint8Array;
  proposeChange(change: MemberChange, done: (outcome: Outcome) => void): void;
  proposeJoint(change: ConfChangeV2, done: (outcome: Outcome) => void): void;
  read(read: SimRead): void;
  commit(done?: () => void): boolean;
  takeSnapshot(): void;
  readonly leases: Lessor;
  renewLease(
    id: bigint,
    answered: (ttlSeconds: number) => void,
    failed: (why: string) => void,
  ): void;
  die(): void;
}

export type CrashKind = "power" | "kill";

/** A machine with its disks, see `machine.ts`. */
export interface SimMachine {
  readonly world: SimWorld;
  readonly number: number;
  readonly id: bigint;
  readonly name: string;
  readonly isFounder: boolean;
  readonly clock: MachineClock;
  readonly random: SeededRandom;
  readonly log: MemberLog;
  readonly member: SimMember | undefined;
  readonly isUp: boolean;
  disk: SimDisk;
  store: MemoryDisk;
  /** A sync takes this much longer, in milliseconds. */
  stallMs: number;
  /** Grows whenever what runs on it ends. */
  readonly life: number;
  /** Its store is in the middle of a commit of the index. */
  isIndexing: boolean;
  isPaused: boolean;
  hasStarted: boolean;
  /** Removed from the cluster, or damaged for good: it does not start any more. */
  isGone: boolean;
  /** What was done to its disk goes beyond what it can survive; it has to be replaced. */
  isDamaged: boolean;
  /** Steps until it crashes in the middle of one. */
  crashIn: { steps: number; readonly kind: CrashKind; readonly downMs: number } | undefined;
  /** How it crashes the next time that a snapshot is about to become its store. */
  crashInstalling: SimMachine["crashIn"];
  guard(run: () => void): void;
  step(): void;
  crash(kind: CrashKind, downMs: number): void;
  start(): void;
  retire(): void;
  campaign(): void;
  forgetLeader(): void;
}

/** Whether a message between two machines, by their numbers, gets lost. */
export type MessageFilter = (from: number, to: number, message: Message) => boolean;

export interface SimNetwork {
  filter(picks: MessageFilter): void;
  send(from: SimMachine, to: bigint, message: Message): void;
  sendSnapshot(sender: SimMember, message: Message, state: Uint8Array): void;
  haunt(target: SimMachine): void;
  block(from: number, to: number): void;
  unblock(from: number, to: number): void;
}

export interface SimOperator {
  survivesWithout(id: bigint): boolean;
  addMember(isLearner: boolean): void;
  promote(): void;
  remove(machine: SimMachine): void;
  update(machine: SimMachine): void;
  replace(machine: SimMachine): void;
  transfer(machine: SimMachine): void;
  changeJointly(choice: number, isExplicit: boolean): void;
  onMembers(machine: SimMachine, change: MemberChange | undefined, confState: ConfState): void;
  onInstalled(machine: SimMachine): void;
  settle(confState: ConfState): void;
}

export interface SimJudge {
  readonly history: KeyHistory;
  readonly confState: ConfState;
  readonly isJoint: boolean;
  onStart(machine: SimMachine, opened: OpenedMember): void;
  onAppend(machine: SimMachine, append: AppendEffect): void;
  onPersisted(machine: SimMachine, append: AppendEffect): void;
  onEvents(machine: SimMachine, events: readonly StoredEvent[]): void;
  onSent(message: Message): void;
  onReceived(member: SimMember, message: Message): void;
  onTurn(member: SimMember): void;
  noteCommit(member: SimMember): void;
  onInstalled(member: SimMember, snapshot: Snapshot): void;
  onConfiguration(index: number, confState: ConfState): void;
  onAcknowledged(data: Uint8Array, revision: number, what: string): void;
}

/** The whole, see `world.ts`. */
export interface SimWorld {
  readonly schedule: Schedule;
  readonly coverage: Coverage;
  readonly transcript: Transcript;
  readonly random: SeededRandom;
  readonly tuning: Tuning;
  readonly founders: readonly InitialMember[];
  readonly machines: readonly SimMachine[];
  readonly network: SimNetwork;
  readonly judge: SimJudge;
  readonly leases: LeaseLedger;
  readonly operator: SimOperator;
  readonly isCalm: boolean;
  isBeyond: boolean;
  /** Whom the leadership is being handed to. */
  transferTarget: bigint | undefined;
  addMachine(): SimMachine;
  machineOf(id: bigint): SimMachine | undefined;
  startMember(id: bigint): void;
  leader(): SimMember | undefined;
  anyMember(number?: number, random?: Random): SimMember | undefined;
  storeDelay(machine: SimMachine, msMax: number): Promise<void>;
  /** Promises were settled: what follows from them comes before the next event. */
  owesTurns(): void;
  resume(machine: SimMachine): void;
}
