// SPDX-License-Identifier: Apache-2.0

import { invariant } from "../../base/invariant.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { ReadTxnPlan } from "../../core/apply/index.ts";
import type { MvccStore } from "../../core/mvcc/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import { AnswerPages, PAGE_BYTES } from "./answer-pages.ts";
import { operationTag, TAG_RESPONSE, writeSucceeded } from "./kv-encoding.ts";
import { RangeWork } from "./range-work.ts";
import { writeInnerHeader } from "./response-header.ts";

/** Most ranges of a transaction are short. */
const FIRST_PAGE_BYTES = 1024;

export interface ReadTxnParts {
  readonly call: UnaryCall;
  readonly store: MvccStore;
  readonly plan: ReadTxnPlan;
  readonly writeHeader: (writer: WireWriter) => void;
  /** The answer is sent; it has so many bytes. */
  readonly responded: (bytes: number) => void;
}

interface TxnNode {
  readonly succeeded: boolean;
  readonly operations: readonly (AnswerPages | TxnNode)[];
}

/**
 * A transaction of reads on its way: its ranges are read one after another in pieces, all at the
 * revision of the plan, which they keep from being removed from the beginning. What is around them
 * in the answer is made of their sizes when they are done.
 */
export class ReadTxnWork {
  readonly #parts: ReadTxnParts;
  readonly #works: RangeWork[] = [];
  readonly #root: TxnNode;
  #next = 0;

  constructor(parts: ReadTxnParts) {
    this.#parts = parts;
    this.#root = this.#begin(parts.plan);
  }

  /** Gives up. */
  close(): void {
    for (const work of this.#works) work.close();
  }

  /** Does a piece; true when the transaction is answered, or nobody waits for it any more. */
  readonly step = (): boolean => {
    if (this.#parts.call.ended) {
      this.close();
      return true;
    }
    const work = this.#works[this.#next];
    if (work === undefined) {
      this.#respond();
      return true;
    }
    if (work.step()) this.#next++;
    return false;
  };

  #begin(plan: ReadTxnPlan): TxnNode {
    const { call, store } = this.#parts;
    const operations = plan.operations.map((operation): AnswerPages | TxnNode => {
      if ("operations" in operation) return this.#begin(operation);
      const pages = new AnswerPages(
        () => new WireWriter(FIRST_PAGE_BYTES),
        () => {},
      );
      const work = new RangeWork({
        call,
        store,
        request: operation,
        pages,
        writeHeader: writeInnerHeader,
        refuse: ({ error }) => invariant(false, `a checked range was refused: ${error}`),
        respond: () => {},
      });
      this.#works.push(work);
      return pages;
    });
    return { succeeded: plan.succeeded, operations };
  }

  #respond(): void {
    const { call, writeHeader, responded } = this.#parts;
    const header = new WireWriter();
    writeHeader(header);
    const pieces = [header.view(), ...bodyOf(this.#root)];
    const bytes = sizeOf(pieces);
    if (bytes <= PAGE_BYTES) call.respond(Buffer.concat(pieces));
    else call.respondPages(pieces);
    responded(bytes);
  }
}

/** What comes behind the header of a transaction's answer. */
function bodyOf({ succeeded, operations }: TxnNode): Uint8Array[] {
  const start = new WireWriter();
  writeSucceeded(start, succeeded);
  return [start.view(), ...operations.flatMap(responseOf)];
}

function responseOf(operation: AnswerPages | TxnNode): Uint8Array[] {
  const isRange = operation instanceof AnswerPages;
  const body = isRange ? operation.parts : [innerHeader(), ...bodyOf(operation)];
  const bytes = sizeOf(body);
  const inner = new WireWriter();
  inner.uint32(operationTag(isRange ? "range" : "txn"));
  inner.uint32(bytes);
  const outer = new WireWriter();
  outer.uint32(TAG_RESPONSE);
  outer.uint32(inner.length + bytes);
  return [outer.view(), inner.view(), ...body];
}

/** The header of a nested transaction has no revision. */
function innerHeader(): Uint8Array {
  const writer = new WireWriter();
  writeInnerHeader(writer, 0);
  return writer.view();
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of pieces) bytes += length;
  return bytes;
}
