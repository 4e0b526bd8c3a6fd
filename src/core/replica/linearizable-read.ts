// SPDX-License-Identifier: Apache-2.0

import { PENDING_READS_MAX } from "./limits.ts";

interface Batch<R> {
  readonly reads: R[];
  readonly startTick: number;
}

interface Asked<R> extends Batch<R> {
  readonly context: bigint;
  readonly askedTick: number;
}

interface Confirmed<R> extends Batch<R> {
  readonly index: number;
}

/**
 * Linearizable reads on their way to a read index. All reads that arrive while a question is open
 * share the next one. Contexts travel to the leader, where those of all members meet, so they are
 * request IDs: never used twice in the whole group.
 */
export class ReadQueue<R> {
  #next: R[] = [];
  #nextTick = 0;
  #asked: Asked<R> | undefined;
  #confirmed: Confirmed<R>[] = [];
  #size = 0;
  readonly #nextContext: () => bigint;

  /**
   * `nextContext` gives numbers that no member of the group and no earlier run of this one has
   * used: an answer to an old question may still be under way, with an index that is too low.
   */
  constructor(nextContext: () => bigint) {
    this.#nextContext = nextContext;
  }

  get hasRoom(): boolean {
    return this.#size < PENDING_READS_MAX;
  }

  push(read: R, tick: number): void {
    if (this.#next.length === 0) this.#nextTick = tick;
    this.#next.push(read);
    this.#size++;
  }

  /** The context of a question to ask now, or undefined when none is due. */
  question(tick: number, retryTicks: number): bigint | undefined {
    const open = this.#asked;
    if (open !== undefined) {
      if (tick - open.askedTick < retryTicks) return undefined;
      const { reads, startTick } = open;
      return this.#ask(reads, startTick, tick);
    }
    if (this.#next.length === 0) return undefined;
    const reads = this.#next;
    this.#next = [];
    return this.#ask(reads, this.#nextTick, tick);
  }

  #ask(reads: R[], startTick: number, tick: number): bigint {
    const context = this.#nextContext();
    this.#asked = { context, reads, startTick, askedTick: tick };
    return context;
  }

  /** Takes raft's answer; one to an older question is ignored. */
  confirm(context: bigint, index: number): void {
    const asked = this.#asked;
    if (asked === undefined || asked.context !== context) return;
    this.#asked = undefined;
    this.#confirmed.push({ reads: asked.reads, startTick: asked.startTick, index });
  }

  /** Takes the reads that the applied index allows to be served. */
  takeServable(appliedIndex: number): R[] {
    const first = this.#confirmed[0];
    if (first === undefined || first.index > appliedIndex) return [];
    if (this.#confirmed.length === 1) {
      this.#confirmed = [];
      this.#size -= first.reads.length;
      return first.reads;
    }
    const servable = this.#confirmed.filter((batch) => batch.index <= appliedIndex);
    this.#confirmed = this.#confirmed.filter((batch) => batch.index > appliedIndex);
    const reads = servable.flatMap((batch) => batch.reads);
    this.#size -= reads.length;
    return reads;
  }

  /** Takes the batches that began at or before `tick`: they have waited too long. */
  takeStartedBefore(tick: number): R[] {
    const late = this.#confirmed.filter((batch) => batch.startTick <= tick);
    const batches: { readonly reads: readonly R[] }[] = [];
    if (this.#next.length > 0 && this.#nextTick <= tick) {
      batches.push({ reads: this.#next });
      this.#next = [];
    }
    if (this.#asked !== undefined && this.#asked.startTick <= tick) {
      batches.push(this.#asked);
      this.#asked = undefined;
    }
    if (late.length > 0) {
      this.#confirmed = this.#confirmed.filter((batch) => batch.startTick > tick);
    }
    const expired = [...batches, ...late].flatMap((batch) => batch.reads);
    this.#size -= expired.length;
    return expired;
  }
}
