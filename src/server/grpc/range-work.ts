// SPDX-License-Identifier: Apache-2.0

import { WireWriter } from "../../base/wire-writer.ts";
import type { ErrorResult, RangeResult, RangeRun } from "../../core/apply/index.ts";
import type { CallInfo } from "../h2/index.ts";
import { writePairs, writeRangeEnd } from "./kv-encoding.ts";

/** Keys that one piece looks at: less than a millisecond. */
const ROWS_PER_PIECE = 1000;
/** Tag, length and the numbers of a pair that is written anew. */
const PAIR_OVERHEAD_BYTES = 64;

export interface RangeWorkParts {
  readonly call: CallInfo;
  readonly run: RangeRun;
  /** Writes the answer's header. */
  readonly writeHeader: (writer: WireWriter, revision: number) => void;
  readonly refuse: (result: ErrorResult) => void;
  /** Answers what is short, in one go. */
  readonly answer: (result: RangeResult) => void;
  readonly respond: (message: Uint8Array, result: RangeResult) => void;
}

/** A range of many keys on its way: read in pieces, encoded in pieces, then answered. */
export class RangeWork {
  readonly #parts: RangeWorkParts;
  #writer: WireWriter | undefined;
  #encoded = 0;

  constructor(parts: RangeWorkParts) {
    this.#parts = parts;
  }

  /** Does a piece; true when the range is answered, or nobody waits for it any more. */
  readonly step = (): boolean => {
    const { call, run, refuse } = this.#parts;
    if (call.ended) {
      run.close();
      return true;
    }
    const { result } = run;
    if (result === undefined) {
      run.step(ROWS_PER_PIECE);
      return false;
    }
    if (result.kind === "error") refuse(result);
    else if (result.kvs.length > ROWS_PER_PIECE) return this.#encode(result);
    else this.#parts.answer(result);
    return true;
  };

  #encode(result: RangeResult): boolean {
    this.#writer ??= this.#begin(result);
    const to = Math.min(this.#encoded + ROWS_PER_PIECE, result.kvs.length);
    writePairs(this.#writer, result, this.#encoded, to);
    this.#encoded = to;
    if (to < result.kvs.length) return false;
    writeRangeEnd(this.#writer, result);
    this.#parts.respond(this.#writer.view(), result);
    return true;
  }

  /** With room for all of it: growing would copy it again and again. */
  #begin(result: RangeResult): WireWriter {
    let bytes = PAIR_OVERHEAD_BYTES * (result.kvs.length + 2);
    for (const { start, end } of result.kvs) bytes += end - start;
    const writer = new WireWriter(bytes);
    this.#parts.writeHeader(writer, result.revision);
    return writer;
  }
}
