// SPDX-License-Identifier: Apache-2.0

import { GrpcCode } from "../api/rpc-errors.ts";
import type { HeaderEntry } from "../base/hpack/header-entry.ts";
import { MESSAGE_HEAD_BYTES, type PlainAnswer } from "./plain-answer.ts";

/** How a call over one connection ended: the answer's bytes, or a gRPC code and its text. */
export type CallEnd =
  | { readonly kind: "answer"; readonly message: Uint8Array }
  | { readonly kind: "failed"; readonly code: number; readonly details: string }
  /** The server has surely not seen it. */
  | { readonly kind: "unsent" };

/** One request on its stream: what is still to be sent, and what has come of the answer. */
export class PlainCall {
  /** The request in gRPC's framing, and how much of it has left. */
  readonly body: Buffer;
  sent = 0;
  /** What the peer lets this stream send. */
  sendWindow: number;
  readonly end: Promise<CallEnd>;
  readonly #finish: (end: CallEnd) => void;
  readonly #answer: PlainAnswer;
  /** Bytes of data that have come, which the peer is told of now and then. */
  received = 0;
  #fields = new Map<string, string>();

  constructor(message: Uint8Array, sendWindow: number, answer: PlainAnswer) {
    this.body = Buffer.allocUnsafe(MESSAGE_HEAD_BYTES + message.length);
    this.body[0] = 0;
    this.body.writeUInt32BE(message.length, 1);
    this.body.set(message, MESSAGE_HEAD_BYTES);
    this.sendWindow = sendWindow;
    this.#answer = answer;
    const { promise, resolve } = Promise.withResolvers<CallEnd>();
    this.end = promise;
    this.#finish = resolve;
  }

  fail(code: number, details: string): void {
    this.#finish({ kind: "failed", code, details });
  }

  unsent(): void {
    this.#finish({ kind: "unsent" });
  }

  headers(fields: readonly HeaderEntry[]): void {
    for (const { name, value } of fields) this.#fields.set(name, value);
  }

  /** Takes a part of the answer; false when it becomes too large, which ends the call. */
  data(chunk: Buffer): boolean {
    this.received += chunk.length;
    const refusal = this.#answer.data(chunk);
    if (refusal !== undefined) this.fail(GrpcCode.resourceExhausted, refusal);
    return refusal === undefined;
  }

  /** The server has said all. */
  complete(): void {
    const status = this.#fields.get("grpc-status");
    if (status === undefined) {
      const http = this.#fields.get(":status") ?? "";
      this.fail(codeOfHttp(http), `Received HTTP status code ${http}`);
    } else if (status !== "0") {
      this.fail(Number(status), decodeMessage(this.#fields.get("grpc-message") ?? ""));
    } else {
      const message = this.#answer.whole();
      if (message !== undefined) this.#finish({ kind: "answer", message });
      else this.fail(GrpcCode.internal, "the answer is not one whole message");
    }
  }
}

/** gRPC's text is UTF-8 in percent encoding; what is not stays as it is. */
function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function codeOfHttp(status: string): number {
  const codes: Readonly<Record<string, number>> = {
    "400": GrpcCode.internal,
    "401": GrpcCode.unauthenticated,
    "403": GrpcCode.permissionDenied,
    "404": GrpcCode.unimplemented,
    "429": GrpcCode.unavailable,
    "502": GrpcCode.unavailable,
    "503": GrpcCode.unavailable,
    "504": GrpcCode.unavailable,
  };
  return codes[status] ?? GrpcCode.unknown;
}
