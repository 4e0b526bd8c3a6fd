// SPDX-License-Identifier: Apache-2.0

import type { DeadlineWheel } from "./deadline-wheel.ts";
import {
  ErrorCode,
  FRAME_RST_STREAM,
  FRAME_WINDOW_UPDATE,
  WINDOW_BYTES_DEFAULT,
} from "./frames.ts";
import type { H2Limits } from "./limits.ts";
import { MessageStream } from "./message-stream.ts";
import type { Output } from "./output.ts";
import type { RequestHead } from "./request-head.ts";
import type { HeldBytes, Sender } from "./sender.ts";
import type { ServerStream, StreamHost } from "./server-stream.ts";
import { StreamIndex } from "./stream-index.ts";
import { UnaryStream } from "./unary-stream.ts";

/** What a table needs beside its output and sender. */
export interface StreamTableContext {
  readonly limits: H2Limits;
  readonly wheel: DeadlineWheel;
  readonly peerAddress: string;
  streamOpened(): void;
  /** `left` streams are still open on the connection. */
  streamClosed(left: number): void;
}

const NO_BYTES = Buffer.alloc(0);

/** The open streams of a connection, from their headers to the last frame of their response. */
export class StreamTable implements StreamHost {
  readonly sender: Sender;
  readonly limits: H2Limits;
  readonly peerAddress: string;
  readonly #output: Output;
  readonly #held: HeldBytes;
  readonly #context: StreamTableContext;
  readonly #streams = new StreamIndex<ServerStream>();
  #initialSendWindow = WINDOW_BYTES_DEFAULT;
  #assemblyBytes = 0;

  constructor(output: Output, sender: Sender, held: HeldBytes, context: StreamTableContext) {
    this.#output = output;
    this.#held = held;
    this.sender = sender;
    this.#context = context;
    this.limits = context.limits;
    this.peerAddress = context.peerAddress;
  }

  get size(): number {
    return this.#streams.size;
  }

  get(id: number): ServerStream | undefined {
    return this.#streams.get(id);
  }

  /** True when a further stream has to be refused. */
  get full(): boolean {
    const { limits, sender } = this;
    return (
      this.#streams.size >= limits.maxConcurrentStreams ||
      sender.queuedBytes > limits.connectionQueueBytesMax ||
      (this.#held.total > limits.heldBytesMax && sender.queuedBytes > limits.streamQueueBytesHigh)
    );
  }

  /** Opens a stream for a request that is served; `endStream`: nothing follows its headers. */
  open(id: number, endStream: boolean, head: RequestHead, nowMs: number): void {
    const { entry, timeoutMs } = head;
    if (entry === undefined) return;
    const { method, counters } = entry;
    const deadlineMs = timeoutMs < 0 ? undefined : nowMs + timeoutMs;
    const window = this.#initialSendWindow;
    const stream =
      method.kind === "unary"
        ? new UnaryStream(this, id, head, counters, deadlineMs, window, method.handler)
        : new MessageStream(this, id, head, counters, deadlineMs, window);
    this.#streams.add(stream);
    this.#context.streamOpened();
    stream.clientDone = endStream;
    stream.openedMs = nowMs;
    if (timeoutMs === 0) {
      stream.deadlineReached();
      return;
    }
    if (timeoutMs > 0) this.#context.wheel.add(stream, nowMs);
    if (method.kind === "stream" && stream instanceof MessageStream) stream.open(method.handler);
    if (endStream && !stream.ended) stream.receive(NO_BYTES, 0, 0);
  }

  /** The response is sent. A client that is still sending is told that nobody listens. */
  streamDone(stream: ServerStream): void {
    if (!stream.clientDone) this.#output.number(FRAME_RST_STREAM, stream.id, ErrorCode.noError);
    this.#remove(stream);
  }

  /** Ends a stream because of what the client did with it. */
  reset(stream: ServerStream, code: ErrorCode): void {
    this.#output.number(FRAME_RST_STREAM, stream.id, code);
    this.cancel(stream);
  }

  /** The client does not want the stream any more. */
  cancel(stream: ServerStream): void {
    this.#remove(stream);
    stream.cancel("cancelled");
  }

  /** The connection is over. */
  cancelAll(): void {
    for (const stream of this.#streams.all()) {
      if (this.#streams.get(stream.id) !== stream) continue;
      this.#remove(stream);
      stream.cancel("connection-closed");
    }
  }

  #remove(stream: ServerStream): void {
    if (!this.#streams.delete(stream)) return;
    if (stream.wheelSlot >= 0) this.#context.wheel.remove(stream);
    this.#context.streamClosed(this.#streams.size);
  }

  /** The client changed the window that its streams start with; false when one overflows. */
  changeInitialWindow(bytes: number): boolean {
    const change = bytes - this.#initialSendWindow;
    this.#initialSendWindow = bytes;
    for (const stream of this.#streams.all()) {
      if (!this.sender.widen(stream, change)) return false;
    }
    return true;
  }

  consumed(stream: ServerStream, bytes: number): void {
    stream.unacknowledged += bytes;
    if (stream.clientDone || stream.unacknowledged < this.limits.streamWindowBytes / 2) return;
    this.#output.number(FRAME_WINDOW_UPDATE, stream.id, stream.unacknowledged);
    stream.receiveWindow += stream.unacknowledged;
    stream.unacknowledged = 0;
  }

  makingGrew(bytes: number): boolean {
    this.#held.total += bytes;
    return this.#held.total <= this.limits.heldBytesMax;
  }

  assemblyGrew(bytes: number): boolean {
    const { assemblyBytesMax, heldBytesMax } = this.limits;
    const isTooMuch =
      this.#assemblyBytes + bytes > assemblyBytesMax || this.#held.total + bytes > heldBytesMax;
    if (bytes > 0 && isTooMuch) return false;
    this.#assemblyBytes += bytes;
    this.#held.total += bytes;
    return true;
  }
}
