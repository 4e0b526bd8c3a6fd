// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../base/grpc-code.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { CancelReason, StreamCall, StreamHandler, StreamListener } from "./call.ts";
import { ServerStream } from "./server-stream.ts";

const TOO_SLOW = "etcdx: too many response bytes wait for the client";

/** A call with a stream in at least one direction. */
export class MessageStream extends ServerStream implements StreamCall {
  #listener: StreamListener | undefined;
  #paused = false;
  /** What arrived while paused; at most the receive window. */
  readonly #held = new ByteQueue();
  /** What is held is being delivered: a handler that goes on meanwhile is already served. */
  #isDelivering = false;
  #halfCloseTold = false;
  #wantsDrain = false;
  /** Something that was lent has not left yet. */
  #hasLoan = false;

  /** Calls the handler; to be done once, when the stream is known to its connection. */
  open(handler: StreamHandler): void {
    this.#listener = handler(this);
  }

  get bufferedBytes(): number {
    return this.pending?.data.bytes ?? 0;
  }

  write(message: Uint8Array): boolean {
    if (this.ended || !this.checkSend(message.length) || !this.#checkQueue()) return false;
    const { limits, sender } = this.host;
    sender.message(this, message);
    this.#wantsDrain ||= this.bufferedBytes > limits.streamQueueBytesHigh;
    return !this.#wantsDrain;
  }

  lend(messages: readonly (readonly Uint8Array[])[]): boolean {
    for (const pieces of messages) {
      if (this.ended || !this.checkSend(sizeOf(pieces))) return false;
    }
    if (!this.#checkQueue()) return false;
    this.host.sender.lend(this, messages);
    this.#hasLoan = this.bufferedBytes > 0;
    this.#wantsDrain ||= this.#hasLoan;
    return !this.#wantsDrain;
  }

  /** False when the handler went on writing although the client takes too little. */
  #checkQueue(): boolean {
    const { limits, sender } = this.host;
    if (this.bufferedBytes <= limits.streamQueueBytesMax) return true;
    sender.drop(this);
    this.abort(GrpcCode.resourceExhausted, TOO_SLOW);
    return false;
  }

  end(): void {
    if (this.ended) return;
    this.finish(GrpcCode.ok);
    this.host.sender.end(this, GrpcCode.ok, "", []);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#isDelivering) return;
    this.#deliverHeld();
    this.#tellHalfClose();
  }

  receive(bytes: Buffer, start: number, end: number): void {
    if (this.ended) return;
    if (this.#paused) {
      if (end > start) this.#held.append(bytes, start, end);
      return;
    }
    this.#deliver(bytes, start, end);
    this.#tellHalfClose();
  }

  /** Delivers in place: a handler that waits after each message must not move all the others. */
  #deliverHeld(): void {
    this.#isDelivering = true;
    try {
      while (this.#held.bytes > 0 && !this.#paused && !this.ended) {
        const front = this.#held.front();
        const reached = this.assemble(front, 0, front.length);
        this.#held.skip(reached);
        if (!this.ended) this.host.consumed(this, reached);
      }
    } finally {
      this.#isDelivering = false;
    }
  }

  #deliver(bytes: Buffer, start: number, end: number): void {
    const reached = this.assemble(bytes, start, end);
    if (this.ended) return;
    if (reached < end) this.#held.append(bytes, reached, end);
    this.host.consumed(this, reached - start);
  }

  override message(flag: number, message: Buffer): boolean {
    const plain = this.plain(flag, message);
    if (plain !== undefined) this.#listener?.onMessage(plain);
    return !this.#paused && !this.ended;
  }

  #tellHalfClose(): void {
    if (!this.clientDone || this.ended || this.#paused || this.#halfCloseTold) return;
    this.#halfCloseTold = true;
    // A piece of a prefix behind the last message is no message, to Go's library either.
    if (this.assembly?.isInMessage === true) {
      this.abort(GrpcCode.internal, "unexpected EOF");
      return;
    }
    this.#listener?.onHalfClose();
  }

  override pendingShrank(): void {
    if (!this.#wantsDrain || this.ended) return;
    const enough = this.#hasLoan ? 0 : this.host.limits.streamQueueBytesHigh / 2;
    if (this.bufferedBytes > enough) return;
    this.#hasLoan = false;
    this.#wantsDrain = false;
    this.#listener?.onDrain?.();
  }

  protected override tell(reason: CancelReason): void {
    this.#listener?.onCancel(reason);
  }
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
