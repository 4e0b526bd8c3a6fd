// SPDX-License-Identifier: Apache-2.0

import { freeBytes } from "../../base/free-bytes.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { UnaryCall } from "../h2/index.ts";

/** A page is whole when it has so many bytes. */
export const PAGE_BYTES = 512 * 1024;
/** What one step writes on top of that, if its pairs are of the usual size. */
const PAGE_ROOM_BYTES = 2 * PAGE_BYTES + 64 * 1024;

/**
 * An answer that may become too large to be made, or copied, in one turn. It begins in a writer
 * that is lent for this turn; what goes on after it is written to pages of its own, which the
 * connection takes over as they are.
 */
export class AnswerPages {
  #writer: WireWriter | undefined;
  /** Bytes in the pages before. */
  #whole = 0;
  readonly #pages: Uint8Array[] = [];
  readonly #lend: () => WireWriter;
  #keepLent: (() => void) | undefined;

  /**
   * `lend` is called when the first bytes are to be written, `keep` when the lent writer is needed
   * for longer, and so not given back.
   */
  constructor(lend: () => WireWriter, keep: () => void) {
    this.#lend = lend;
    this.#keepLent = keep;
  }

  get writer(): WireWriter {
    this.#writer ??= this.#lend();
    return this.#writer;
  }

  get length(): number {
    return this.#whole + this.writer.length;
  }

  /** The turn may end here; call it after each step. Gives the bytes of a page that became whole. */
  turn(): number {
    if (this.#writer === undefined) return 0;
    this.#keepLent?.();
    this.#keepLent = undefined;
    const { length } = this.#writer;
    if (length < PAGE_BYTES) return 0;
    this.#pages.push(this.#writer.view());
    this.#whole += length;
    this.#writer = new WireWriter(PAGE_ROOM_BYTES);
    return length;
  }

  /** Nobody wants the answer any more. */
  discard(): void {
    for (const page of this.#pages.splice(0)) freeBytes(page);
    if (this.#keepLent === undefined && this.#writer !== undefined) freeBytes(this.#writer.view());
    this.#writer = undefined;
  }

  /** All that is written, in order. */
  get parts(): readonly Uint8Array[] {
    return [...this.#pages, this.writer.view()];
  }

  respond(call: UnaryCall): void {
    if (this.#pages.length === 0) call.respond(this.writer.view());
    else call.respondPages(this.parts);
  }
}
