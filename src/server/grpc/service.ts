// SPDX-License-Identifier: Apache-2.0

import type { RpcError } from "../../api/rpc-errors.ts";
import type { Method, UnaryCall, UnaryHandler } from "../h2/index.ts";

/** Unary handlers by gRPC path. */
export type UnaryMethods = ReadonlyMap<string, UnaryHandler>;

/** Methods of any kind by gRPC path. */
export type Methods = ReadonlyMap<string, Method>;

/** Ends a call with an error of the table. */
export function refuse(call: UnaryCall, error: RpcError): void {
  call.fail(error.code, error.message);
}

/** What is said of a part of the API that is not built. */
export function unsupportedText(path: string): string {
  return `etcdx: ${path.slice(1)} is not supported yet`;
}
