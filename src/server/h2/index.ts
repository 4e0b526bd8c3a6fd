// SPDX-License-Identifier: Apache-2.0

/**
 * gRPC over HTTP/2, server side, on sockets that somebody else accepts. It knows RFC 9113, RFC
 * 7541 and gRPC's framing and nothing of what the methods do.
 *
 * The way of a call: `FrameSplitter` cuts the socket's chunks into frames in place,
 * `FrameHandler` judges them, `HeaderBlocks` turns a header block into a `RequestHead` (found by
 * its bytes when the client has sent the same before), `StreamTable` opens a `UnaryStream` or a
 * `MessageStream`, whose `MessageAssembly` cuts data into messages and calls the handler. The
 * `Sender` writes the response into the connection's `Output` as far as the client's windows
 * allow and keeps the rest. Everything written in one turn leaves in one socket write.
 *
 * What holds:
 * - Handlers run in the turn in which the request's last byte arrived, synchronously. A message is
 *   lent for the call only: it may lie in the socket's buffer. What a handler hands over is copied
 *   before `respond` or `write` returns. Exceptions of handlers are not caught.
 * - A unary handler is called once, when END_STREAM has shown that the request is complete and
 *   alone. grpc-go answers without waiting for that; clients always send it.
 * - After `respond`, `end`, `fail` or a cancellation a call is `ended`; whatever its handler still
 *   does is ignored, and it hears nothing more.
 * - Stream credit is given back as messages are used up, so a paused stream stops its client;
 *   connection credit is given back at once, so it stops nobody else.
 * - Every bound has a name in `H2Limits`, and an answer there. Status texts, HTTP codes, the rules
 *   for pings and the two-step GOAWAY of a drain are those of grpc-go, which etcd serves with.
 *
 * Left to others: listening, telling HTTP/1.1 apart and TLS (`server/net`: any socket will do,
 * secured or not, once ALPN or the preface said HTTP/2), protobuf, interceptors and metrics
 * (`counters` and the endpoint's fields are there to be read). Responses are not compressed.
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
export { ErrorCode } from "./frames.ts";
export { defaultKeepalive, defaultLimits, type H2Limits, type KeepaliveOptions } from "./limits.ts";
export type { Metadata } from "./metadata.ts";
export type { Method, MethodCounters } from "./method-table.ts";
