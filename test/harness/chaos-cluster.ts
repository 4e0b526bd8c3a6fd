// SPDX-License-Identifier: Apache-2.0
// A raft group on a network that delays, reorders, doubles and loses messages, with members that
// crash and come back with what they had stored. Whatever happens is drawn from one seed, and
// after every step the promises of raft are checked.

import {
  APPEND_THREAD,
  APPLY_THREAD,
  type ConfChangeSingle,
  ConfChangeTransition,
  ConfChangeType,
  type ConfState,
  decodeConfChangeEntry,
  EMPTY_CONF_STATE,
  EMPTY_HARD_STATE,
  type Entry,
  EntryType,
  type HardState,
  isEmptyHardState,
  MemoryStorage,
  type Message,
  MessageType,
  NO_BYTES,
  RawNode,
  type Ready,
  type Snapshot,
} from "../../src/core/raft/index.ts";
import { SeededRandom } from "./seeded-random.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly members: number;
  readonly isAsync: boolean;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /**
   * Members are only added. With removals a group may be left without a leader for good: a voter
   * that was removed can hold the longest log, and must not campaign.
   */
  readonly onlyGrows?: boolean;
}

/** In-flight messages beyond this are lost: a network has limits, and a test as well. */
const IN_FLIGHT_MAX = 200;

const CHANGE_TYPES = [
  ConfChangeType.addNode,
  ConfChangeType.addNode,
  ConfChangeType.addLearner,
  ConfChangeType.removeNode,
] as const;

class ChaosMember {
  readonly id: bigint;
  /** Survives crashes: only what was stored gets in. */
  readonly storage = new MemoryStorage();
  raft: RawNode;
  appendWork: Message[] = [];
  applyWork: Message[] = [];
  appliedIndex = 0;
  confState: ConfState;
  /** Of this run; a crash may lose the last commit index, which is stored without a sync. */
  commitSeen = 0;
  storedCommit = 0;

  constructor(id: bigint, confState: ConfState, start: (member: ChaosMember) => RawNode) {
    this.id = id;
    this.confState = confState;
    if (confState.voters.length > 0) {
      this.storage.applySnapshot({
        data: NO_BYTES,
        metadata: { confState, index: 1, term: 1 },
      });
    }
    this.raft = start(this);
  }

  store(hardState: HardState, entries: readonly Entry[], snapshot: Snapshot | undefined): void {
    if (snapshot !== undefined) {
      this.storage.applySnapshot(snapshot);
      this.appliedIndex = snapshot.metadata.index;
      this.confState = snapshot.metadata.confState;
    }
    this.storage.append(entries);
    if (isEmptyHardState(hardState)) return;
    this.storage.setHardState(hardState);
    this.storedCommit = hardState.commit;
  }
}

export class ChaosCluster {
  readonly members: ChaosMember[] = [];
  readonly #options: ChaosOptions;
  readonly #random: SeededRandom;
  #network: Message[] = [];
  #proposals = 0;
  /** What was applied at each index by whoever came first. */
  readonly #history = new Map<number, string>();
  readonly #leaders = new Map<number, bigint>();
  /** The commit index that a read must reach, by its context. */
  readonly #reads = new Map<string, number>();
  readsServed = 0;
  snapshotsRestored = 0;
  crashes = 0;

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const ids = Array.from({ length: options.members }, (_, i) => BigInt(i + 1));
    // The last member starts blank and outside the group.
    const voters = ids.slice(0, -1);
    for (const id of ids) {
      const confState = voters.includes(id) ? { ...EMPTY_CONF_STATE, voters } : EMPTY_CONF_STATE;
      this.members.push(new ChaosMember(id, confState, (member) => this.#start(member)));
    }
  }

  #start(member: ChaosMember): RawNode {
    const { metadata } = this.#snapshotOf(member);
    member.appliedIndex = metadata.index;
    member.confState = metadata.confState;
    return new RawNode({
      id: member.id,
      electionTick: 5,
      heartbeatTick: 1,
      storage: member.storage,
      random: this.#random,
      applied: metadata.index,
      asyncStorageWrites: this.#options.isAsync,
      preVote: this.#options.preVote,
      checkQuorum: this.#options.checkQuorum,
      maxSizePerMsg: 60,
      maxInflightMsgs: 3,
      maxCommittedSizePerReady: 100,
      maxUncommittedEntriesSize: 400,
    });
  }

  #snapshotOf(member: ChaosMember): Snapshot {
    const snapshot = member.storage.snapshot();
    if (typeof snapshot === "string") throw new Error(snapshot);
    return snapshot;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.#random.intBelow(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  /** Does one thing at random, and checks. */
  step(): void {
    const member = this.#pick(this.members);
    const dice = this.#random.intBelow(100);
    if (dice < 46) this.#deliver();
    else if (dice < 77) this.#work(member);
    else if (dice < 81) member.raft.tick();
    else if (dice < 86) this.#propose(member);
    else if (dice < 89) this.#read(member);
    else if (dice < 91) this.#proposeConfChange(member);
    else if (dice < 93) this.#compact(member);
    else if (dice < 94) this.#crash(member);
    else if (dice < 95) member.raft.transferLeader(this.#pick(this.members).id);
    else if (dice < 96) member.raft.forgetLeader();
    else if (dice < 97) this.#report(member);
    else if (dice < 99) this.#lose();
    else member.raft.campaign();
    for (const each of this.members) this.#check(each);
  }

  #propose(member: ChaosMember): void {
    const size = this.#random.intBelow(40);
    const data = Buffer.from(`${++this.#proposals}-`.padEnd(size, "x"));
    member.raft.proposeAll(this.#random.chance(20) ? [data, data] : [data]);
  }

  #read(member: ChaosMember): void {
    const context = `${member.id}/${this.#reads.size}`;
    const commits = this.members.map(({ raft }) => raft.basicStatus().commit);
    this.#reads.set(context, Math.max(...commits));
    member.raft.readIndex(Buffer.from(context));
  }

  /** Changes leave member 1 a voter, so that there always is one. */
  #proposeConfChange(member: ChaosMember): void {
    const others = this.members.slice(1);
    const count = this.#random.intBelow(3);
    const changes = Array.from({ length: count }, (): ConfChangeSingle => {
      const type = this.#options.onlyGrows ? ConfChangeType.addNode : this.#pick(CHANGE_TYPES);
      return { type, nodeId: this.#pick(others).id };
    });
    const transition =
      count === 0 ? ConfChangeTransition.auto : this.#pick(Object.values(ConfChangeTransition));
    member.raft.proposeConfChange({ transition, changes, context: NO_BYTES });
  }

  #compact(member: ChaosMember): void {
    // What is applied may run ahead of what is stored; a snapshot may not.
    if (member.appliedIndex > member.storedCommit) return;
    const made = member.storage.createSnapshot(member.appliedIndex, member.confState, NO_BYTES);
    if (typeof made === "string") return;
    const keep = this.#random.intBelow(4);
    if (made.metadata.index - keep >= member.storage.firstIndex()) {
      member.storage.compact(made.metadata.index - keep);
    }
  }

  #crash(member: ChaosMember): void {
    this.crashes++;
    member.appendWork = [];
    member.applyWork = [];
    member.commitSeen = 0;
    member.raft = this.#start(member);
  }

  #report(member: ChaosMember): void {
    const { id } = this.#pick(this.members);
    if (this.#random.chance(50)) member.raft.reportUnreachable(id);
    else member.raft.reportSnapshot(id, this.#random.chance(50));
  }

  #lose(): void {
    if (this.#network.length === 0) return;
    this.#network.splice(this.#random.intBelow(this.#network.length), 1);
  }

  #deliver(): void {
    if (this.#network.length === 0) return;
    const at = this.#random.intBelow(this.#network.length);
    const message = this.#network[at];
    if (message === undefined) return;
    // Sometimes it stays under way, and comes again.
    if (!this.#random.chance(10)) this.#network.splice(at, 1);
    this.#step(message);
  }

  #step(message: Message): void {
    const member = this.#memberOf(message.to);
    if (member === undefined) return;
    // A snapshot brings its configuration at once: changes handed out before must be in force.
    if (message.type === MessageType.MsgSnap) this.#finishApplying(member);
    member.raft.step(message);
  }

  #finishApplying(member: ChaosMember): void {
    while (member.applyWork.length > 0) this.#applyAsked(member, member.applyWork.shift());
  }

  #memberOf(id: bigint): ChaosMember | undefined {
    return this.members[Number(id) - 1];
  }

  #send(from: ChaosMember, messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.to === from.id) from.raft.step(message);
      else this.#network.push(message);
    }
    while (this.#network.length > IN_FLIGHT_MAX) this.#lose();
  }

  /** Does one piece of work: a Ready, or storage work that was asked for. */
  #work(member: ChaosMember): void {
    const kinds = this.#options.isAsync ? 3 : 1;
    const kind = this.#random.intBelow(kinds);
    if (kind === 0 && member.raft.hasReady()) this.#handle(member, member.raft.ready());
    if (kind === 1) this.#append(member, member.appendWork.shift());
    if (kind === 2) this.#applyAsked(member, member.applyWork.shift());
  }

  #handle(member: ChaosMember, ready: Ready): void {
    for (const { index, requestCtx } of ready.readStates) this.#checkRead(index, requestCtx);
    if (ready.snapshot !== undefined) this.snapshotsRestored++;
    if (this.#options.isAsync) {
      for (const message of ready.messages) {
        if (message.to === APPEND_THREAD) member.appendWork.push(message);
        else if (message.to === APPLY_THREAD) member.applyWork.push(message);
        else this.#send(member, [message]);
      }
      return;
    }
    member.store(ready.hardState ?? EMPTY_HARD_STATE, ready.entries, ready.snapshot);
    this.#apply(member, ready.committedEntries);
    this.#send(member, ready.messages);
    member.raft.advance();
  }

  #append(member: ChaosMember, work: Message | undefined): void {
    if (work === undefined) return;
    member.store(work, work.entries, work.snapshot);
    this.#send(member, work.responses ?? []);
  }

  #applyAsked(member: ChaosMember, work: Message | undefined): void {
    if (work === undefined) return;
    this.#apply(member, work.entries);
    this.#send(member, work.responses ?? []);
  }

  /** All members apply the same entries, in order and without gaps. */
  #apply(member: ChaosMember, entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.index !== member.appliedIndex + 1) {
        throw new Error(`${member.id} applies ${entry.index} after ${member.appliedIndex}`);
      }
      const text = `${entry.term} ${entry.type} ${Buffer.from(entry.data).toString("hex")}`;
      const known = this.#history.get(entry.index) ?? text;
      if (known !== text) throw new Error(`${member.id} applies ${text}, others ${known}`);
      this.#history.set(entry.index, text);
      member.appliedIndex = entry.index;
      if (entry.type !== EntryType.normal) {
        member.confState = member.raft.applyConfChange(decodeConfChangeEntry(entry));
      }
    }
  }

  #checkRead(index: number, context: Uint8Array): void {
    const floor = this.#reads.get(Buffer.from(context).toString());
    if (floor === undefined || index < floor) {
      throw new Error(`a read at ${index}, though ${floor} was committed when it came`);
    }
    this.readsServed++;
  }

  #check(member: ChaosMember): void {
    const { role, term, commit, applied } = member.raft.basicStatus();
    if (role === "leader") {
      const leader = this.#leaders.get(term) ?? member.id;
      if (leader !== member.id) throw new Error(`two leaders of term ${term}`);
      this.#leaders.set(term, member.id);
    }
    if (commit < member.commitSeen || applied > commit) throw new Error("the commit index fell");
    member.commitSeen = commit;
  }

  /** Lets a healthy network work until `done`, or the rounds are over; returns whether it is. */
  settle(rounds: number, done: () => boolean): boolean {
    for (let round = 0; round < rounds; round++) {
      for (const member of this.members) this.#maintain(member);
      this.#drain();
      if (done()) return true;
    }
    return false;
  }

  /** What a shell does from time to time: a fresh snapshot, and word of those that were sent. */
  #maintain(member: ChaosMember): void {
    this.#compact(member);
    for (const { id } of this.members) member.raft.reportSnapshot(id, false);
    member.raft.tick();
  }

  #drain(): void {
    for (let pass = 0; pass < 200; pass++) {
      for (const member of this.members) {
        if (member.raft.hasReady()) this.#handle(member, member.raft.ready());
        while (member.appendWork.length > 0) this.#append(member, member.appendWork.shift());
        this.#finishApplying(member);
        this.#check(member);
      }
      const messages = this.#network;
      this.#network = [];
      for (const message of messages) this.#step(message);
      if (messages.length === 0 && !this.members.some(({ raft }) => raft.hasReady())) return;
    }
  }

  /** Entries applied by any member. */
  get applied(): number {
    return this.#history.size;
  }

  leader(): ChaosMember | undefined {
    const byTerm = this.members.filter(({ raft }) => raft.basicStatus().role === "leader");
    return byTerm.sort((a, b) => b.raft.basicStatus().term - a.raft.basicStatus().term)[0];
  }
}
