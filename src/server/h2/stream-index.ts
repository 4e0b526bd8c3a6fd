// SPDX-License-Identifier: Apache-2.0

/** Streams found without hashing; a power of two. */
const SLOTS = 64;

/**
 * Finds what belongs to a stream by the stream's identity. Clients number their streams 1, 3, 5
 * and so on and have few open at once, so that most find a slot of their own in a small ring;
 * those that do not go into a map.
 */
export class StreamIndex<Item extends { readonly id: number }> {
  readonly #slots = new Array<Item | undefined>(SLOTS).fill(undefined);
  readonly #others = new Map<number, Item>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Item | undefined {
    const item = this.#slots[(id >>> 1) & (SLOTS - 1)];
    if (item !== undefined && item.id === id) return item;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Adds an item whose identity is not in the index. */
  add(item: Item): void {
    this.#size++;
    const slot = (item.id >>> 1) & (SLOTS - 1);
    if (this.#slots[slot] === undefined) this.#slots[slot] = item;
    else this.#others.set(item.id, item);
  }

  /** Removes an item; false when it is not in the index. */
  delete(item: Item): boolean {
    const slot = (item.id >>> 1) & (SLOTS - 1);
    if (this.#slots[slot] === item) this.#slots[slot] = undefined;
    else if (!this.#others.delete(item.id)) return false;
    this.#size--;
    return true;
  }

  /** Everything in the index at this moment. */
  all(): Item[] {
    return [...this.#slots.filter((item) => item !== undefined), ...this.#others.values()];
  }
}
