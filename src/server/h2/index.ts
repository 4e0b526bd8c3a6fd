// SPDX-License-Identifier: Apache-2.0

/**
 * gRPC over HTTP/2, server side, on sockets that somebody else accepts.
 */
export type {
  CallInfo,
  CancelReason,
  StreamCall,
  StreamHandler,
  StreamListener,
  Trailers,
  UnaryCall,
  UnaryHandler,
} from "./call.ts";
export { GrpcEndpoint, type GrpcEndpointOptions } from "./endpoint.ts";
export { clientPreface, ErrorCode } from "./frames.ts";
export { defaultKeepalive, defaultLimits, type H2Limits, type KeepaliveOptions } from "./limits.ts";
export type { Metadata } from "./metadata.ts";
export type { Method, MethodCounters } from "./method-table.ts";
export { Status } from "./status.ts";
