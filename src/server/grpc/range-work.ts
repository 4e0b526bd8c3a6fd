// SPDX-License-Identifier: Apache-2.0

import type { RangeRequest } from "../../api/gen/etcdserverpb.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import { type ErrorResult, type RangeResult, RangeRun } from "../../core/apply/index.ts";
import type { MvccStore } from "../../core/mvcc/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import { type AnswerPages, PAGE_BYTES } from "./answer-pages.ts";
import { writePair, writePairs, writeRangeEnd } from "./kv-encoding.ts";

/** Keys that one piece looks at: less than a millisecond. */
const ROWS_PER_PIECE = 1000;

export interface RangeWorkParts {
  readonly call: UnaryCall;
  readonly store: MvccStore;
  readonly request: RangeRequest;
  readonly pages: AnswerPages;
  /** Writes the answer's header. */
  readonly writeHeader: (writer: WireWriter, revision: number) => void;
  readonly refuse: (result: ErrorResult) => void;
  /** The answer is in the pages. */
  readonly respond: (result: RangeResult) => void;
}

/** A range of many keys on its way: read and encoded in pieces, then answered. */
export class RangeWork {
  readonly #parts: RangeWorkParts;
  readonly #run: RangeRun;
  #hasHeader = false;
  /** Of pairs that are written as they are read: the revision of their header. */
  #revision: number | undefined;
  #encoded = 0;

  constructor(parts: RangeWorkParts) {
    this.#parts = parts;
    const { pages, store, request } = parts;
    this.#run = new RangeRun(store, request, {
      begin: (revision) => {
        this.#revision = revision;
      },
      pair: (buffer, start, end) => writePair(pages.writer, buffer, start, end),
    });
  }

  /** Gives up. */
  close(): void {
    this.#run.close();
    this.#parts.pages.discard();
  }

  /** Does a piece; true when the range is answered, or nobody waits for it any more. */
  readonly step = (): boolean => {
    const { call, pages } = this.#parts;
    if (!call.ended && this.#piece()) return true;
    // What the call may not hold it has failed for.
    if (!call.ended) call.making(pages.turn());
    if (!call.ended) return false;
    this.close();
    return true;
  };

  #piece(): boolean {
    if (this.#revision !== undefined && !this.#hasHeader) this.#writeHeader(this.#revision);
    this.#run.step(ROWS_PER_PIECE);
    const { result } = this.#run;
    if (result === undefined) return false;
    if (result.kind === "error") this.#parts.refuse(result);
    else if (!this.#encode(result)) return false;
    else this.#parts.respond(result);
    return true;
  }

  /** Writes some of the pairs that are there as objects; true with the end. */
  #encode(result: RangeResult): boolean {
    const { writer } = this.#parts.pages;
    if (!this.#hasHeader) this.#writeHeader(result.revision);
    const to = Math.min(this.#encoded + ROWS_PER_PIECE, result.kvs.length);
    const bytesMax = writer.length + PAGE_BYTES;
    while (this.#encoded < to && writer.length < bytesMax) {
      writePairs(writer, result, this.#encoded, ++this.#encoded);
    }
    if (this.#encoded < result.kvs.length) return false;
    writeRangeEnd(writer, result);
    return true;
  }

  #writeHeader(revision: number): void {
    this.#hasHeader = true;
    this.#parts.writeHeader(this.#parts.pages.writer, revision);
  }
}
