// SPDX-License-Identifier: Apache-2.0

import { compareSlices } from "../../base/binary-string.ts";
import { invariant } from "../../base/invariant.ts";
import { BranchStage, type Child } from "./branch-stage.ts";
import {
  BUCKET_HEADER_BYTES,
  ELEMENT_BUCKET,
  ELEMENT_BYTES,
  KEY_BYTES_MAX,
  viewOf,
  writeUint64,
} from "./format.ts";
import { LeafStage } from "./leaf-stage.ts";
import type { PageOutput } from "./page-output.ts";

/** A leaf with fewer pairs takes another one, whatever its size, as bbolt's leaves do. */
const PAIRS_MIN = 2;
const VALUE_BYTES_MAX = 2 ** 31 - 2;

/**
 * The tree of one bucket, built from the bottom while pairs come in ascending order. Keeps the
 * leaf that is being filled and, per level above, the children of the branch that is.
 */
export class TreeWriter {
  readonly #output: PageOutput;
  readonly #limitBytes: number;
  readonly #inlineBytesMax: number;
  readonly #sequence: bigint;
  readonly #leaf = new LeafStage();
  readonly #levels: BranchStage[] = [];
  /** The last key of the pages already written. */
  #lastKey: Uint8Array | undefined;
  #hasBuckets = false;

  constructor(
    output: PageOutput,
    options: { pageBytes: number; fillPercent: number; sequence: bigint },
  ) {
    this.#output = output;
    this.#limitBytes = Math.floor((options.pageBytes * options.fillPercent) / 100);
    this.#inlineBytesMax = options.pageBytes / 4;
    this.#sequence = options.sequence;
  }

  put(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
    flags: number,
  ): void {
    const keyBytes = keyEnd - keyStart;
    invariant(keyBytes > 0 && keyBytes <= KEY_BYTES_MAX, "a key has 1 to 32768 bytes");
    invariant(valueEnd - valueStart <= VALUE_BYTES_MAX, "a value has less than 2 GiB");
    invariant(this.#compareLast(keys, keyStart, keyEnd) < 0, "keys come in ascending order");
    const size = ELEMENT_BYTES + keyBytes + valueEnd - valueStart;
    const leaf = this.#leaf;
    if (leaf.count >= PAIRS_MIN && leaf.pageBytes + size > this.#limitBytes) this.#flushLeaf();
    leaf.add(keys, keyStart, keyEnd, values, valueStart, valueEnd, flags);
    if (flags === ELEMENT_BUCKET) this.#hasBuckets = true;
  }

  #compareLast(keys: Uint8Array, start: number, end: number): number {
    if (this.#leaf.count > 0) return this.#leaf.compareLast(keys, start, end);
    const last = this.#lastKey;
    return last === undefined ? -1 : compareSlices(last, 0, last.length, keys, start, end);
  }

  #flushLeaf(): void {
    const leaf = this.#leaf;
    const key = leaf.count > 0 ? leaf.firstKey() : new Uint8Array(0);
    if (leaf.count > 0) this.#lastKey = leaf.lastKey();
    this.#add(0, { key, page: leaf.flush(this.#output) });
  }

  #add(level: number, child: Child): void {
    let stage = this.#levels[level];
    if (stage === undefined) {
      stage = new BranchStage(this.#limitBytes);
      this.#levels[level] = stage;
    }
    const page = stage.add(child, this.#output);
    if (page !== undefined) this.#add(level + 1, page);
  }

  /** Writes what is left; the page at the root. */
  finish(): number {
    if (this.#leaf.count > 0 || this.#levels.length === 0) this.#flushLeaf();
    for (let level = 0; ; level++) {
      const stage = this.#levels[level];
      invariant(stage !== undefined, "the uppermost level has one page");
      const page = stage.finish(this.#output);
      if (!stage.hasPages) return page.page;
      this.#add(level + 1, page);
    }
  }

  /** Writes what is left; the value that stands for this bucket in the one around it. */
  finishBucket(): Uint8Array {
    const isInline =
      this.#levels.length === 0 &&
      !this.#hasBuckets &&
      this.#leaf.pageBytes <= this.#inlineBytesMax;
    const value = new Uint8Array(BUCKET_HEADER_BYTES + (isInline ? this.#leaf.pageBytes : 0));
    const view = viewOf(value);
    if (isInline) this.#leaf.writeInline(value, BUCKET_HEADER_BYTES);
    else writeUint64(view, 0, this.finish());
    view.setBigUint64(8, this.#sequence, true);
    return value;
  }
}
