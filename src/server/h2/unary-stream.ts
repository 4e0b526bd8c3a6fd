// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../base/grpc-code.ts";
import type { CancelReason, UnaryCall, UnaryHandler } from "./call.ts";
import { MESSAGE_PREFIX_BYTES, uint32At } from "./frames.ts";
import type { MethodCounters } from "./method-table.ts";
import type { RequestHead } from "./request-head.ts";
import { ServerStream, type StreamHost } from "./server-stream.ts";

const TWO_MESSAGES =
  "cardinality violation: received multiple request messages for non-client-streaming RPC";

/** A call with one request; the handler is called when that is complete and is the only one. */
export class UnaryStream extends ServerStream implements UnaryCall {
  readonly #handler: UnaryHandler;
  #listener: ((reason: CancelReason) => void) | undefined;
  /** The request, until END_STREAM has shown that no other one follows. */
  #request: Buffer | undefined;
  #requestKeptBytes = 0;

  constructor(
    host: StreamHost,
    id: number,
    head: RequestHead,
    counters: MethodCounters,
    deadlineMs: number | undefined,
    sendWindow: number,
    handler: UnaryHandler,
  ) {
    super(host, id, head, counters, deadlineMs, sendWindow);
    this.#handler = handler;
  }

  respond(message: Uint8Array): void {
    if (this.ended || !this.checkSend(message.length)) return;
    this.finish(GrpcCode.ok);
    this.host.sender.answer(this, message);
  }

  respondPages(pages: readonly Uint8Array[]): void {
    if (this.ended) return;
    let length = 0;
    for (const page of pages) length += page.length;
    if (!this.checkSend(length)) return;
    this.finish(GrpcCode.ok);
    this.host.sender.answerPages(this, length, pages);
  }

  onCancel(listener: (reason: CancelReason) => void): void {
    this.#listener = listener;
  }

  receive(bytes: Buffer, start: number, end: number): void {
    const length = end - start - MESSAGE_PREFIX_BYTES;
    if (
      this.clientDone &&
      length >= 0 &&
      this.assembly === undefined &&
      bytes[start] === 0 &&
      uint32At(bytes, start + 1) === length &&
      length <= this.host.limits.maxReceiveBytes
    ) {
      this.counters.messagesReceived++;
      this.counters.bytesReceived += length;
      this.#handler(this, bytes.subarray(start + MESSAGE_PREFIX_BYTES, end));
      return;
    }
    this.#receiveInParts(bytes, start, end);
  }

  #receiveInParts(bytes: Buffer, start: number, end: number): void {
    this.assemble(bytes, start, end);
    if (this.ended) return;
    if (!this.clientDone) {
      this.host.consumed(this, end - start);
      return;
    }
    const request = this.#request;
    if (request === undefined) {
      const isCutOff = this.assembly?.isInMessage === true;
      this.fail(GrpcCode.unknown, isCutOff ? "unexpected EOF" : "EOF");
    } else if (this.assembly?.atBoundary !== true) {
      this.fail(GrpcCode.internal, TWO_MESSAGES);
    } else {
      this.#releaseRequest();
      this.#handler(this, request);
    }
  }

  override message(flag: number, message: Buffer): boolean {
    if (this.#request !== undefined) {
      this.fail(GrpcCode.internal, TWO_MESSAGES);
      return true;
    }
    const plain = this.plain(flag, message);
    if (plain === undefined) return true;
    if (this.clientDone) {
      this.#request = plain;
    } else if (this.assemblyGrew(plain.length)) {
      this.#requestKeptBytes = plain.length;
      this.#request = Buffer.from(plain);
    }
    return true;
  }

  #releaseRequest(): void {
    this.host.assemblyGrew(-this.#requestKeptBytes);
    this.#requestKeptBytes = 0;
    this.#request = undefined;
  }

  protected override finish(code: number): void {
    if (this.#request !== undefined) this.#releaseRequest();
    super.finish(code);
  }

  protected override tell(reason: CancelReason): void {
    this.#listener?.(reason);
  }
}
