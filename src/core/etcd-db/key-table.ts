// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";

const SLOTS_MIN = 1 << 10;
/** Keys are told apart by 96 bits of hash. Per slot: these, and the number kept for the key. */
const WORDS = 4;
const FULLEST = 0.75;
export const TABLE_VALUE_MAX = 0xffff_ffff;

/**
 * A number, not 0, for each of many keys. Keeps a fingerprint of 96 bits instead of the key: 16
 * bytes per slot and at most four slots for three keys, doubling, so 21 to 43 bytes per key however
 * long it is. That two of a billion keys share a fingerprint has a chance of 1 in 10^11.
 */
export class KeyTable {
  #words = new Uint32Array(SLOTS_MIN * WORDS);
  #mask = SLOTS_MIN - 1;
  size = 0;
  readonly #print = new Uint32Array(3);

  /** The number of the key in bytes [start, end); 0 when it has none. */
  get(bytes: Uint8Array, start: number, end: number): number {
    keyFingerprint(bytes, start, end, this.#print);
    return this.#words[this.#slot() + 3] as number;
  }

  /** Sets the number of a key; gives the one from before, or 0. */
  set(bytes: Uint8Array, start: number, end: number, value: number): number {
    invariant(value > 0 && value <= TABLE_VALUE_MAX, `a key's number is ${value}`);
    keyFingerprint(bytes, start, end, this.#print);
    const at = this.#slot();
    const before = this.#words[at + 3] as number;
    if (before === 0) {
      for (let word = 0; word < 3; word++) this.#words[at + word] = this.#print[word] as number;
    }
    this.#words[at + 3] = value;
    if (before === 0 && ++this.size > FULLEST * (this.#mask + 1)) this.#grow();
    return before;
  }

  /** Hands over all numbers, in no particular order, until `take` gives false. */
  each(take: (value: number) => boolean): void {
    for (let at = 3; at < this.#words.length; at += WORDS) {
      const value = this.#words[at] as number;
      if (value !== 0 && !take(value)) return;
    }
  }

  /** Where the words of the current fingerprint are, or where they would go. */
  #slot(): number {
    const [first, second, third] = [this.#print[0], this.#print[1], this.#print[2]];
    const words = this.#words;
    for (let slot = (first as number) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * WORDS;
      if (words[at + 3] === 0) return at;
      if (words[at] === first && words[at + 1] === second && words[at + 2] === third) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#words = new Uint32Array(2 * old.length);
    this.#mask = this.#words.length / WORDS - 1;
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 3] === 0) continue;
      let slot = (old[from] as number) & this.#mask;
      while (this.#words[slot * WORDS + 3] !== 0) slot = (slot + 1) & this.#mask;
      for (let word = 0; word < WORDS; word++) {
        this.#words[slot * WORDS + word] = old[from + word] as number;
      }
    }
  }
}

/**
 * 96 bits that depend on all bytes: three lanes that take four bytes at a time, each with its own
 * multiplier, and are mixed with one another at the end.
 */
export function keyFingerprint(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint32Array,
): void {
  let a = 0x9e3779b9 ^ (end - start);
  let b = 0x7f4a7c15;
  let c = 0x165667b1;
  for (let at = start; at < end; at += 4) {
    const low = (bytes[at] as number) | (at + 1 < end ? (bytes[at + 1] as number) << 8 : 0);
    const high = at + 2 < end ? (bytes[at + 2] as number) << 16 : 0;
    const word = low | high | (at + 3 < end ? (bytes[at + 3] as number) << 24 : 0);
    a = Math.imul(a ^ word, 0x85ebca6b);
    a ^= a >>> 15;
    b = Math.imul(b + word, 0xc2b2ae35);
    b ^= b >>> 13;
    c = Math.imul(c ^ ((word << 16) | (word >>> 16)), 0x27d4eb2f) + a;
    c ^= c >>> 16;
  }
  a = finish(a + b);
  b = finish(b + Math.imul(c, 0x2545f491));
  c = finish(c ^ a);
  into[0] = finish(a + c);
  into[1] = b;
  into[2] = c;
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
