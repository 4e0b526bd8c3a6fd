// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../src/base/invariant.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import {
  type MemberChange,
  type RequestKind,
  readRequest,
  writeRequest,
} from "../../src/core/apply/index.ts";
import { type Backend, MemoryDisk } from "../../src/core/backend/index.ts";
import { EXPIRY_INTERVAL_MS, type Lessor } from "../../src/core/lease/index.ts";
import { ClusterMembership } from "../../src/core/membership/index.ts";
import { MvccStore } from "../../src/core/mvcc/index.ts";
import { WatchHub } from "../../src/core/mvcc/watch/index.ts";
import {
  type ConfChangeV2,
  type Message,
  MessageType,
  NO_BYTES,
  RawNode,
  type Snapshot,
} from "../../src/core/raft/index.ts";
import {
  type AppendEffect,
  type Effect,
  type MessageRefusal,
  Replica,
  RequestIds,
} from "../../src/core/replica/index.ts";
import type { MemberState } from "../../src/server/bootstrap/member-state.ts";
import type {
  PreparedRequest,
  ProposalWaiter,
  ReplicaFace,
} from "../../src/server/replica/face.ts";
import type { Outcome, SimMachine, SimMember, SimProposal, SimRead } from "./contracts.ts";
import { DiskWork } from "./disk-work.ts";
import { LeaseWork, WatchedApplier } from "./lease-work.ts";
import { CLUSTER_ID, openMember, storeOptions } from "./member-start.ts";
import { SnapshotWork } from "./snapshot-work.ts";
import { copyState, importState } from "./state-copy.ts";

/** How often the store is committed, in milliseconds. */
const COMMIT_INTERVAL_MS = 100;

/** What honest members' messages meet while members come and go. */
const HONEST_REFUSALS: ReadonlySet<MessageRefusal> = new Set([
  "removed-member",
  "peer-not-found",
  "wrong-addressee",
] as const);

/** One run of a member: its engines, and what the server's shell does around them. */
export class Member implements SimMember {
  readonly machine: SimMachine;
  readonly state: MemberState;
  readonly raft: RawNode;
  readonly replica: Replica<SimProposal, SimRead>;
  readonly hub: WatchHub;
  backend: Backend;
  store: MvccStore;
  membership: ClusterMembership;
  isDead = false;
  /** Called when the run ends: whoever waits for an answer learns that none will come. */
  readonly onDeath = new Set<() => void>();
  readonly #ids: RequestIds;
  readonly #disk: DiskWork;
  readonly #snapshots: SnapshotWork;
  readonly #leaseWork: LeaseWork;
  #applier: WatchedApplier;
  readonly #writer = new WireWriter();
  #isTurnDue = false;
  #isCommitting = false;
  #nextTickMs: number;
  /** What timers would have done while the process was paused. */
  readonly #overdue = new Set<() => void>();

  constructor(machine: SimMachine) {
    this.machine = machine;
    const { world, clock, random } = machine;
    const opened = openMember(machine);
    this.state = opened.state;
    this.backend = opened.backend;
    this.membership = opened.state.membership;
    const { durableIndexRevision } = this.backend;
    this.store = new MvccStore(this.backend);
    if (opened.found !== undefined && this.store.currentRevision > durableIndexRevision) {
      world.coverage.saw("the index of the keys was behind its rows at a start");
    }
    world.judge.onStart(machine, opened);
    const { storage, appliedIndex } = this.state;
    const { tuning } = world;
    this.raft = new RawNode({
      id: machine.id,
      electionTick: tuning.electionTicks,
      heartbeatTick: 1,
      storage,
      applied: appliedIndex,
      random,
      asyncStorageWrites: true,
      checkQuorum: true,
      preVote: tuning.preVote,
      maxSizePerMsg: tuning.messageBytes,
      maxInflightMsgs: tuning.inflightMessages,
      maxUncommittedEntriesSize: tuning.uncommittedBytes,
      maxCommittedSizePerReady: tuning.applyBytes,
    });
    this.#ids = new RequestIds(machine.id, clock.unixMs());
    this.#applier = new WatchedApplier(machine, this);
    this.replica = new Replica<SimProposal, SimRead>({
      raft: this.raft,
      storage,
      applier: this.#applier,
      backend: this.backend,
      requestIds: this.#ids,
      clock,
      slowApplyMs: 100,
      consistentIndex: appliedIndex,
      requestTimeoutTicks: tuning.requestTimeoutTicks,
      readIndexRetryTicks: 3,
      catchupEntries: tuning.catchupEntries,
      allowJointChanges: true,
    });
    this.hub = new WatchHub({ history: this.#history(), hashSeed: 1 });
    this.#disk = new DiskWork(
      machine,
      this.state.wal,
      (append) => this.#appended(append),
      () => this.turn(),
    );
    this.#snapshots = new SnapshotWork(this, this.#disk);
    this.#leaseWork = new LeaseWork(machine, this.#face());
    this.#nextTickMs = clock.monotonicMs() + tuning.tickMs;
    this.#every(tuning.tickMs, () => this.#tick());
    this.#every(COMMIT_INTERVAL_MS, () => this.commit());
    this.#every(COMMIT_INTERVAL_MS * 1.7, () => this.#house());
    this.#every(EXPIRY_INTERVAL_MS, () => this.#leaseWork.look());
  }

  get leases(): Lessor {
    return this.#applier.leases;
  }

  get isSyncing(): boolean {
    return this.#disk.isSyncing;
  }

  /** The engine asks the store that is in place now: a snapshot replaces it. */
  #history(): ConstructorParameters<typeof WatchHub>[0]["history"] {
    const store = (): MvccStore => this.store;
    return {
      get currentRevision() {
        return store().currentRevision;
      },
      get compactRevision() {
        return store().compactRevision;
      },
      eventsFrom: (from, to, events, bytes) => store().eventsFrom(from, to, events, bytes),
      getAt: (key, revision) => store().getAt(key, revision),
    };
  }

  /** Runs `action` again and again, by the machine's own clock, until the member dies. */
  #every(intervalMs: number, action: () => void): void {
    const { schedule } = this.machine.world;
    const again = (): void => {
      if (this.isDead) return;
      if (this.machine.isPaused) this.#overdue.add(action);
      else this.machine.guard(action);
      schedule.after(intervalMs * this.machine.clock.rate, again);
    };
    schedule.after(
      (intervalMs * this.machine.clock.rate * this.machine.random.intBelow(100)) / 100,
      again,
    );
  }

  /** The process goes on: timers come before what has gathered in its sockets. */
  resume(): void {
    const overdue = [...this.#overdue];
    this.#overdue.clear();
    for (const action of overdue) {
      if (!this.isDead) this.machine.guard(action);
    }
  }

  #tick(): void {
    // As the server's loop does: a late timer stands for some of the ticks it missed.
    const { tickMs } = this.machine.world.tuning;
    const nowMs = this.machine.clock.monotonicMs();
    if (nowMs - this.#nextTickMs > tickMs * 5) this.#nextTickMs = nowMs;
    // Timers are not that exact.
    while (this.#nextTickMs <= nowMs + tickMs / 100) {
      this.#nextTickMs += tickMs;
      this.replica.tick();
    }
    this.wake();
  }

  /** Makes sure that a turn comes soon; what arrives until then is one batch. */
  wake(): void {
    if (this.#isTurnDue || this.isDead) return;
    this.#isTurnDue = true;
    this.machine.world.schedule.after(this.machine.random.intBelow(100) / 500, () => {
      this.#isTurnDue = false;
      if (this.isDead) return;
      if (!this.machine.isPaused) this.machine.guard(() => this.turn());
    });
  }

  turn(): void {
    if (this.isDead) return;
    do {
      for (const effect of this.replica.advance()) {
        this.machine.step();
        this.#run(effect);
      }
      this.machine.world.judge.onTurn(this);
    } while (this.#disk.flush());
    this.#snapshots.check();
    this.#leaseWork.turned();
  }

  /** A message of another member; `state` comes with a snapshot and is safe on disk already. */
  step(message: Message): void {
    if (this.membership.isRemoved(message.from)) {
      this.machine.world.coverage.saw("a message from a removed member was dropped");
    }
    this.replica.step(message);
    this.machine.world.judge.onReceived(this, message);
    this.wake();
  }

  /** The state of a snapshot has come: it is made safe before raft hears of it. */
  receiveSnapshot(message: Message, state: Uint8Array): void {
    this.#snapshots.keepState(state, message.snapshot?.metadata.index ?? 0);
    this.step(message);
  }

  propose(kind: RequestKind, message: Uint8Array, done: (outcome: Outcome) => void): Uint8Array {
    const prepared = this.#prepare(kind, message);
    this.#submit({ ...prepared, answered: false, done });
    return prepared.data;
  }

  #prepare(kind: RequestKind, message: Uint8Array): PreparedRequest {
    const id = this.#ids.next();
    this.#writer.reset();
    const start = writeRequest(this.#writer, kind, message, this.#ids.halves(id));
    const data = this.#writer.copy();
    return { id, data, request: readRequest(kind, data.subarray(start, start + message.length)) };
  }

  /** How the server's services see this member. */
  #face(): ReplicaFace {
    const member = this;
    return {
      clusterId: CLUSTER_ID,
      memberId: this.machine.id,
      get store() {
        return member.store;
      },
      get leases() {
        return member.leases;
      },
      newId: () => this.#ids.idOf(this.#ids.next()),
      status: () => {
        const { term, leader, id, commit } = this.replica.status;
        const { appliedIndex } = this.replica;
        return { term, leader, isLeader: leader === id, committedIndex: commit, appliedIndex };
      },
      prepare: (kind, message) => this.#prepare(kind, message),
      propose: (prepared, waiter) => this.#submit({ ...prepared, ...told(waiter) }),
      proposeAsLeader: (prepared, waiter) =>
        this.#submit({ ...prepared, ...told(waiter), isLeaders: true }),
      read: (waiter) => this.read(waiter),
      whenCompacted: () => {},
    };
  }

  renewLease(
    id: bigint,
    answered: (ttlSeconds: number) => void,
    failed: (why: string) => void,
  ): void {
    this.#leaseWork.renew(id, answered, failed);
  }

  proposeChange(change: MemberChange, done: (outcome: Outcome) => void): void {
    const id = this.#ids.next();
    const request = { kind: "memberChange", change } as const;
    this.#submit({ id, data: NO_BYTES, request, answered: false, done });
  }

  proposeJoint(change: ConfChangeV2, done: (outcome: Outcome) => void): void {
    const request = { kind: "downgradeVersionTest" } as const;
    const proposal = { id: this.#ids.next(), data: NO_BYTES, request, answered: false, done };
    if (this.replica.proposeJointChange(proposal, change) !== "accepted") {
      done({ kind: "unserved", reason: "tooManyRequests" });
    } else this.wake();
  }

  #submit(proposal: SimProposal): void {
    if (this.replica.propose(proposal) !== "accepted") {
      proposal.done({ kind: "unserved", reason: "tooManyRequests" });
    } else this.wake();
  }

  read(read: SimRead): void {
    if (this.replica.read(read) !== "accepted") read.unserved("tooManyRequests");
    else this.wake();
  }

  #run(effect: Effect<SimProposal, SimRead>): void {
    const { world } = this.machine;
    switch (effect.kind) {
      case "append":
        world.judge.onAppend(this.machine, effect);
        this.#disk.append(effect);
        return;
      case "send":
        for (const message of effect.messages) this.send(message);
        return;
      case "sendSnapshot":
        this.#sendSnapshot(effect.message);
        return;
      case "members":
        world.judge.onConfiguration(effect.index, effect.confState);
        world.operator.onMembers(this.machine, effect.change, effect.confState);
        return;
      case "events":
        world.judge.onEvents(this.machine, effect.events);
        this.hub.notify(effect.events);
        return;
      case "answer":
        world.judge.noteCommit(this);
        for (const { proposal, outcome } of effect.answers) proposal.done(outcome);
        return;
      case "read":
        for (const read of effect.reads) read.serve(this);
        return;
      case "unread":
        world.coverage.saw("a read timed out");
        for (const read of effect.reads) read.unserved(effect.reason);
        return;
      case "slowApply":
      case "overQuota":
        return;
      case "refusedMessage":
        // Members keep to the protocol here: what is impossible shows that one of them does not.
        invariant(
          HONEST_REFUSALS.has(effect.refusal),
          () => `${this.machine.id} refused a message as ${effect.refusal}`,
        );
        return;
    }
  }

  /** Sends a message that may go out now. */
  send(message: Message): void {
    const { world } = this.machine;
    world.judge.onSent(message);
    const { type, to } = message;
    if (type === MessageType.MsgProp) world.coverage.saw("a proposal was forwarded to the leader");
    else if (type === MessageType.MsgReadIndexResp) {
      world.coverage.saw("a read was confirmed for a follower");
    }
    world.network.send(this.machine, to, message);
  }

  #sendSnapshot(message: Message): void {
    const metadata = this.replica.snapshotPlace;
    const snapshot = { data: NO_BYTES, metadata };
    this.machine.world.coverage.saw("a snapshot was sent");
    const state = copyState(this.backend);
    this.machine.world.network.sendSnapshot(this, { ...message, snapshot }, state);
  }

  /** An append is durable. */
  #appended(append: AppendEffect): void {
    const { machine } = this;
    if (append.snapshot !== undefined) this.#install(append.snapshot);
    machine.world.judge.onPersisted(machine, append);
    this.replica.persisted(append.entries, append.responses);
  }

  /** The log vouches for the snapshot: its state becomes the store. */
  #install(snapshot: Snapshot): void {
    const { machine } = this;
    const { index } = snapshot.metadata;
    const state = this.#snapshots.stateOf(index);
    machine.crashIn = machine.crashInstalling ?? machine.crashIn;
    machine.crashInstalling = undefined;
    machine.step();
    const disk = new MemoryDisk();
    this.backend = importState(state, disk, storeOptions(machine));
    machine.world.owesTurns();
    const { backend } = this;
    void backend.commit().then(() => {
      // Another snapshot may have come meanwhile, and have been the faster one.
      if (!this.isDead && backend === this.backend) machine.store = disk;
    });
    this.store = new MvccStore(this.backend);
    this.membership = new ClusterMembership(this.backend, machine.world.tuning.learnersMax);
    this.#applier = new WatchedApplier(machine, this);
    this.replica.restored(snapshot, { applier: this.#applier, backend: this.backend });
    this.hub.restore();
    this.#snapshots.installed(index);
    this.#isCommitting = false;
    machine.world.coverage.saw("a snapshot was installed");
    machine.world.transcript.note("installed", machine.number, index);
    machine.world.judge.onInstalled(this, snapshot);
    machine.world.operator.onInstalled(machine);
  }

  /** Commits the store; false when a commit is under way already. */
  commit(done: () => void = () => {}): boolean {
    if (this.#isCommitting || this.machine.isPaused) return false;
    this.#isCommitting = true;
    const { backend } = this;
    this.machine.world.owesTurns();
    void backend.commit().then(() => {
      if (this.isDead || backend !== this.backend) return;
      this.#isCommitting = false;
      this.machine.isIndexing = false;
      done();
    });
    return true;
  }

  /** Records a snapshot of the store now, if one makes sense. */
  takeSnapshot(): void {
    this.#snapshots.take();
  }

  /** What the server does beside: compactions, watchers that lag. */
  #house(): void {
    if (this.store.isCompacting) {
      this.store.compactStep({ maxOperations: 20 });
      this.machine.world.coverage.saw("rows of a compaction were removed");
    }
    for (let step = 0; step < 20 && this.hub.hasWork(); step++) this.hub.step();
  }

  die(): void {
    this.isDead = true;
    this.#disk.die();
    for (const inform of this.onDeath) inform();
    this.onDeath.clear();
  }
}

/** The rest of a proposal: who is told of its outcome. */
function told(waiter: ProposalWaiter): Pick<SimProposal, "answered" | "done"> {
  const done = (outcome: Outcome): void => {
    if (outcome.kind === "unserved") waiter.unserved(outcome.reason);
    else waiter.applied(outcome);
  };
  return { answered: false, done };
}
