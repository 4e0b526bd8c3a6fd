// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";

const BLOCK_ENTRIES_MAX = 256;

interface Block<V> {
  readonly keys: string[];
  readonly values: V[];
}

/**
 * A sorted map from strings to values, as a list of sorted blocks: insertion moves at most one
 * block's entries. Strings of one-byte characters compare like the bytes that they stand for.
 */
export class OrderedMap<V> {
  readonly #blocks: Block<V>[] = [{ keys: [], values: [] }];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const block = this.#block(this.#blockOf(key));
    const at = lowerBound(block.keys, key);
    return block.keys[at] === key ? block.values[at] : undefined;
  }

  set(key: string, value: V): void {
    const index = this.#blockOf(key);
    const block = this.#block(index);
    const at = lowerBound(block.keys, key);
    if (block.keys[at] === key) {
      block.values[at] = value;
      return;
    }
    if (at === block.keys.length) {
      block.keys.push(key);
      block.values.push(value);
    } else {
      block.keys.splice(at, 0, key);
      block.values.splice(at, 0, value);
    }
    this.#size++;
    if (block.keys.length > BLOCK_ENTRIES_MAX) this.#split(index, at === block.keys.length - 1);
  }

  delete(key: string): boolean {
    const index = this.#blockOf(key);
    const block = this.#block(index);
    const at = lowerBound(block.keys, key);
    if (block.keys[at] !== key) return false;
    block.keys.splice(at, 1);
    block.values.splice(at, 1);
    this.#size--;
    if (block.keys.length === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1);
    return true;
  }

  /** A cursor on the first entry whose key is not below `from`. The map must not change. */
  cursor(from: string): OrderedCursor<V> {
    const index = this.#blockOf(from);
    return new OrderedCursor(this.#blocks, index, lowerBound(this.#block(index).keys, from));
  }

  lastKey(): string | undefined {
    return this.#blocks.at(-1)?.keys.at(-1);
  }

  /** A half-full split keeps room for inserts; one at the end leaves full blocks behind. */
  #split(index: number, atEnd: boolean): void {
    const block = this.#block(index);
    const middle = atEnd ? block.keys.length - 1 : block.keys.length >> 1;
    const upper = { keys: block.keys.splice(middle), values: block.values.splice(middle) };
    this.#blocks.splice(index + 1, 0, upper);
  }

  #block(index: number): Block<V> {
    const block = this.#blocks[index];
    invariant(block !== undefined, "an ordered map always has a block");
    return block;
  }

  /** The last block whose first key is not above `key`, or the first block. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#block(middle).keys[0];
      if (first !== undefined && first <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

export class OrderedCursor<V> {
  readonly #blocks: readonly Block<V>[];
  #block: number;
  #at: number;

  constructor(blocks: readonly Block<V>[], block: number, at: number) {
    this.#blocks = blocks;
    this.#block = block;
    this.#at = at;
    this.#settle();
  }

  /** The key at the cursor; undefined at the end. */
  get key(): string | undefined {
    return this.#blocks[this.#block]?.keys[this.#at];
  }

  get value(): V | undefined {
    return this.#blocks[this.#block]?.values[this.#at];
  }

  advance(): void {
    this.#at++;
    this.#settle();
  }

  #settle(): void {
    for (;;) {
      const block = this.#blocks[this.#block];
      if (block === undefined || this.#at < block.keys.length) return;
      this.#block++;
      this.#at = 0;
    }
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
