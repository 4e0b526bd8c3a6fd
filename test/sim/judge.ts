// SPDX-License-Identifier: Apache-2.0

import { crc32c } from "../../src/base/crc32c.ts";
import type { StoredEvent } from "../../src/core/mvcc/index.ts";
import {
  type BasicStatus,
  type ConfState,
  EMPTY_CONF_STATE,
  type Entry,
  type Message,
  MessageType,
  type Snapshot,
} from "../../src/core/raft/index.ts";
import type { AppendEffect } from "../../src/core/replica/index.ts";
import { checkFoundLog, isQuorum } from "./checkers/durability.ts";
import { ElectionChecker } from "./checkers/elections.ts";
import { KeyHistory } from "./checkers/history.ts";
import { checkInflights, checkLimits } from "./checkers/limits.ts";
import { LogChecker } from "./checkers/logs.ts";
import { checkMembers, historyHash, stateDigest } from "./checkers/state-digest.ts";
import type { OpenedMember, SimJudge, SimMachine, SimMember, SimWorld } from "./contracts.ts";
import type { Coverage } from "./coverage.ts";
import { expectThat } from "./failure.ts";

/** What is said in the sender's term, and makes that everybody's. */
const TERM_TYPES: ReadonlySet<number> = new Set([
  MessageType.MsgApp,
  MessageType.MsgAppResp,
  MessageType.MsgHeartbeat,
  MessageType.MsgHeartbeatResp,
]);

/** Looks at everything that happens in the cluster, and ends the run when a promise is broken. */
export class Judge implements SimJudge {
  readonly elections: ElectionChecker;
  readonly logs: LogChecker;
  readonly history = new KeyHistory();
  readonly #world: SimWorld;
  readonly #coverage: Coverage;
  /** The whole state behind an entry, by whoever was looked at first. */
  readonly #digests = new Map<number, string>();
  /** Hashes by the revisions that they were computed over. */
  readonly #hashes = new Map<string, number>();
  /** The log position of normal entries, by the checksum of their bytes. */
  readonly #places = new Map<string, number>();
  /** The configuration behind the last entry that any member has applied. */
  confState: ConfState = EMPTY_CONF_STATE;
  #confIndex = 0;
  /** All configurations, with the entry behind which each was first seen. */
  readonly #configurations: { readonly index: number; readonly confState: ConfState }[] = [];
  #jointLeader: bigint | undefined;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#coverage = world.coverage;
    this.elections = new ElectionChecker(world.coverage);
    this.logs = new LogChecker(world.coverage, () =>
      world.machines.filter((machine) => machine.isUp).map((machine) => machine.log),
    );
  }

  get isJoint(): boolean {
    return this.confState.votersOutgoing.length > 0;
  }

  onStart(machine: SimMachine, { found, state, backend }: OpenedMember): void {
    const { log } = machine;
    if (found === undefined) {
      const entries = entriesOf(state);
      log.reread(0, 0, entries);
      if (entries.length > 0) this.logs.onAppend(log, entries);
      log.safe(entries, state.storage.initialState().hardState);
    } else {
      if (!machine.isDamaged) checkFoundLog(log, found, this.#coverage);
      log.reread(found.base, found.baseTerm, found.entries);
      log.safe(found.entries, found.hardState);
    }
    log.commit = backend.boundary.consistentIndex;
  }

  onAppend(machine: SimMachine, append: AppendEffect): void {
    const { log } = machine;
    if (append.snapshot !== undefined) {
      const { index, term } = append.snapshot.metadata;
      if (log.lastIndex > log.commit) {
        this.#coverage.saw("a snapshot replaced entries that were not committed");
      }
      log.restore(index, term);
      log.safeIndex = 0;
    }
    this.logs.onAppend(log, append.entries);
    for (const { index, data } of append.entries) this.#places.set(placeKey(data), index);
  }

  onPersisted({ log, id }: SimMachine, append: AppendEffect): void {
    if (append.hardState !== undefined) this.elections.onStored(id, append.hardState);
    if (append.snapshot !== undefined) {
      log.safeIndex = Math.max(log.safeIndex, append.snapshot.metadata.index);
    }
    log.safe(append.entries, append.hardState);
  }

  onEvents(machine: SimMachine, events: readonly StoredEvent[]): void {
    this.history.onEvents(machine.name, events);
  }

  onSent(message: Message): void {
    this.elections.onSent(message);
  }

  /** A member has done a turn. */
  onTurn(member: SimMember): void {
    const { machine, replica, store } = member;
    const status = member.raft.basicStatus();
    this.#noteCommit(member, status);
    this.#onRole(member, status);
    const applied = replica.appliedIndex;
    this.history.onApplied(machine.name, applied, store.currentRevision);
    checkLimits(member);
  }

  /** Looks at how far a member knows the log to be committed. */
  noteCommit(member: SimMember): void {
    this.#noteCommit(member, member.raft.basicStatus());
  }

  #noteCommit({ machine }: SimMember, status: BasicStatus): void {
    const { log } = machine;
    expectThat(
      status.commit >= log.commit,
      "commit never goes back",
      () => `${machine.name} goes from ${log.commit} to ${status.commit}`,
    );
    this.logs.onCommit(log, log.commit, status.commit, status.term);
    log.commit = status.commit;
  }

  #onRole({ machine }: SimMember, status: BasicStatus): void {
    const { log } = machine;
    const wasLeading = log.leadsTerm;
    log.leadsTerm = status.role === "leader" ? status.term : undefined;
    if (log.leadsTerm === undefined) {
      if (wasLeading === status.term) {
        this.#coverage.saw("a leader stepped down because it heard of no quorum");
      }
      return;
    }
    if (!this.elections.onLeader(status)) return;
    this.#world.transcript.note("leads", machine.number, status.term);
    this.logs.onElected(log);
    if (this.#world.transferTarget === machine.id) {
      this.#coverage.saw("a leadership transfer succeeded");
      this.#world.transferTarget = undefined;
    }
    if (this.isJoint && this.#jointLeader !== undefined && this.#jointLeader !== machine.id) {
      this.#coverage.saw("a leader changed while a configuration was joint");
    }
    const others = this.#world.machines.filter((other) => other !== machine);
    if (others.some((other) => other.log.leadsTerm !== undefined)) {
      this.#coverage.saw("two members led at once, in different terms");
    }
  }

  /** A member has applied a change of the members. */
  onConfiguration(index: number, confState: ConfState): void {
    if (index <= this.#confIndex) return;
    this.#confIndex = index;
    this.confState = confState;
    this.#configurations.push({ index, confState });
    this.#world.operator.settle(confState);
    if (!this.isJoint) this.#jointLeader = undefined;
    else {
      this.#coverage.saw("a configuration was joint");
      this.#jointLeader ??= this.#world.leader()?.machine.id;
    }
  }

  onInstalled(member: SimMember, snapshot: Snapshot): void {
    member.machine.log.commit = Math.max(member.machine.log.commit, snapshot.metadata.index);
    this.checkState(member);
  }

  /** Compares the whole state of a member with what others had behind the same entry. */
  checkState(member: SimMember): void {
    const index = member.replica.appliedIndex;
    const digest = stateDigest(member);
    const known = this.#digests.get(index) ?? digest;
    expectThat(
      known === digest,
      "states are equal at equal index",
      () => `${member.machine.name} has ${digest} behind entry ${index}, others ${known}`,
    );
    this.#digests.set(index, digest);
    checkMembers(member);
    checkInflights(member);
    const { over, hash } = historyHash(member.store);
    expectThat(
      (this.#hashes.get(over) ?? hash) === hash,
      "states are equal at equal index",
      () => `${member.machine.name} has another hash over the revisions ${over}`,
    );
    this.#hashes.set(over, hash);
  }

  /** Whoever hears of a later term from a member that counts is in that term. */
  onReceived(member: SimMember, { type, from, term }: Message): void {
    if (!TERM_TYPES.has(type)) return;
    const { voters, learners } = member.replica.confState;
    if (!voters.includes(from) && !learners.includes(from)) return;
    expectThat(
      member.raft.basicStatus().term >= term,
      "later terms are adopted",
      () => `${member.machine.name} stays behind term ${term}`,
    );
  }

  /** A write was answered: it is committed, and a quorum has it on disk. */
  onAcknowledged(data: Uint8Array, revision: number, what: string): void {
    const index = this.#places.get(placeKey(data));
    expectThat(
      index !== undefined && index <= this.logs.committedIndex,
      "acknowledged writes are on a quorum",
      () => `${what} was acknowledged (revision ${revision}), and is not committed`,
    );
    const has = (id: bigint): boolean => (this.#world.machineOf(id)?.log.safeIndex ?? 0) >= index;
    expectThat(
      this.#configurationsSince(index).some((confState) => isQuorum(confState, has)),
      "acknowledged writes are on a quorum",
      () => `${what} at entry ${index} is on too few disks`,
    );
  }

  /**
   * The configurations that may have committed an entry: all later ones, the one before it, and
   * the one before that, since a leader counts by the configuration that it has applied, and may
   * have one change to apply.
   */
  #configurationsSince(index: number): readonly ConfState[] {
    const from = this.#configurations.findLastIndex((each) => each.index < index);
    return this.#configurations.slice(Math.max(from - 1, 0)).map(({ confState }) => confState);
  }
}

function placeKey(data: Uint8Array): string {
  return `${data.length}:${crc32c(data)}`;
}

function entriesOf({ storage }: OpenedMember["state"]): readonly Entry[] {
  if (storage.lastIndex() < storage.firstIndex()) return [];
  const entries = storage.entries(storage.firstIndex(), storage.lastIndex() + 1, Infinity);
  return typeof entries === "string" ? [] : entries;
}
