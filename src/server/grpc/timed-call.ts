// SPDX-License-Identifier: Apache-2.0

import type { CancelReason, Metadata, Trailers, UnaryCall } from "../h2/index.ts";
import type { SlowRequests } from "./slow-requests.ts";

/** A call that is warned about when its answer takes too long. */
export class TimedCall implements UnaryCall {
  readonly #call: UnaryCall;
  readonly #slow: SlowRequests;
  readonly #startedMs: number;

  constructor(call: UnaryCall, slow: SlowRequests) {
    this.#call = call;
    this.#slow = slow;
    this.#startedMs = slow.now();
  }

  get path(): string {
    return this.#call.path;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get peerAddress(): string {
    return this.#call.peerAddress;
  }

  get deadlineMs(): number | undefined {
    return this.#call.deadlineMs;
  }

  get ended(): boolean {
    return this.#call.ended;
  }

  respond(message: Uint8Array): void {
    this.#call.respond(message);
    this.#slow.warnOther(this.path, this.peerAddress, true, this.#startedMs);
  }

  making(bytes: number): boolean {
    return this.#call.making(bytes);
  }

  respondPages(pages: readonly Uint8Array[]): void {
    this.#call.respondPages(pages);
    this.#slow.warnOther(this.path, this.peerAddress, true, this.#startedMs);
  }

  fail(code: number, message: string, trailers?: Trailers): void {
    this.#call.fail(code, message, trailers);
    this.#slow.warnOther(this.path, this.peerAddress, false, this.#startedMs);
  }

  onCancel(listener: (reason: CancelReason) => void): void {
    this.#call.onCancel(listener);
  }
}
