// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { initialMemberId } from "../../src/core/membership/index.ts";
import type { InitialMember } from "../../src/member/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { LeaseLedger } from "./checkers/leases.ts";
import type { SimMember, SimWorld } from "./contracts.ts";
import { Coverage } from "./coverage.ts";
import { expectThat, SimFailure } from "./failure.ts";
import { BEYOND, type Fault, planFaults } from "./faults.ts";
import { FIGURE_EIGHT_TUNING } from "./figure-eight.ts";
import { inflict } from "./inflict.ts";
import { Judge } from "./judge.ts";
import { LeaseClient } from "./lease-clients.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { Operator } from "./operator.ts";
import { Schedule } from "./schedule.ts";
import { Transcript } from "./transcript.ts";
import { drawTuning, type Tuning } from "./tuning.ts";
import { Watcher } from "./watchers.ts";
import { Workload } from "./workload.ts";

export interface SimOptions {
  readonly seed: number;
  /** Members at the start; drawn from the seed when absent. */
  readonly members?: number;
  /** How long faults go on, in simulated milliseconds. */
  readonly faultsMs?: number;
  /** Instead of those that the seed plans. */
  readonly faults?: readonly Fault[];
  /** Keeps the transcript's lines. */
  readonly trace?: boolean;
}

export interface SimResult {
  readonly seed: number;
  readonly failure: SimFailure | undefined;
  /** Whether the faults stayed within what a cluster promises to survive. */
  readonly side: "within" | "beyond";
  readonly faults: readonly Fault[];
  readonly coverage: Coverage;
  readonly digest: string;
  readonly lines: readonly string[];
  readonly simulatedMs: number;
  readonly steps: number;
  /** Members at the start. */
  readonly members: number;
  /** Keys on which the search for an order gave up. */
  readonly undecided: number;
}

const FAULTS_MS = 15_000;
/** One run in so many goes beyond what the protocol promises. */
const BEYOND_ONE_IN = 20;
/** Election timeouts, at their longest, in which a cluster recovers when faults are over. */
const RECOVERY_TIMEOUTS = 5;
/** Without pre-votes a member whose log is behind can go on disturbing elections. */
const RECOVERY_TIMEOUTS_WITHOUT_PRE_VOTE = 20;
/** What lags behind the cluster, such as watches, has this long to come to its end. */
const DRAIN_MS = 1000;
/** The longest lease, twice over, if the leader should change. */
const LEASES_MS = 15_000;
/** Turns of the microtask queue that a commit of the store takes, with room to spare. */
const COMMIT_TURNS = 24;
/** Members look at each other's whole states this often, in milliseconds. */
const INSPECTION_MS = 2000;

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash("sha1").update(bytes).digest();
}

/** A cluster, its clients and everything that happens to them, from one seed. */
export class World implements SimWorld {
  readonly schedule = new Schedule();
  readonly coverage = new Coverage();
  readonly transcript: Transcript;
  readonly random: SeededRandom;
  readonly tuning: Tuning;
  readonly founders: readonly InitialMember[];
  readonly machines: Machine[] = [];
  readonly network: Network;
  readonly judge: Judge;
  readonly operator: Operator;
  readonly workload: Workload;
  readonly leases: LeaseLedger;
  readonly #leaseClients: readonly LeaseClient[];
  readonly faults: readonly Fault[];
  readonly #watchers: Watcher[];
  readonly #faultsMs: number;
  isBeyond = false;
  isCalm = false;
  transferTarget: bigint | undefined;
  #owesTurns = false;
  #steps = 0;
  #undecided = 0;

  constructor(options: SimOptions) {
    this.random = new SeededRandom(options.seed);
    this.transcript = new Transcript(options.trace ?? false, () => this.schedule.nowMs);
    const tuning = drawTuning(this.random, options.members);
    this.#faultsMs = options.faultsMs ?? FAULTS_MS;
    const beyond = this.random.intBelow(BEYOND_ONE_IN) === 0;
    const planned = planFaults(this.random, { forMs: this.#faultsMs, beyond });
    this.faults = options.faults ?? planned;
    const isEight = this.faults.some(({ kind }) => kind === "figure eight");
    this.tuning = isEight ? { ...tuning, ...FIGURE_EIGHT_TUNING } : tuning;
    this.isBeyond = this.faults.some(({ kind }) => BEYOND.has(kind));
    this.network = new Network(this, this.tuning.network);
    this.judge = new Judge(this);
    this.operator = new Operator(this);
    this.founders = Array.from({ length: this.tuning.members }, (_, number) => ({
      name: `m${number}`,
      peerUrls: [`http://m${number}:2380`],
    }));
    for (const [number, founder] of this.founders.entries()) {
      const id = initialMemberId(founder.peerUrls, "sim", sha1);
      this.machines.push(new Machine(this, number, id, true));
    }
    this.workload = new Workload(this);
    this.leases = new LeaseLedger(this.coverage, () => this.schedule.nowMs);
    this.#leaseClients = [1, 2].map((number) => new LeaseClient(this, number));
    const count = this.tuning.watchers;
    this.#watchers = Array.from({ length: count }, (_, number) => new Watcher(this, number));
  }

  /** A machine for a member that is going to be added; it starts once it has been. */
  addMachine(): Machine {
    const number = this.machines.length;
    const id = initialMemberId([`http://m${number}:2380`], "added", sha1);
    const machine = new Machine(this, number, id, false);
    this.machines.push(machine);
    return machine;
  }

  machineOf(id: bigint): Machine | undefined {
    return this.machines.find((machine) => machine.id === id);
  }

  /** A member was added: its process starts, if it never has. */
  startMember(id: bigint): void {
    const machine = this.machineOf(id);
    if (machine === undefined || machine.hasStarted) return;
    machine.hasStarted = true;
    this.schedule.after(1, () => machine.start());
  }

  /** Whoever leads in the highest term. */
  leader(): SimMember | undefined {
    let found: SimMember | undefined;
    let highest = -1;
    for (const { member, log } of this.machines) {
      if (member === undefined || log.leadsTerm === undefined || log.leadsTerm <= highest) continue;
      highest = log.leadsTerm;
      found = member;
    }
    return found;
  }

  /** A running member, a paused one too: the one of this number, or any. */
  anyMember(number?: number, random: SeededRandom = this.random): SimMember | undefined {
    const up = this.machines.filter(({ member }) => member !== undefined);
    if (up.length === 0) return undefined;
    // Whoever believes to lead is asked more often, above all when that is not true any more.
    const leading = up.filter(({ log }) => log.leadsTerm !== undefined);
    if (leading.length > 1 && random.chance(60)) {
      return leading[random.intBelow(leading.length)]?.member;
    }
    return up[(number ?? random.intBelow(up.length)) % up.length]?.member;
  }

  /** The time that a commit of the store takes; it never ends when the member dies first. */
  storeDelay(machine: Machine, msMax: number): Promise<void> {
    const { life } = machine;
    return new Promise((resolve) => {
      this.schedule.after((msMax * (1 + this.random.intBelow(100))) / 100, () => {
        if (machine.life !== life) return;
        this.owesTurns();
        resolve();
      });
    });
  }

  /** Promises were settled: what follows from them comes before the next event. */
  owesTurns(): void {
    this.#owesTurns = true;
  }

  resume(machine: Machine): void {
    if (!machine.isPaused) return;
    machine.isPaused = false;
    // What clients and members sent meanwhile is found in any order.
    const { member } = machine;
    member?.resume();
    if (this.random.chance(50) && member !== undefined) machine.guard(() => member.turn());
    this.network.release(machine);
    machine.member?.wake();
  }

  async run(): Promise<void> {
    for (const machine of this.machines) this.startMember(machine.id);
    this.workload.start();
    for (const client of this.#leaseClients) client.start();
    for (const watcher of this.#watchers) watcher.start();
    for (const fault of this.faults) this.schedule.at(fault.atMs, () => inflict(this, fault));
    this.#inspectLater();
    await this.#runUntil(this.#faultsMs);
    this.#calm();
    const { electionTicks, tickMs, preVote } = this.tuning;
    const timeouts = preVote ? RECOVERY_TIMEOUTS : RECOVERY_TIMEOUTS_WITHOUT_PRE_VOTE;
    const recoveryMs = timeouts * 2 * electionTicks * tickMs;
    // A change that was still open may take the leader away once more.
    for (let leaders = 0; leaders < 3; leaders++) {
      await this.#runUntil(this.schedule.nowMs + recoveryMs, () => this.#isRecovered());
      expectThat(this.#isRecovered(), "the cluster recovers", () => this.#describe());
      this.#switchMembers();
      await this.#runUntil(this.schedule.nowMs + DRAIN_MS);
      if (this.#isRecovered()) break;
    }
    await this.#runUntil(this.schedule.nowMs + LEASES_MS, () => this.#areLeasesOver());
    expectThat(this.#areLeasesOver(), "leases end whole", () => this.#describe());
    // A change that was under way may have removed a member meanwhile, and watches move on.
    this.#switchMembers();
    await this.#runUntil(this.schedule.nowMs + DRAIN_MS);
    // A watch may have moved to another member just now, which has yet to bring it up to date.
    const haveSeenAll = (): boolean => this.#watchers.every((watcher) => watcher.missed === 0);
    await this.#runUntil(this.schedule.nowMs + DRAIN_MS, haveSeenAll);
    this.#checkEnd();
  }

  get steps(): number {
    return this.#steps;
  }

  /** Keys whose histories were too large a search. */
  get undecided(): number {
    return this.#undecided;
  }

  async #runUntil(endMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (this.schedule.step(endMs)) {
      this.#steps++;
      if (this.#owesTurns) {
        this.#owesTurns = false;
        for (let turn = 0; turn < COMMIT_TURNS; turn++) await undefined;
      } else if ((this.#steps & 15) === 0) {
        await undefined;
        if (isDone()) return;
      }
    }
  }

  #inspectLater(): void {
    this.schedule.after(INSPECTION_MS, () => {
      for (const { member } of this.machines) {
        if (member !== undefined) this.judge.checkState(member);
      }
      this.#inspectLater();
    });
  }

  /** Faults are over: the network heals, disks work, and everybody comes back. */
  #calm(): void {
    this.isCalm = true;
    this.transcript.note("calm");
    this.network.calm();
    this.workload.stop();
    for (const client of this.#leaseClients) client.stop();
    for (const machine of this.machines) {
      machine.crashIn = undefined;
      machine.crashInstalling = undefined;
      machine.stallMs = 0;
      machine.clock.rate = 1;
      machine.disk.forgetFaults();
      this.resume(machine);
    }
    this.#switchMembers();
  }

  /** Members run; whoever was removed and has not heard of it is switched off by its operator. */
  #switchMembers(): void {
    const { voters, learners, votersOutgoing, learnersNext } = this.judge.confState;
    const all = new Set([...voters, ...learners, ...votersOutgoing, ...learnersNext]);
    for (const machine of this.machines) {
      if (!machine.hasStarted) continue;
      if (all.has(machine.id)) machine.start();
      else machine.retire();
    }
  }

  /** One leader, whom all members that can run have followed to the end of the log. */
  #isRecovered(): boolean {
    const leader = this.leader();
    if (leader === undefined) return false;
    const { term } = leader.raft.basicStatus();
    const index = leader.replica.appliedIndex;
    if (index < this.judge.logs.committedIndex || !leader.replica.isReadyLeader) return false;
    const { voters, learners, votersOutgoing, autoLeave } = leader.replica.confState;
    if (votersOutgoing.length > 0 && autoLeave) return false;
    return [...voters, ...learners].every((id) => {
      const machine = this.machineOf(id);
      if (machine?.isGone === true || machine?.isDamaged === true) return true;
      const member = machine?.member;
      const isFollowing = member?.raft.basicStatus().term === term;
      return isFollowing && member?.replica.appliedIndex === index;
    });
  }

  /** Nobody renews any lease, so all of them run out, on all members. */
  #areLeasesOver(): boolean {
    const { voters, learners } = this.judge.confState;
    return [...voters, ...learners].every(
      (id) => (this.machineOf(id)?.member?.leases.size ?? 0) === 0,
    );
  }

  #describe(): string {
    const states = this.machines.map(({ name, member, isGone }) => {
      if (member === undefined) return `${name} ${isGone ? "gone" : "down"}`;
      const { role, term, commit } = member.raft.basicStatus();
      return `${name} ${role} in term ${term}, commit ${commit}, applied ${member.replica.appliedIndex}, leases ${member.leases.size}`;
    });
    const { confState } = this.judge;
    const names = (ids: readonly bigint[]): string =>
      ids.map((id) => this.machineOf(id)?.name).join(",");
    const { voters, votersOutgoing, learners } = confState;
    return `${states.join("; ")}; voters ${names(voters)} (${names(votersOutgoing)}), learners ${names(learners)}`;
  }

  #checkEnd(): void {
    for (const { member } of this.machines) if (member !== undefined) this.judge.checkState(member);
    for (const watcher of this.#watchers) watcher.checkEnd();
    this.#undecided = this.workload.check();
  }
}

/** Runs one seed. What the cluster fails at is in the result; only our own errors are thrown. */
export async function simulate(options: SimOptions): Promise<SimResult> {
  const world = new World(options);
  let failure: SimFailure | undefined;
  try {
    await world.run();
  } catch (error) {
    if (!(error instanceof SimFailure)) throw error;
    failure = error;
    world.transcript.note("failed", error.message);
  }
  return {
    seed: options.seed,
    failure,
    side: world.isBeyond ? "beyond" : "within",
    faults: world.faults,
    coverage: world.coverage,
    digest: world.transcript.digest,
    lines: world.transcript.lines,
    simulatedMs: world.schedule.nowMs,
    steps: world.steps,
    members: world.tuning.members,
    undecided: world.undecided,
  };
}
