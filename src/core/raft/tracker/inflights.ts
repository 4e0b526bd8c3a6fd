// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";

/** What may be under way to one follower without an acknowledgement. */
export interface InflightLimits {
  readonly messages: number;
  /** Payload bytes; the message that passes the limit is still sent, the next one waits. */
  readonly bytes: number;
}

/** Freed places at the front that are kept before the rest is moved down. */
const FREED_MAX = 64;

/**
 * The append messages under way to one follower, oldest first: of each the index of its last
 * entry and its payload bytes. An acknowledgement of an index frees everything up to it.
 */
export class Inflights {
  readonly #limits: InflightLimits;
  /** The messages are at [start, end) of both arrays, which are kept while nothing is under way. */
  readonly #indexes: number[] = [];
  readonly #sizes: number[] = [];
  #start = 0;
  #end = 0;
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#end - this.#start;
  }

  get isFull(): boolean {
    return this.count >= this.#limits.messages || this.#bytes >= this.#limits.bytes;
  }

  add(index: number, bytes: number): void {
    invariant(!this.isFull, "cannot add into a full window of messages");
    this.#indexes[this.#end] = index;
    this.#sizes[this.#end] = bytes;
    this.#end++;
    this.#bytes += bytes;
  }

  /** Frees the messages whose last index is at most `index`. */
  freeTo(index: number): void {
    while (this.#start < this.#end && (this.#indexes[this.#start] ?? 0) <= index) {
      this.#bytes -= this.#sizes[this.#start] ?? 0;
      this.#start++;
    }
    if (this.#start === this.#end) this.reset();
    else if (this.#start > FREED_MAX && this.#start * 2 > this.#end) this.#moveDown();
  }

  #moveDown(): void {
    this.#indexes.copyWithin(0, this.#start, this.#end);
    this.#sizes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }

  reset(): void {
    this.#start = 0;
    this.#end = 0;
    this.#bytes = 0;
  }

  clone(): Inflights {
    const copy = new Inflights(this.#limits);
    for (let at = this.#start; at < this.#end; at++) {
      copy.add(this.#indexes[at] ?? 0, this.#sizes[at] ?? 0);
    }
    return copy;
  }
}
