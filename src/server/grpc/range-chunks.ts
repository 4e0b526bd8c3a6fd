// SPDX-License-Identifier: Apache-2.0

import type { RangeRequest } from "../../api/gen/etcdserverpb.ts";
import { type KvProjection, keyProjection } from "../../core/apply/index.ts";
import type { KvView, RangeReader } from "../../core/mvcc/index.ts";

/** Pairs in the first chunk, as in etcd. */
const FIRST_CHUNK_PAIRS = 10;
/** Keys that one step looks at: less than a millisecond. */
const ROWS_PER_STEP = 1000;

/** A piece of a range; the last one also tells how many there are, and whether some are left out. */
export interface RangeChunk {
  readonly kvs: readonly KvView[];
  readonly projection: KvProjection;
  readonly last: { readonly count: number; readonly more: boolean } | undefined;
}

/**
 * Cuts a range into chunks near a size in bytes: after each one the number of pairs asked for
 * doubles or halves. A chunk ends before that number where its pairs are large, so that it never
 * holds more than that size and one pair. It needs to see the pair behind a chunk to know whether
 * the chunk is the last.
 */
export class RangeChunks {
  readonly #reader: RangeReader;
  readonly #projection: KvProjection;
  readonly #bytesWanted: number;
  /** Pairs that the limit still allows to be sent. */
  #allowed: number;
  readonly #countOnly: boolean;
  #chunkPairs = FIRST_CHUNK_PAIRS;
  #kvs: KvView[] = [];
  #bytes = 0;
  #sent = 0;
  #left = 0;

  constructor(reader: RangeReader, request: RangeRequest, bytesWanted: number) {
    this.#reader = reader;
    this.#projection = keyProjection(request);
    this.#bytesWanted = bytesWanted;
    this.#allowed = request.limit > 0 ? request.limit : Number.POSITIVE_INFINITY;
    this.#countOnly = request.countOnly;
    if (request.countOnly) this.#allowed = 0;
  }

  /** Reads a little: the next chunk, nothing yet, or that the revision is compacted meanwhile. */
  step(): RangeChunk | "compacted" | undefined {
    if (this.#reader.done) return this.#lastChunk();
    if (this.#kvs.length >= this.#allowed) return this.#countLeft();
    const room = Math.min(this.#chunkPairs, this.#allowed) - this.#kvs.length;
    const isWhole = room <= 0 || this.#bytes >= this.#bytesWanted;
    // One pair beyond a whole chunk begins the next one.
    const pairs = isWhole ? 1 : room;
    const bytes = isWhole ? 1 : this.#bytesWanted - this.#bytes;
    const piece = this.#reader.read({ rows: ROWS_PER_STEP, pairs, bytes });
    if (piece === "compacted") return piece;
    if (isWhole && piece.length > 0) return this.#cut(piece);
    this.#add(piece);
    return undefined;
  }

  #add(piece: readonly KvView[]): void {
    for (const kv of piece) {
      this.#kvs.push(kv);
      this.#bytes += kv.end - kv.start;
    }
  }

  #cut(next: readonly KvView[]): RangeChunk {
    const kvs = this.#kvs;
    if (this.#bytes < this.#bytesWanted / 2) this.#chunkPairs *= 2;
    else if (this.#bytes > this.#bytesWanted * 2) {
      this.#chunkPairs = Math.max(1, Math.floor(this.#chunkPairs / 2));
    }
    this.#allowed -= kvs.length;
    this.#sent += kvs.length;
    this.#kvs = [];
    this.#bytes = 0;
    this.#add(next);
    return { kvs, projection: this.#projection, last: undefined };
  }

  #countLeft(): "compacted" | undefined {
    const piece = this.#reader.count(ROWS_PER_STEP);
    if (piece === "compacted") return piece;
    this.#left += piece;
    return undefined;
  }

  #lastChunk(): RangeChunk {
    const kvs = this.#kvs;
    const count = this.#sent + kvs.length + this.#left;
    const last = { count, more: !this.#countOnly && this.#left > 0 };
    return { kvs, projection: this.#projection, last };
  }
}
