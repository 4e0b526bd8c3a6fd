// SPDX-License-Identifier: Apache-2.0

import type { Metadata } from "./metadata.ts";

/** Why a call is over before its handler ended it. */
export type CancelReason = "cancelled" | "deadline" | "connection-closed";

/** Trailing metadata: lower-case names; values of names ending in `-bin` are base64. */
export type Trailers = readonly (readonly [name: string, value: string])[];

export interface CallInfo {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly metadata: Metadata;
  /** `address:port` of the client, or "@" on a unix socket. */
  readonly peerAddress: string;
  /** When the client gives up, by the endpoint's monotonic clock; undefined: never. */
  readonly deadlineMs: number | undefined;
  /** True once the call was answered, failed or cancelled; anything further is ignored. */
  readonly ended: boolean;
}

/** A call with one request and one response. */
export interface UnaryCall extends CallInfo {
  /** Answers and ends the call. The bytes may be reused when this returns. */
  respond(message: Uint8Array): void;
  /**
   * The same with a message in pieces. Their memory becomes the connection's, which frees it when
   * they are sent: each has its own, and nobody uses it again.
   */
  respondPages(pages: readonly Uint8Array[]): void;
  /**
   * Counts so many bytes of an answer that is still being made. False says that the endpoint holds
   * too much for slow clients: the call has failed.
   */
  making(bytes: number): boolean;
  /** Ends the call with a status other than OK. */
  fail(code: number, message: string, trailers?: Trailers): void;
  /** Names who is told when the call is over early; one listener, the last one counts. */
  onCancel(listener: (reason: CancelReason) => void): void;
}

/** A call with a stream of requests, of responses, or of both. */
export interface StreamCall extends CallInfo {
  /**
   * Sends a message; the bytes may be reused when this returns. False says that more waits than
   * the stream's high mark: stop until `onDrain`.
   */
  write(message: Uint8Array): boolean;
  /**
   * Sends messages, each in pieces, without a copy of them: all are lent until this has returned
   * true or, when it returned false, until `onDrain`.
   */
  lend(messages: readonly (readonly Uint8Array[])[]): boolean;
  /** Message bytes that the client's windows or its socket have not taken yet. */
  readonly bufferedBytes: number;
  /** Ends the call with status OK, behind everything that was written. */
  end(): void;
  /** Ends the call with a status other than OK, behind everything that was written. */
  fail(code: number, message: string, trailers?: Trailers): void;
  /** Stops `onMessage`; the client may send one window more and then has to wait. */
  pause(): void;
  /** Goes on; messages that arrived meanwhile are delivered before this returns. */
  resume(): void;
}

/** What the handler of a stream wants to hear. Messages are valid only during the call. */
export interface StreamListener {
  onMessage(message: Uint8Array): void;
  /** The client has sent everything. */
  onHalfClose(): void;
  /** The call is over early; nothing can be sent any more. Not called after `end` or `fail`. */
  onCancel(reason: CancelReason): void;
  /** After `write` or `lend` returned false: there is room again. */
  onDrain?(): void;
}

/**
 * Called in the turn in which the request arrived. `message` is valid only during the call.
 * Exceptions are not caught: they are programming errors.
 */
export type UnaryHandler = (call: UnaryCall, message: Uint8Array) => void;

/** Called when the headers have arrived, before the first message. */
export type StreamHandler = (call: StreamCall) => StreamListener;
