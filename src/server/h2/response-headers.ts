// SPDX-License-Identifier: Apache-2.0

import { STATIC_ENTRIES } from "../../base/hpack/hpack-table.ts";
import type { Trailers } from "./call.ts";
import { percentEncode } from "./status.ts";

const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const SIZE_UPDATE_TO_ZERO = 0x20;
const INDEX_STATUS = 8;
const INDEX_CONTENT_TYPE = 31;
const CONTENT_TYPE = "application/grpc";
const NOTHING = new Uint8Array(0);

/** The smallest table of a client in which both of our entries fit. */
const TABLE_BYTES_NEEDED = 256;

/**
 * Encodes response headers. The two fields that nearly every response carries go into the
 * client's dynamic table the first time, so that afterwards a response's headers take two bytes
 * and its trailers one; everything else is sent literally and not indexed.
 */
export class ResponseHeaders {
  #started: Uint8Array = NOTHING;
  #endedOk: Uint8Array = NOTHING;
  /** How many entries we put into the client's table, and which was the how-manieth. */
  #inserted = 0;
  #contentTypeAt = 0;
  #statusOkAt = 0;
  #indexing = true;
  #sizeUpdateDue = false;

  /** The client announced the size of its table; a small one is not used at all. */
  peerTableBytes(bytes: number): void {
    if (bytes >= TABLE_BYTES_NEEDED || !this.#indexing) return;
    this.#indexing = false;
    this.#sizeUpdateDue = true;
    this.#started = NOTHING;
    this.#endedOk = NOTHING;
  }

  /** The block that starts a response with messages. It must be sent, and sent next. */
  started(): Uint8Array {
    if (this.#started.length > 0) return this.#started;
    const block = this.#block();
    block.push(INDEXED | INDEX_STATUS);
    if (!this.#indexing) {
      putString(putInteger(block, 0, 4, INDEX_CONTENT_TYPE), CONTENT_TYPE);
    } else if (this.#contentTypeAt === 0) {
      putString(putInteger(block, WITH_INDEXING, 6, INDEX_CONTENT_TYPE), CONTENT_TYPE);
      this.#contentTypeAt = ++this.#inserted;
    } else {
      block.push(INDEXED | this.#indexOf(this.#contentTypeAt));
      if (this.#statusOkAt > 0) this.#started = Uint8Array.from(block);
    }
    return Uint8Array.from(block);
  }

  /** The trailers of a response that went well. They must be sent, and sent next. */
  endedOk(): Uint8Array {
    if (this.#endedOk.length > 0) return this.#endedOk;
    const block = this.#block();
    if (!this.#indexing) {
      putLiteral(block, "grpc-status", "0");
    } else if (this.#statusOkAt === 0) {
      block.push(WITH_INDEXING);
      putString(putString(block, "grpc-status"), "0");
      this.#statusOkAt = ++this.#inserted;
    } else {
      block.push(INDEXED | this.#indexOf(this.#statusOkAt));
      if (this.#contentTypeAt > 0) this.#endedOk = Uint8Array.from(block);
    }
    return Uint8Array.from(block);
  }

  /** Trailers of a response that has started and ends with another status than OK. */
  trailers(code: number, message: string, extra: Trailers): Uint8Array {
    const block = this.#block();
    putStatus(block, code, message, extra);
    return Uint8Array.from(block);
  }

  /** Headers and trailers in one, for a response without messages. */
  trailersOnly(httpStatus: number, code: number, message: string, extra: Trailers): Uint8Array {
    const block = this.#block();
    if (httpStatus === 200) block.push(INDEXED | INDEX_STATUS);
    else putString(putInteger(block, 0, 4, INDEX_STATUS), String(httpStatus));
    putString(putInteger(block, 0, 4, INDEX_CONTENT_TYPE), CONTENT_TYPE);
    putStatus(block, code, message, extra);
    return Uint8Array.from(block);
  }

  #block(): number[] {
    if (!this.#sizeUpdateDue) return [];
    this.#sizeUpdateDue = false;
    return [SIZE_UPDATE_TO_ZERO];
  }

  #indexOf(insertion: number): number {
    return STATIC_ENTRIES + 1 + this.#inserted - insertion;
  }
}

function putStatus(block: number[], code: number, message: string, extra: Trailers): void {
  putLiteral(block, "grpc-status", String(code));
  putLiteral(block, "grpc-message", percentEncode(message));
  for (const [name, value] of extra) putLiteral(block, name, value);
}

function putLiteral(block: number[], name: string, value: string): void {
  block.push(0);
  putString(putString(block, name), value);
}

function putString(block: number[], text: string): number[] {
  putInteger(block, 0, 7, text.length);
  for (let index = 0; index < text.length; index++) block.push(text.charCodeAt(index) & 0xff);
  return block;
}

function putInteger(block: number[], pattern: number, bits: number, value: number): number[] {
  const mask = (1 << bits) - 1;
  if (value < mask) {
    block.push(pattern | value);
    return block;
  }
  block.push(pattern | mask);
  let rest = value - mask;
  while (rest >= 0x80) {
    block.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  block.push(rest);
  return block;
}
