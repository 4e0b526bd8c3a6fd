// SPDX-License-Identifier: Apache-2.0

import { equalBytes } from "../../../base/bytes.ts";
import { IntervalTree } from "../../../base/interval-tree.ts";
import { invariant } from "../../../base/invariant.ts";
import type { Watcher } from "./watcher.ts";

/** Watchers of exactly the same range. */
export type WatcherSet = Set<Watcher>;

/** Keys with the same hash, chained. */
interface KeyEntry {
  readonly key: Uint8Array;
  readonly watchers: WatcherSet;
  next: KeyEntry | undefined;
}

const FNV_PRIME = 0x01000193;

/**
 * Watchers by what they watch: single keys in a hash table over the bytes, ranges in an interval
 * tree. An event finds its watchers without looking at any other, and a key that nobody watches
 * costs one hash and one lookup.
 */
export class WatcherGroup {
  readonly #seed: number;
  readonly #keys = new Map<number, KeyEntry>();
  readonly #ranges = new IntervalTree<WatcherSet>();
  #size = 0;

  /** The seed keeps clients from choosing keys that collide. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  get size(): number {
    return this.#size;
  }

  add(watcher: Watcher): void {
    const { range } = watcher.options;
    const watchers = range.single ? this.#keySet(range.start) : this.#rangeSet(watcher);
    invariant(!watchers.has(watcher), "a watcher is added to a group once");
    watchers.add(watcher);
    this.#size++;
  }

  delete(watcher: Watcher): void {
    const { range } = watcher.options;
    const found = range.single ? this.#find(range.start)?.watchers : this.#ranges.get(range);
    invariant(found?.has(watcher) === true, "a watcher that leaves a group is in it");
    found.delete(watcher);
    this.#size--;
    if (found.size > 0) return;
    if (range.single) this.#dropKey(range.start);
    else this.#ranges.delete(range);
  }

  /** Appends the sets of watchers whose range contains the key. */
  collect(key: Uint8Array, found: WatcherSet[]): void {
    if (this.#keys.size > 0) {
      const entry = this.#find(key);
      if (entry !== undefined) found.push(entry.watchers);
    }
    if (this.#ranges.size > 0) this.#ranges.collect(key, found);
  }

  #find(key: Uint8Array): KeyEntry | undefined {
    let entry = this.#keys.get(this.#hash(key));
    while (entry !== undefined && !equalBytes(entry.key, key)) entry = entry.next;
    return entry;
  }

  #keySet(key: Uint8Array): WatcherSet {
    const known = this.#find(key);
    if (known !== undefined) return known.watchers;
    const hash = this.#hash(key);
    const entry: KeyEntry = { key, watchers: new Set(), next: this.#keys.get(hash) };
    this.#keys.set(hash, entry);
    return entry.watchers;
  }

  #dropKey(key: Uint8Array): void {
    const hash = this.#hash(key);
    let kept: KeyEntry | undefined;
    for (let entry = this.#keys.get(hash); entry !== undefined; ) {
      const { next } = entry;
      if (!equalBytes(entry.key, key)) {
        entry.next = kept;
        kept = entry;
      }
      entry = next;
    }
    if (kept === undefined) this.#keys.delete(hash);
    else this.#keys.set(hash, kept);
  }

  #rangeSet(watcher: Watcher): WatcherSet {
    const { range } = watcher.options;
    const known = this.#ranges.get(range);
    if (known !== undefined) return known;
    const watchers: WatcherSet = new Set();
    this.#ranges.set(range, watchers);
    return watchers;
  }

  /** FNV-1a over the bytes, started from the seed. */
  #hash(key: Uint8Array): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index++) {
      hash = Math.imul(hash ^ (key[index] ?? 0), FNV_PRIME);
    }
    return hash;
  }
}
