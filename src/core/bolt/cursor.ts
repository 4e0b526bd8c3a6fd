// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { checkBounds, DEPTH_MAX, isAncestor } from "./bounds.ts";
import type { ByteSource, Meta } from "./meta.ts";
import { PageFrame } from "./page-frame.ts";

/** Where a bucket's tree begins: at a page, or in the bucket's value, kept in page `owner`. */
export type BucketRoot =
  | { readonly page: number }
  | { readonly inline: Uint8Array; readonly owner: number };

/**
 * A position among the pairs of a bucket, in key order. Moving gives false behind the last pair
 * or before the first. `bytes` holds the pair, at the positions that the getters tell, until the
 * cursor moves. A damaged page throws a `BoltError`; no damage makes a cursor run in circles: keys
 * have to ascend from page to page, and a move visits at most as many pages as there are.
 *
 * Memory: one page per level of the tree, up to 256 kB on levels that are read in order.
 */
export class BoltCursor {
  readonly #source: ByteSource;
  readonly #meta: Meta;
  readonly #root: BucketRoot;
  readonly #frames: PageFrame[] = [];
  #level = -1;
  #leaf: PageFrame;
  #visits = 0;

  constructor(source: ByteSource, meta: Meta, root: BucketRoot) {
    this.#source = source;
    this.#meta = meta;
    this.#root = root;
    this.#leaf = this.#frame(0);
  }

  get bytes(): Uint8Array {
    return this.#leaf.bytes;
  }
  get keyStart(): number {
    return this.#leaf.keyStarts[this.#leaf.index] as number;
  }
  /** Where the key ends and the value begins. */
  get keyEnd(): number {
    return this.#leaf.keyEnds[this.#leaf.index] as number;
  }
  get valueEnd(): number {
    return this.#leaf.valueEnds[this.#leaf.index] as number;
  }
  /** Whether the value is a bucket. */
  get isBucket(): boolean {
    return this.#leaf.isBucket(this.#leaf.index);
  }
  /** The page that the pair is in. */
  get page(): number {
    return this.#leaf.id;
  }
  /** The key, valid until the cursor moves. */
  get key(): Uint8Array {
    return this.bytes.subarray(this.keyStart, this.keyEnd);
  }
  /** The value, valid until the cursor moves. */
  get value(): Uint8Array {
    return this.bytes.subarray(this.keyEnd, this.valueEnd);
  }

  first(): boolean {
    this.#start();
    this.#descend("first");
    return this.#leaf.count > 0 || this.#nextLeaf();
  }

  last(): boolean {
    this.#start();
    this.#descend("last");
    return this.#leaf.count > 0 || this.#previousLeaf();
  }

  next(): boolean {
    invariant(this.#level >= 0, "a cursor moves on from a pair");
    const leaf = this.#leaf;
    if (leaf.index + 1 < leaf.count) {
      leaf.index++;
      return true;
    }
    this.#visits = 0;
    return this.#nextLeaf();
  }

  previous(): boolean {
    invariant(this.#level >= 0, "a cursor moves on from a pair");
    if (this.#leaf.index > 0) {
      this.#leaf.index--;
      return true;
    }
    this.#visits = 0;
    return this.#previousLeaf();
  }

  /** Moves to the first pair whose key is not below `key`. */
  seek(key: Uint8Array): boolean {
    this.#start();
    while (!this.#leaf.isLeaf) {
      // The child that may hold the key is the last one that begins at or below it.
      const at = this.#leaf.lowerBound(key);
      const isExact = at < this.#leaf.count && this.#leaf.compareKey(at, key, 0, key.length) === 0;
      this.#leaf.index = isExact ? at : Math.max(0, at - 1);
      this.#push(this.#leaf.child(this.#leaf.index));
    }
    this.#leaf.index = this.#leaf.lowerBound(key);
    return this.#leaf.index < this.#leaf.count || this.#nextLeaf();
  }

  #frame(level: number): PageFrame {
    const known = this.#frames[level];
    if (known !== undefined) return known;
    const frame = new PageFrame(this.#source, this.#meta);
    this.#frames[level] = frame;
    return frame;
  }

  #start(): void {
    this.#visits = 0;
    this.#level = 0;
    this.#leaf = this.#frame(0);
    if ("page" in this.#root) this.#leaf.load(this.#root.page);
    else this.#leaf.loadInline(this.#root.inline, this.#root.owner);
  }

  #push(child: number): void {
    const level = this.#level + 1;
    if (level >= DEPTH_MAX) throw this.#leaf.error(`lies deeper than ${DEPTH_MAX} pages`);
    if (isAncestor(this.#frames, 0, level, child)) {
      throw this.#leaf.error(`leads back to page ${child}`);
    }
    if (++this.#visits > this.#meta.highWater) {
      throw this.#leaf.error("leads to the same empty pages again and again");
    }
    const frame = this.#frame(level);
    frame.load(child);
    const problem = checkBounds(this.#frames, 0, level);
    if (problem !== undefined) throw frame.error(problem);
    this.#level = level;
    this.#leaf = frame;
  }

  #descend(side: "first" | "last"): void {
    for (;;) {
      const frame = this.#leaf;
      frame.index = side === "first" ? 0 : Math.max(0, frame.count - 1);
      if (frame.isLeaf) return;
      this.#push(frame.child(frame.index));
    }
  }

  #nextLeaf(): boolean {
    for (let level = this.#level - 1; level >= 0; level--) {
      const branch = this.#frame(level);
      if (branch.index + 1 >= branch.count) continue;
      branch.index++;
      this.#level = level;
      this.#leaf = branch;
      this.#push(branch.child(branch.index));
      this.#descend("first");
      if (this.#leaf.count > 0) return true;
      level = this.#level;
    }
    this.#level = -1;
    return false;
  }

  #previousLeaf(): boolean {
    for (let level = this.#level - 1; level >= 0; level--) {
      const branch = this.#frame(level);
      if (branch.index === 0) continue;
      branch.index--;
      this.#level = level;
      this.#leaf = branch;
      this.#push(branch.child(branch.index));
      this.#descend("last");
      if (this.#leaf.count > 0) return true;
      level = this.#level;
    }
    this.#level = -1;
    return false;
  }
}
