// SPDX-License-Identifier: Apache-2.0
// What a client hears that sends bytes which are not the message of the method: the words of Go's
// gRPC library, which has others for unary calls than for streams.

import { GrpcCode, type RpcError } from "../../api/rpc-errors.ts";
import { WireError } from "../../base/wire-reader.ts";

/** The status of a unary call whose request could not be decoded; throws any other error on. */
export function malformedRequest(error: unknown): RpcError {
  return refusalOf("grpc: error unmarshalling request", error);
}

/** The same for a message of a stream. */
export function malformedMessage(error: unknown): RpcError {
  return refusalOf("grpc: failed to unmarshal the received message", error);
}

function refusalOf(where: string, error: unknown): RpcError {
  if (!(error instanceof WireError)) throw error;
  return { code: GrpcCode.internal, message: `${where}: ${error.textOfGo}` };
}
