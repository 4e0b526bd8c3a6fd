// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../../base/grpc-code.ts";
import { invariant } from "../../base/invariant.ts";
import type { CallInfo, CancelReason, Trailers } from "./call.ts";
import type { Deadlined } from "./deadline-wheel.ts";
import { inflate } from "./gzip.ts";
import type { H2Limits } from "./limits.ts";
import { MessageAssembly, type MessageSink } from "./message-assembly.ts";
import type { Metadata } from "./metadata.ts";
import type { MethodCounters } from "./method-table.ts";
import type { RequestHead } from "./request-head.ts";
import type { PendingResponse, Sender, SendingStream } from "./sender.ts";

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly sender: Sender;
  readonly limits: H2Limits;
  readonly peerAddress: string;
  /** Bytes of messages in the making; false when too many of them are held. */
  assemblyGrew(bytes: number): boolean;
  /** Bytes of answers in the making; false when the endpoint holds too many of them. */
  makingGrew(bytes: number): boolean;
  /** The stream has used up bytes that it received: the client may send as many again. */
  consumed(stream: ServerStream, bytes: number): void;
  /** The response is sent, the call is over. */
  streamDone(stream: ServerStream): void;
}

const FLAG_COMPRESSED = 1;
const NO_TRAILERS: Trailers = [];
const HELD_INCOMPLETE =
  "etcdx: too many bytes of incomplete messages are held: send fewer at once, or try again later";
const HELD_TOO_MUCH =
  "etcdx: too many bytes of answers wait for slow clients: ask for less at once, or try again later";

/** What calls of every kind have in common: receiving messages, ending, being cancelled. */
export abstract class ServerStream implements CallInfo, SendingStream, MessageSink, Deadlined {
  readonly id: number;
  readonly deadlineMs: number | undefined;
  openedMs = 0;
  /** What the client may still send before it must wait. */
  receiveWindow: number;
  /** Received bytes that were used up and not yet given back to the client's window. */
  unacknowledged = 0;
  sendWindow: number;
  /** The client has sent its END_STREAM. */
  clientDone = false;
  ended = false;
  headersSent = false;
  pending: PendingResponse | undefined = undefined;
  wheelNext: Deadlined | undefined = undefined;
  wheelPrevious: Deadlined | undefined = undefined;
  wheelSlot = -1;
  protected readonly host: StreamHost;
  protected readonly head: RequestHead;
  protected readonly counters: MethodCounters;
  protected assembly: MessageAssembly | undefined = undefined;
  #madeBytes = 0;

  constructor(
    host: StreamHost,
    id: number,
    head: RequestHead,
    counters: MethodCounters,
    deadlineMs: number | undefined,
    sendWindow: number,
  ) {
    this.host = host;
    this.id = id;
    this.head = head;
    this.counters = counters;
    this.deadlineMs = deadlineMs;
    this.sendWindow = sendWindow;
    this.receiveWindow = host.limits.streamWindowBytes;
    counters.started++;
  }

  get path(): string {
    return this.head.path;
  }

  get metadata(): Metadata {
    return this.head.metadata;
  }

  get peerAddress(): string {
    return this.host.peerAddress;
  }

  /** The payload of a DATA frame; `clientDone` is set before the last one. */
  abstract receive(bytes: Buffer, start: number, end: number): void;

  /** Tells the handler, if it is there to be told. */
  protected abstract tell(reason: CancelReason): void;

  abstract message(flag: number, message: Buffer): boolean;

  pendingShrank(): void {}

  fail(code: number, message: string, trailers: Trailers = NO_TRAILERS): void {
    invariant(code !== GrpcCode.ok, "a call fails with a status other than OK");
    if (this.ended) return;
    this.finish(code);
    this.host.sender.end(this, code, message, trailers);
  }

  /** Fails the call for a reason that its handler did not give and has to be told. */
  protected abort(code: number, message: string): void {
    if (this.ended) return;
    this.fail(code, message);
    this.tell("cancelled");
  }

  /** The client reset the stream or is gone. */
  cancel(reason: CancelReason): void {
    this.host.sender.drop(this);
    if (this.ended) return;
    this.finish(GrpcCode.canceled);
    this.tell(reason);
  }

  deadlineReached(): void {
    if (this.ended) return;
    this.finish(GrpcCode.deadlineExceeded);
    this.host.sender.drop(this);
    this.host.sender.end(this, GrpcCode.deadlineExceeded, "context deadline exceeded", NO_TRAILERS);
    this.tell("deadline");
  }

  responseSent(): void {
    this.host.streamDone(this);
  }

  acceptsMessage(flag: number, length: number): boolean {
    if (this.ended) return false;
    if (flag > FLAG_COMPRESSED) {
      this.abort(GrpcCode.internal, `grpc: received unexpected payload format ${flag}`);
      return false;
    }
    const { maxReceiveBytes } = this.host.limits;
    if (length > maxReceiveBytes) {
      const sizes = `(${length} vs. ${maxReceiveBytes})`;
      this.abort(GrpcCode.resourceExhausted, `grpc: received message larger than max ${sizes}`);
      return false;
    }
    return true;
  }

  assemblyGrew(bytes: number): boolean {
    if (this.host.assemblyGrew(bytes)) return true;
    this.abort(GrpcCode.resourceExhausted, HELD_INCOMPLETE);
    return false;
  }

  making(bytes: number): boolean {
    if (this.ended) return false;
    this.#madeBytes += bytes;
    if (this.host.makingGrew(bytes)) return true;
    this.abort(GrpcCode.resourceExhausted, HELD_TOO_MUCH);
    return false;
  }

  /** Marks the call as over for its handler and counts it. */
  protected finish(code: number): void {
    this.ended = true;
    if (this.#madeBytes > 0) this.host.makingGrew(-this.#madeBytes);
    this.#madeBytes = 0;
    this.counters.countHandled(code);
    this.assembly?.discard();
    this.assembly = undefined;
  }

  /** Hands bytes to the assembly; returns how far it came. */
  protected assemble(bytes: Buffer, start: number, end: number): number {
    this.assembly ??= new MessageAssembly(this);
    return this.assembly.push(bytes, start, end);
  }

  /** The message's plain bytes; undefined when it had to be refused. */
  protected plain(flag: number, message: Buffer): Buffer | undefined {
    let plain: Buffer | undefined = message;
    if (flag === FLAG_COMPRESSED) plain = this.#decompress(message);
    if (plain !== undefined) {
      this.counters.messagesReceived++;
      this.counters.bytesReceived += plain.length;
    }
    return plain;
  }

  #decompress(message: Buffer): Buffer | undefined {
    if (!this.head.gzip) {
      const text = "grpc: compressed flag set with identity or empty encoding";
      this.abort(GrpcCode.internal, text);
      return undefined;
    }
    const result = inflate(message, this.host.limits.maxReceiveBytes);
    if (Buffer.isBuffer(result)) return result;
    this.abort(result.code, result.message);
    return undefined;
  }

  /** Checks and counts a message to be sent; false when it is too large and the call has failed. */
  protected checkSend(messageBytes: number): boolean {
    const { maxSendBytes } = this.host.limits;
    if (messageBytes > maxSendBytes) {
      const sizes = `(${messageBytes} vs. ${maxSendBytes})`;
      this.abort(GrpcCode.resourceExhausted, `trying to send message larger than max ${sizes}`);
      return false;
    }
    this.counters.messagesSent++;
    this.counters.bytesSent += messageBytes;
    return true;
  }
}
