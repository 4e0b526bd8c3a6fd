// SPDX-License-Identifier: Apache-2.0

import type { MethodDescriptor } from "../api/message-codec.ts";
import type { Endpoint } from "./endpoint.ts";
import type { RpcError } from "./errors.ts";
import type { CallOptions } from "./options.ts";

/** What one try of a call came to. */
export type Attempt<T> =
  | { readonly kind: "answer"; readonly response: T }
  | { readonly kind: "failed"; readonly error: RpcError; readonly peer: string }
  /** No connection: nothing was sent. */
  | { readonly kind: "unconnected"; readonly problem: string };

/** A way to one endpoint that carries calls with one request. */
export interface UnaryConnection {
  readonly endpoint: Endpoint;
  readonly secure: boolean;
  readonly ready: boolean;
  /** Asks for a connection; answers when its state is no longer the present one. */
  stateChange(deadlineMs: number): Promise<void>;
  /** Sends one request once; never rejects. */
  unary<Request, Response>(
    method: MethodDescriptor<Request, Response>,
    request: Uint8Array,
    options: CallOptions,
  ): Promise<Attempt<Response>>;
  /**
   * Sends a request that a stream of messages answers. Each is given to `take`, encoded, and valid
   * during that call; what `take` throws ends the call.
   * @throws {RpcError} when the call failed
   */
  stream(
    path: string,
    request: Uint8Array,
    options: CallOptions,
    take: (message: Uint8Array) => void,
  ): Promise<void>;
  close(): void;
}
