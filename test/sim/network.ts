// SPDX-License-Identifier: Apache-2.0

import { WireReader } from "../../src/base/wire-reader.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  MessageType,
} from "../../src/core/raft/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import type { MessageFilter, SimMachine, SimMember, SimNetwork, SimWorld } from "./contracts.ts";
import { isWhole } from "./state-copy.ts";
import type { NetworkTuning } from "./tuning.ts";

/** Messages that wait for a paused member; more are lost, as a socket's buffer is bounded. */
const PAUSED_MESSAGES_MAX = 500;
/** Messages per machine that may come once more when its member starts again. */
const SAID_LAST_MAX = 12;
/** They come within this time, in milliseconds. */
const HAUNTED_MS = 300;
/** How likely each answer to an earlier run comes behind a question, in a hundred. */
const LATE_ANSWER_CHANCE = 15;
/** Bytes per simulated millisecond of a state that is sent. */
const STATE_BYTES_PER_MS = 400;

const CALM: NetworkTuning = {
  delayMs: 0.3,
  jitterMs: 0.3,
  dropChance: 0,
  duplicateChance: 0,
  lateChance: 0,
  lateMs: 0,
  cutChance: 0,
};

const MACHINES_MAX = 256;

function linkOf(from: number, to: number): number {
  return from * MACHINES_MAX + to;
}

/** Everything between the machines. Messages travel as bytes. */
export class Network implements SimNetwork {
  readonly #world: SimWorld;
  readonly #random: SeededRandom;
  #tuning: NetworkTuning;
  /** Links that let nothing through, and how often each was cut. */
  readonly #blocked = new Map<number, number>();
  readonly #waiting = new Map<number, Uint8Array[]>();
  /** The last messages that reached each machine. */
  readonly #saidLast = new Map<number, Uint8Array[]>();
  /** The first answers to reads that reached each machine's run: the next run asks soon, too. */
  readonly #answersToReads = new Map<number, Uint8Array[]>();
  /** Those of the run before, which may still come whenever the next one asks. */
  readonly #lateAnswers = new Map<number, Uint8Array[]>();
  readonly #lastArrivals = new Map<number, number>();
  readonly #writer = new WireWriter(1024);
  readonly #filters: MessageFilter[] = [];

  constructor(world: SimWorld, tuning: NetworkTuning) {
    this.#world = world;
    this.#tuning = tuning;
    this.#random = new SeededRandom(world.random.intBelow(2 ** 32));
  }

  /** Faults are over: whatever is sent arrives, and soon. */
  calm(): void {
    this.#tuning = CALM;
    this.#blocked.clear();
    this.#filters.length = 0;
  }

  /** Until the calm, messages that the filter picks get lost. */
  filter(picks: MessageFilter): void {
    this.#filters.push(picks);
  }

  block(from: number, to: number): void {
    const key = linkOf(from, to);
    this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + 1);
  }

  unblock(from: number, to: number): void {
    const key = linkOf(from, to);
    const left = (this.#blocked.get(key) ?? 0) - 1;
    if (left > 0) this.#blocked.set(key, left);
    else this.#blocked.delete(key);
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(linkOf(from, to));
  }

  send(from: SimMachine, to: bigint, message: Message): void {
    const target = this.#world.machineOf(to);
    const { transcript } = this.#world;
    transcript.note("send", from.number, target?.number, message.type, message.term, message.index);
    if (target === undefined) return;
    if (message.type === MessageType.MsgReadIndex) this.#answerLate(from);
    if (this.#filters.some((picks) => picks(from.number, target.number, message))) return;
    const bytes = this.#encode(message);
    const { dropChance, duplicateChance } = this.#tuning;
    if (this.#random.chance(dropChance) || this.isBlocked(from.number, target.number)) {
      this.#reportLoss(from, target);
      return;
    }
    this.#carry(from, target, bytes);
    // A transport may repeat what raft can tell apart; a proposal that came twice would be two.
    if (message.type === MessageType.MsgProp || !this.#random.chance(duplicateChance)) return;
    this.#world.coverage.saw("a message came twice");
    this.#carry(from, target, bytes);
  }

  #encode(message: Message): Uint8Array {
    this.#writer.reset();
    encodeMessage(message, this.#writer);
    return this.#writer.copy();
  }

  /** Sometimes the sender notices that a message got lost. */
  #reportLoss(from: SimMachine, target: SimMachine): void {
    if (!this.#random.chance(30)) return;
    const { member } = from;
    this.#world.schedule.after(this.#delayMs(), () => {
      if (member === undefined || member.isDead) return;
      from.guard(() => member.replica.reportUnreachable(target.id));
      member.wake();
    });
  }

  #delayMs(): number {
    const { delayMs, jitterMs } = this.#tuning;
    return delayMs + (jitterMs * this.#random.intBelow(1000)) / 1000;
  }

  #carry(from: SimMachine, target: SimMachine, bytes: Uint8Array): void {
    const { coverage, schedule } = this.#world;
    let delayMs = this.#delayMs();
    if (this.#random.chance(this.#tuning.lateChance)) {
      coverage.saw("a message came late, from an old connection");
      delayMs += this.#random.intBelow(1 + this.#tuning.lateMs);
    }
    const link = linkOf(from.number, target.number);
    const arrival = schedule.nowMs + delayMs;
    if (arrival < (this.#lastArrivals.get(link) ?? 0)) coverage.saw("a message overtook another");
    this.#lastArrivals.set(link, arrival);
    schedule.at(arrival, () => {
      if (!this.isBlocked(from.number, target.number)) this.#arrive(target, bytes);
    });
  }

  #arrive(target: SimMachine, bytes: Uint8Array): void {
    const { member } = target;
    if (member === undefined) return;
    if (target.isPaused) {
      const waiting = this.#waiting.get(target.number) ?? [];
      if (waiting.length < PAUSED_MESSAGES_MAX) waiting.push(bytes);
      this.#waiting.set(target.number, waiting);
      return;
    }
    this.#step(target, member, bytes);
  }

  /**
   * A member has started again, and some of what its earlier run was told still comes from old
   * connections.
   */
  haunt(target: SimMachine): void {
    const said = this.#saidLast.get(target.number) ?? [];
    const answers = this.#answersToReads.get(target.number) ?? [];
    this.#answersToReads.delete(target.number);
    if (this.#tuning.lateChance === 0 || this.#world.isCalm) return;
    for (const bytes of said) this.#comeBack(target, bytes, HAUNTED_MS);
    this.#lateAnswers.set(target.number, answers);
  }

  /** A member asks for a read index: answers to its earlier run may come just now. */
  #answerLate(asker: SimMachine): void {
    const answers = this.#lateAnswers.get(asker.number);
    if (answers === undefined || answers.length === 0 || this.#world.isCalm) return;
    const late = answers.filter(() => this.#random.chance(LATE_ANSWER_CHANCE));
    if (late.length === 0) return;
    this.#lateAnswers.set(
      asker.number,
      answers.filter((answer) => !late.includes(answer)),
    );
    for (const answer of late) {
      this.#world.coverage.saw("a late answer met a later question");
      this.#world.schedule.after(this.#delayMs() / 4, () => this.#arrive(asker, answer));
    }
  }

  #comeBack(target: SimMachine, bytes: Uint8Array, msMax: number): void {
    if (!this.#random.chance(40)) return;
    this.#world.coverage.saw("a message came late, from an old connection");
    this.#world.schedule.after(this.#random.intBelow(msMax), () => this.#arrive(target, bytes));
  }

  #step(target: SimMachine, member: SimMember, bytes: Uint8Array): void {
    this.#world.transcript.note("arrive", target.number, bytes.length);
    target.guard(() => {
      const message = decodeMessage(new WireReader(bytes));
      if (message.type === MessageType.MsgReadIndexResp) {
        const answers = this.#answersToReads.get(target.number) ?? [];
        if (answers.length < SAID_LAST_MAX) answers.push(bytes);
        this.#answersToReads.set(target.number, answers);
      }
      if (message.type !== MessageType.MsgProp) this.#remember(target, bytes);
      member.step(message);
    });
  }

  #remember(target: SimMachine, bytes: Uint8Array): void {
    const said = this.#saidLast.get(target.number) ?? [];
    if (said.push(bytes) > SAID_LAST_MAX) said.shift();
    this.#saidLast.set(target.number, said);
  }

  /** A paused member goes on: it finds what has gathered in its sockets. */
  release(target: SimMachine): void {
    const waiting = this.#waiting.get(target.number) ?? [];
    this.#waiting.delete(target.number);
    for (const bytes of waiting) {
      if (target.member !== undefined) this.#step(target, target.member, bytes);
    }
  }

  /** Sends a state behind its message; the sender hears whether it got there. */
  sendSnapshot(sender: SimMember, message: Message, state: Uint8Array): void {
    const from = sender.machine;
    const target = this.#world.machineOf(message.to);
    this.#world.transcript.note("send-state", from.number, target?.number, state.length);
    const isCut = this.#random.chance(this.#tuning.cutChance);
    const share = isCut ? this.#random.intBelow(100) / 100 : 1;
    if (isCut) this.#world.coverage.saw("a snapshot was cut half way");
    const { duplicateChance, lateChance, lateMs } = this.#tuning;
    const isLate = this.#random.chance(lateChance * 5);
    const lateByMs = isLate ? this.#random.intBelow(1 + lateMs) : 0;
    const delayMs = this.#delayMs() + (share * state.length) / STATE_BYTES_PER_MS + lateByMs;
    const arrived = state.subarray(0, Math.floor(state.length * share));
    const bytes = this.#encode(message);
    this.#world.schedule.after(delayMs, () => {
      const isLost = target === undefined || this.isBlocked(from.number, target.number);
      const ok = !isLost && this.#arriveState(target, bytes, arrived);
      const isAnswerLost = target !== undefined && this.isBlocked(target.number, from.number);
      this.#reportState(sender, message.to, ok && !isAnswerLost);
    });
    // A sender that saw its request fail sends it again, and both may arrive.
    if (isCut || target === undefined || !this.#random.chance(duplicateChance * 3)) return;
    this.#world.schedule.after(delayMs + this.#random.intBelow(2500), () => {
      if (!this.isBlocked(from.number, target.number)) this.#arriveState(target, bytes, state);
    });
  }

  #arriveState(target: SimMachine, bytes: Uint8Array, state: Uint8Array): boolean {
    const { member } = target;
    if (member === undefined || target.isPaused || !isWhole(state)) return false;
    target.guard(() => member.receiveSnapshot(decodeMessage(new WireReader(bytes)), state.slice()));
    return target.member === member;
  }

  #reportState(sender: SimMember, to: bigint, ok: boolean): void {
    this.#world.schedule.after(this.#delayMs(), () => {
      if (sender.isDead) return;
      sender.machine.guard(() => sender.replica.reportSnapshot(to, ok));
      sender.wake();
    });
  }
}
