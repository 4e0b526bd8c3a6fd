// SPDX-License-Identifier: Apache-2.0
//
// The one situation in which counting is not enough (Figure 8 of the Raft paper), played on
// purpose, since chance hardly ever finds it:
//
// 1. A leader and a minority are cut off, with entries that nobody else has.
// 2. One of the others is elected, and cut off before anyone hears of its first entry.
// 3. The first leader is elected again and brings its old entries to a majority, but nothing of
//    its new term.
// 4. The second one is elected again: it must be allowed to replace those entries.
//
// Whatever else happens meanwhile may spoil it; then the run just goes on.

import { PutRequest } from "../../src/api/gen/etcdserverpb.ts";
import { type Message, MessageType } from "../../src/core/raft/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { SimMachine, SimWorld } from "./contracts.ts";
import type { Fault } from "./faults.ts";
import type { Tuning } from "./tuning.ts";

const KEY = new TextEncoder().encode("figure-8");
const POLL_MS = 7;
/** A step that takes longer has been spoiled. */
const STEP_MS_MAX = 2500;
/** A candidate that is not elected tries again after this time. */
const CAMPAIGN_MS = 400;

/** Entries travel one by one, so that an old one gets through without those of the new term. */
export const FIGURE_EIGHT_TUNING: Pick<Tuning, "messageBytes"> = { messageBytes: 1 };

export function playFigureEight(
  world: SimWorld,
  { salt }: Extract<Fault, { kind: "figure eight" }>,
): void {
  const first = world.leader()?.machine;
  const { voters, votersOutgoing } = world.judge.confState;
  if (first === undefined || votersOutgoing.length > 0 || voters.length < 3) return;
  const random = new SeededRandom(salt);
  const others = voters
    .map((id) => world.machineOf(id))
    .filter((machine) => machine !== undefined && machine !== first && machine.isUp)
    .map((machine) => machine as SimMachine);
  const second = others.splice(random.intBelow(Math.max(others.length, 1)), 1)[0];
  if (second === undefined) return;
  const minority = others.splice(0, Math.floor((voters.length - 1) / 2) - 1);
  new Play(world, random, { first, second, minority, others }).begin();
}

interface Cast {
  readonly first: SimMachine;
  readonly second: SimMachine;
  /** Who is cut off together with the first leader. */
  readonly minority: readonly SimMachine[];
  readonly others: readonly SimMachine[];
}

class Play {
  readonly #world: SimWorld;
  readonly #random: SeededRandom;
  readonly #cast: Cast;
  /** Whether a message from one machine to another is kept from it. */
  #isKept: (from: number, to: number, message: Message) => boolean = () => false;

  constructor(world: SimWorld, random: SeededRandom, cast: Cast) {
    this.#world = world;
    this.#random = random;
    this.#cast = cast;
  }

  begin(): void {
    const { first, minority } = this.#cast;
    const left = new Set([first, ...minority].map(({ number }) => number));
    const lastIndex = first.log.lastIndex;
    this.#world.network.filter((from, to, message) => this.#isKept(from, to, message));
    this.#isKept = (from, to) => left.has(from) !== left.has(to);
    this.#write(first);
    this.#when(
      () => first.log.lastIndex > lastIndex && first.log.safeIndex > lastIndex,
      () => this.#electSecond(left),
    );
  }

  /** The second leader hears votes, but what it appends stays with it. */
  #electSecond(left: ReadonlySet<number>): void {
    const { second, others } = this.#cast;
    this.#isKept = (from, to, { type }) =>
      left.has(from) !== left.has(to) || (from === second.number && type === MessageType.MsgApp);
    this.#elect(second, [second, ...others], () => {
      const { lastIndex } = second.log;
      this.#when(
        () => second.log.safeIndex >= lastIndex,
        () => this.#electFirst(),
      );
    });
  }

  #electFirst(): void {
    const { first, second, minority, others } = this.#cast;
    if (this.#random.chance(40)) second.crash("power", 50 + this.#random.intBelow(300));
    this.#isKept = (from, to, message) =>
      from === second.number ||
      to === second.number ||
      (from === first.number && this.#wouldTakeNew(to, message));
    this.#elect(first, [first, ...minority, ...others], () => {
      this.#world.coverage.saw("a leader of an older term was elected again (figure 8)");
      this.#when(
        () => this.#isOldOnMajority(),
        () => {
          this.#world.coverage.saw("an older term's entry was on a majority, not committed");
          this.#electSecondAgain();
        },
      );
    });
  }

  /** Whether the receiver would store an entry of the sender's own term. */
  #wouldTakeNew(to: number, { type, term, index, logTerm, entries }: Message): boolean {
    if (type !== MessageType.MsgApp || !entries.some((entry) => entry.term === term)) return false;
    return this.#world.machines[to]?.log.term(index) === logTerm;
  }

  /** Whether the last entry of the first leader's older terms is on a majority. */
  #isOldOnMajority(): boolean {
    const { first, minority, others } = this.#cast;
    const { log } = first;
    let index = log.lastIndex;
    while (index > log.base && log.term(index) === log.leadsTerm) index--;
    const term = log.term(index);
    const has = [first, ...minority, ...others].filter((each) => each.log.term(index) === term);
    return has.length * 2 > this.#world.judge.confState.voters.length;
  }

  /** Acknowledgements have the time to come back before the first leader is gone. */
  #electSecondAgain(): void {
    const { first, second, others, minority } = this.#cast;
    this.#world.schedule.after(100 + this.#random.intBelow(300), () => {
      this.#isKept = (from, to) => from === first.number || to === first.number;
      const voters = [second, ...others, ...minority];
      this.#when(
        () => second.isUp,
        () => this.#elect(second, voters, () => this.#end()),
      );
    });
  }

  #end(): void {
    this.#isKept = () => false;
  }

  /** Something that the first leader alone has, if clients ask it for nothing. */
  #write(machine: SimMachine): void {
    const message = PutRequest.encode({ key: KEY, value: KEY });
    machine.guard(() => machine.member?.propose("put", message, () => {}));
  }

  /** Lets a machine stand for election until it leads; the voters have heard of no leader. */
  #elect(candidate: SimMachine, voters: readonly SimMachine[], then: () => void): void {
    const termBefore = Math.max(...this.#world.machines.map(({ log }) => log.leadsTerm ?? 0));
    let nextMs = 0;
    this.#when(() => {
      const { nowMs } = this.#world.schedule;
      if (nowMs >= nextMs) {
        nextMs = nowMs + CAMPAIGN_MS;
        for (const voter of voters) voter.forgetLeader();
        candidate.campaign();
      }
      return (candidate.log.leadsTerm ?? 0) > termBefore;
    }, then);
  }

  /** Goes on once the condition holds; a step that takes too long ends the play. */
  #when(condition: () => boolean, then: () => void): void {
    const { schedule } = this.#world;
    const deadlineMs = schedule.nowMs + STEP_MS_MAX;
    const look = (): void => {
      if (this.#world.isCalm || schedule.nowMs > deadlineMs) this.#end();
      else if (condition()) then();
      else schedule.after(POLL_MS, look);
    };
    look();
  }
}
