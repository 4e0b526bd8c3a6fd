// SPDX-License-Identifier: Apache-2.0

const TWO_32 = 2 ** 32;
const TWO_48 = 2 ** 48;
const TWO_40 = 2 ** 40;

/**
 * Request IDs that no other member and no earlier run of this one issues: 16 bits of the member,
 * 40 bits of the start time in milliseconds, 8 bits of a counter that carries into the time
 * (formats-raft-entries G.2). Issued are the lower 48 bits, as a number: the member's part never
 * changes, and a number costs less than a bigint on the way of every request.
 */
export class RequestIds {
  /** The member's 16 bits. */
  readonly prefix: number;
  #suffix: number;

  constructor(memberId: bigint, startUnixMs: number) {
    this.prefix = Number(memberId & 0xffffn);
    this.#suffix = (Math.trunc(startUnixMs) % TWO_40) * 256;
  }

  /** The lower 48 bits of the next ID. */
  next(): number {
    this.#suffix = (this.#suffix + 1) % TWO_48;
    return this.#suffix;
  }

  /** The lower and the upper half of an ID, as unsigned 32-bit numbers. */
  halves(suffix: number): { readonly low: number; readonly high: number } {
    return {
      low: suffix % TWO_32,
      high: this.prefix * 0x10000 + Math.floor(suffix / TWO_32),
    };
  }

  /** The whole ID, for where it is not written by halves. */
  idOf(suffix: number): bigint {
    return (BigInt(this.prefix) << 48n) | BigInt(suffix);
  }

  /** The lower 48 bits of an ID of this member; undefined for another member's. */
  suffixOf(id: bigint): number | undefined {
    if (Number(id >> 48n) !== this.prefix) return undefined;
    return Number(id & 0xffff_ffff_ffffn);
  }
}
