// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../base/contracts/clock.ts";

const SLOTS = 512;
/** Deadlines are noticed at most this much late. */
const SLOT_MS = 8;

/** What can be put into a wheel; the links belong to the wheel. */
export interface Deadlined {
  readonly deadlineMs: number | undefined;
  wheelNext: Deadlined | undefined;
  wheelPrevious: Deadlined | undefined;
  /** -1 while it is in no wheel. */
  wheelSlot: number;
  deadlineReached(): void;
}

/**
 * The deadlines of all calls of an endpoint, behind one timer. Adding and removing cost a few
 * assignments, because nearly every call ends long before its deadline; the timer runs only while
 * there are deadlines and only for slots that are not empty. A deadline further away than one
 * turn of the wheel is looked at once per turn.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #slots = new Array<Deadlined | undefined>(SLOTS).fill(undefined);
  #size = 0;
  /** The next tick (count of slot times) that has not been handled. */
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerTick = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  add(entry: Deadlined, nowMs: number): void {
    const deadlineMs = entry.deadlineMs ?? 0;
    if (this.#size === 0) this.#tick = Math.floor(nowMs / SLOT_MS);
    const tick = Math.max(this.#tick, Math.ceil(deadlineMs / SLOT_MS));
    const slot = tick % SLOTS;
    const next = this.#slots[slot];
    entry.wheelSlot = slot;
    entry.wheelNext = next;
    entry.wheelPrevious = undefined;
    if (next !== undefined) next.wheelPrevious = entry;
    this.#slots[slot] = entry;
    this.#size++;
    const due = Math.min(tick, this.#tick + SLOTS - 1);
    if (this.#timer === undefined || due < this.#timerTick) this.#arm(due, nowMs);
  }

  remove(entry: Deadlined): void {
    const { wheelSlot, wheelNext, wheelPrevious } = entry;
    if (wheelSlot < 0) return;
    if (wheelPrevious === undefined) this.#slots[wheelSlot] = wheelNext;
    else wheelPrevious.wheelNext = wheelNext;
    if (wheelNext !== undefined) wheelNext.wheelPrevious = wheelPrevious;
    entry.wheelSlot = -1;
    entry.wheelNext = undefined;
    entry.wheelPrevious = undefined;
    this.#size--;
  }

  /** Stops the timer; nothing is told any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(tick: number, nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timerTick = tick;
    const delayMs = Math.max(1, Math.ceil(tick * SLOT_MS - nowMs));
    this.#timer = setTimeout(() => this.#run(), delayMs);
    this.#timer.unref();
  }

  #run(): void {
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    const last = Math.floor(nowMs / SLOT_MS);
    const first = Math.max(this.#tick, last - SLOTS + 1);
    this.#tick = last + 1;
    for (let tick = first; tick <= last; tick++) this.#expire(tick % SLOTS, nowMs);
    if (this.#size > 0 && this.#timer === undefined) this.#arm(this.#nextTick(), nowMs);
  }

  #expire(slot: number, nowMs: number): void {
    const due: Deadlined[] = [];
    for (let entry = this.#slots[slot]; entry !== undefined; entry = entry.wheelNext) {
      if ((entry.deadlineMs ?? 0) <= nowMs) due.push(entry);
    }
    for (const entry of due) {
      if (entry.wheelSlot !== slot) continue;
      this.remove(entry);
      entry.deadlineReached();
    }
  }

  #nextTick(): number {
    for (let offset = 0; offset < SLOTS; offset++) {
      if (this.#slots[(this.#tick + offset) % SLOTS] !== undefined) return this.#tick + offset;
    }
    return this.#tick;
  }
}
