// SPDX-License-Identifier: Apache-2.0

const LOW_48_BITS = (1n << 48n) - 1n;
const LOW_40_BITS = (1n << 40n) - 1n;

/**
 * Request IDs that no other member and no earlier run of this one issues: 16 bits of the member,
 * 40 bits of the start time in milliseconds, 8 bits of a counter that carries into the time
 * (formats-raft-entries G.2).
 */
export class RequestIds {
  readonly #prefix: bigint;
  #suffix: bigint;

  constructor(memberId: bigint, startUnixMs: number) {
    this.#prefix = (memberId & 0xffffn) << 48n;
    this.#suffix = (BigInt(Math.trunc(startUnixMs)) & LOW_40_BITS) << 8n;
  }

  next(): bigint {
    this.#suffix = (this.#suffix + 1n) & LOW_48_BITS;
    return this.#prefix | this.#suffix;
  }

  /** Whether an ID has this member's prefix. */
  owns(id: bigint): boolean {
    return id >> 48n === this.#prefix >> 48n;
  }
}
