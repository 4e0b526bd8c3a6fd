// SPDX-License-Identifier: Apache-2.0

/**
 * A client of an etcd cluster over gRPC.
 *
 * `Client` holds one channel per endpoint: without TLS a connection of its own for unary calls and
 * snapshots, otherwise, and for other streams, one of grpc-js. A call goes to the next endpoint
 * whose channel is up; while none is, it waits, within its deadline, instead of failing at once. A
 * read that met an unavailable server is repeated, up to 100 times; a write never is, unless nothing was sent.
 * After each round of a quorum of endpoints there is a pause of about 25 ms.
 *
 * Requests and responses are the generated messages of `api/gen`; a method descriptor such as
 * `KVService.put` says how they are spelled. Failures are `RpcError`s with the gRPC code.
 *
 * A watch is a stream of answers that outlives its connection: when that breaks, it is opened
 * anew at the revision after the last event that was handed out. A watch session is several of them
 * on one stream.
 */
export { Client, type Repeatable } from "./client.ts";
export { parseEndpoint } from "./endpoint.ts";
export { ClientOptionsError, RpcError, statusText, WatchRefusedError } from "./errors.ts";
export { keepAliveOnce, leaseKeepAlives } from "./lease-keep-alive.ts";
export type { AttemptFailure, CallOptions, ClientOptions, TlsOptions } from "./options.ts";
export { rangeStream } from "./range-stream.ts";
export { type SnapshotTaker, snapshotStream } from "./snapshot-stream.ts";
export { WatchSession } from "./watch-session.ts";
export { WatchStream } from "./watch-stream.ts";
