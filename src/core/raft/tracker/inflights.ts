// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../../base/invariant.ts";

/** What may be under way to one follower without an acknowledgement. */
export interface InflightLimits {
  readonly messages: number;
  /** Payload bytes; the message that passes the limit is still sent, the next one waits. */
  readonly bytes: number;
}

/** Freed places at the front that are kept before the arrays are moved together. */
const FREED_MAX = 64;

/**
 * The append messages under way to one follower, oldest first: of each the index of its last
 * entry and its payload bytes. An acknowledgement of an index frees everything up to it.
 */
export class Inflights {
  readonly #limits: InflightLimits;
  #indexes: number[] = [];
  #sizes: number[] = [];
  #start = 0;
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#indexes.length - this.#start;
  }

  get isFull(): boolean {
    return this.count >= this.#limits.messages || this.#bytes >= this.#limits.bytes;
  }

  add(index: number, bytes: number): void {
    invariant(!this.isFull, "cannot add into a full window of messages");
    this.#indexes.push(index);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /** Frees the messages whose last index is at most `index`. */
  freeTo(index: number): void {
    while (this.#start < this.#indexes.length && (this.#indexes[this.#start] ?? 0) <= index) {
      this.#bytes -= this.#sizes[this.#start] ?? 0;
      this.#start++;
    }
    if (this.#start === this.#indexes.length) this.reset();
    else if (this.#start > FREED_MAX && this.#start * 2 > this.#indexes.length) {
      this.#indexes = this.#indexes.slice(this.#start);
      this.#sizes = this.#sizes.slice(this.#start);
      this.#start = 0;
    }
  }

  reset(): void {
    this.#indexes = [];
    this.#sizes = [];
    this.#start = 0;
    this.#bytes = 0;
  }

  clone(): Inflights {
    const copy = new Inflights(this.#limits);
    copy.#indexes = this.#indexes.slice(this.#start);
    copy.#sizes = this.#sizes.slice(this.#start);
    copy.#bytes = this.#bytes;
    return copy;
  }
}
