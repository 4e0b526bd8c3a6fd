// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { ELEMENT_BUCKET, PAGE_BYTES_DEFAULT, PAGE_FREELIST } from "./format.ts";
import { encodeMeta, type Meta } from "./meta.ts";
import { type ByteSink, PageOutput } from "./page-output.ts";
import { TreeWriter } from "./tree-writer.ts";

/** What operating systems have; bbolt looks for the second meta at these places only. */
const PAGE_BYTES_ALLOWED: readonly number[] = [1024, 2048, 4096, 8192, 16384, 32768, 65536];
/** How full etcd lets pages become that are only appended to. */
export const FILL_PERCENT_DEFAULT = 90;
const NESTING_MAX = 16;

const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);

export interface BoltWriterOptions {
  /** A power of two from 1024 to 65536; 4096 when absent. */
  readonly pageBytes?: number;
  /** How full a page may be before the next one begins: 50 to 100, 90 when absent. */
  readonly fillPercent?: number;
  /** Whether a free list is stored, an empty one. Etcd stores none on Linux, and none is default. */
  readonly storesFreelist?: boolean;
  /** The number of the transaction that the file stands for, at least 1; 2 when absent. */
  readonly txid?: bigint;
}

interface Open {
  readonly name: Uint8Array;
  readonly tree: TreeWriter;
}

/**
 * Writes a database from its first page to its last: buckets and pairs come in ascending order of
 * their keys, pages leave in ascending order of their numbers. `finish` gives the two meta pages,
 * which belong at the file's start, last. Equal input and options give equal bytes.
 *
 * Memory: a chunk of 256 kB, and for every open bucket its leaf and one branch per level.
 */
export class BoltWriter {
  readonly #output: PageOutput;
  readonly #options: Required<BoltWriterOptions>;
  readonly #open: Open[] = [];
  #current: TreeWriter;
  #isFinished = false;

  constructor(sink: Pick<ByteSink, "write">, options: BoltWriterOptions = {}) {
    const { pageBytes = PAGE_BYTES_DEFAULT, fillPercent = FILL_PERCENT_DEFAULT } = options;
    const { storesFreelist = false, txid = 2n } = options;
    invariant(PAGE_BYTES_ALLOWED.includes(pageBytes), "a page size is a power of two");
    invariant(fillPercent >= 50 && fillPercent <= 100, "a page is filled by 50 to 100 percent");
    invariant(txid >= 1n, "a transaction is numbered from 1");
    this.#options = { pageBytes, fillPercent, storesFreelist, txid };
    this.#output = new PageOutput(sink, pageBytes);
    this.#current = this.#begin(EMPTY, 0n);
  }

  #begin(name: Uint8Array, sequence: bigint): TreeWriter {
    invariant(
      this.#open.length <= NESTING_MAX,
      `buckets lie in one another at most ${NESTING_MAX}`,
    );
    const tree = new TreeWriter(this.#output, { ...this.#options, sequence });
    this.#open.push({ name, tree });
    return tree;
  }

  /** Begins a bucket in the one that is open, or at the top. */
  openBucket(name: string | Uint8Array, sequence = 0n): void {
    invariant(!this.#isFinished, "a finished database takes no bucket");
    this.#current = this.#begin(
      typeof name === "string" ? encoder.encode(name) : name.slice(),
      sequence,
    );
  }

  /** Adds a pair to the open bucket. Both are copied. */
  put(key: Uint8Array, value: Uint8Array): void {
    this.putRange(key, 0, key.length, value, 0, value.length);
  }

  /** The same for a pair that lies within larger buffers, or within the same one. */
  putRange(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    invariant(this.#open.length > 1 && !this.#isFinished, "a pair belongs into an open bucket");
    this.#current.put(keys, keyStart, keyEnd, values, valueStart, valueEnd, 0);
  }

  /** Ends the bucket that was opened last. */
  closeBucket(): void {
    const done = this.#open.pop();
    const around = this.#open.at(-1);
    invariant(done !== undefined && around !== undefined, "only an open bucket is closed");
    const { name, tree } = done;
    const value = tree.finishBucket();
    around.tree.put(name, 0, name.length, value, 0, value.length, ELEMENT_BUCKET);
    this.#current = around.tree;
  }

  /** Writes what is left. The metas that make a database of the file; both name the same state. */
  finish(): FinishedBolt {
    const [root] = this.#open;
    invariant(this.#open.length === 1 && root !== undefined, "all buckets are closed");
    invariant(!this.#isFinished, "a database is finished once");
    this.#isFinished = true;
    const rootPage = root.tree.finish();
    const { pageBytes, storesFreelist, txid } = this.#options;
    const freelistPage = storesFreelist ? this.#output.begin(PAGE_FREELIST, 0, 16) : undefined;
    this.#output.flush();
    const highWater = this.#output.nextPage;
    const meta: Meta = { pageBytes, rootPage, rootSequence: 0n, freelistPage, highWater, txid };
    const metaPages = new Uint8Array(2 * pageBytes);
    metaPages.set(encodeMeta(0, meta), 0);
    metaPages.set(encodeMeta(1, { ...meta, txid: txid - 1n }), pageBytes);
    return { meta, metaPages, sizeBytes: highWater * pageBytes };
  }
}

export interface FinishedBolt {
  readonly meta: Meta;
  /** Pages 0 and 1. */
  readonly metaPages: Uint8Array;
  readonly sizeBytes: number;
}

/**
 * Writes a whole database into an empty file and makes it durable. The metas come after everything
 * else is durable, so a file that was not completed is no database, whatever survives of it.
 */
export function writeBoltFile(
  sink: ByteSink,
  options: BoltWriterOptions,
  fill: (writer: BoltWriter) => void,
): FinishedBolt {
  const writer = new BoltWriter(sink, options);
  fill(writer);
  const finished = writer.finish();
  sink.datasyncNow();
  sink.write(finished.metaPages, 0);
  sink.datasyncNow();
  return finished;
}
