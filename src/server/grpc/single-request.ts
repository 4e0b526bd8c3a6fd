// SPDX-License-Identifier: Apache-2.0

import { GrpcCode, type RpcError } from "../../api/rpc-errors.ts";
import type { StreamCall, StreamListener } from "../h2/index.ts";
import { malformedMessage } from "./malformed.ts";

const NO_MESSAGE =
  "cardinality violation: received no request message from non-client-streaming RPC";
const TWO_MESSAGES =
  "cardinality violation: received multiple request messages for non-client-streaming RPC";

/** What a method that answers one request with a stream does. */
export interface SingleRequest {
  /** Reads the message, whose memory is reused afterwards. May throw `WireError`. */
  read(message: Uint8Array): void;
  /** The client has sent the one request that was read, and nothing else. */
  begin(): void;
  onCancel(): void;
  onDrain?(): void;
}

/** Holds a client to exactly one request, in the words of Go's gRPC library. */
export function singleRequest(call: StreamCall, method: SingleRequest): StreamListener {
  let requests = 0;
  const fail = ({ code, message }: RpcError): void => {
    method.onCancel();
    call.fail(code, message);
  };
  return {
    onMessage: (message) => {
      if (call.ended) return;
      requests++;
      if (requests > 1) return fail({ code: GrpcCode.internal, message: TWO_MESSAGES });
      try {
        method.read(message);
      } catch (error) {
        fail(malformedMessage(error));
      }
    },
    onHalfClose: () => {
      if (call.ended) return;
      if (requests === 0) return fail({ code: GrpcCode.internal, message: NO_MESSAGE });
      method.begin();
    },
    onCancel: () => method.onCancel(),
    onDrain: () => method.onDrain?.(),
  };
}
