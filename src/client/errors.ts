// SPDX-License-Identifier: Apache-2.0

import { GrpcCode, rpcErrors } from "../api/rpc-errors.ts";

const codeNames: Readonly<Record<number, string>> = {
  0: "OK",
  1: "Canceled",
  2: "Unknown",
  3: "InvalidArgument",
  4: "DeadlineExceeded",
  5: "NotFound",
  6: "AlreadyExists",
  7: "PermissionDenied",
  8: "ResourceExhausted",
  9: "FailedPrecondition",
  10: "Aborted",
  11: "OutOfRange",
  12: "Unimplemented",
  13: "Internal",
  14: "Unavailable",
  15: "DataLoss",
  16: "Unauthenticated",
};

// Texts of the error table that clients do not turn back into errors of their own.
const unmapped: ReadonlySet<string> = new Set([
  rpcErrors.invalidClientAPIVersion.message,
  rpcErrors.watchCanceled.message,
  "etcdserver: permission not given",
  "etcdserver: request timed out, waiting for the applied index took too long",
  "etcdserver: request canceled",
  "etcdserver: context deadline exceeded",
]);

const knownTexts: ReadonlySet<string> = new Set(
  Object.values(rpcErrors)
    .map((error) => error.message)
    .filter((message) => !unmapped.has(message)),
);

/**
 * A call that failed: the gRPC code and text. `message` is what etcd's tools print: the bare text
 * for errors of etcd, `context deadline exceeded` after the deadline, else the whole status.
 */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  /** Text of the status. */
  readonly details: string;

  constructor(code: number, details: string, options?: ErrorOptions) {
    super(describe(code, details), options);
    this.code = code;
    this.details = details;
  }

  /** Whether the text is one of etcd's error table. */
  get isEtcdError(): boolean {
    return knownTexts.has(this.details);
  }
}

function describe(code: number, details: string): string {
  if (knownTexts.has(details)) return details;
  if (code === GrpcCode.deadlineExceeded) return "context deadline exceeded";
  if (code === GrpcCode.canceled) return "context canceled";
  return statusText(code, details);
}

/** The whole status in one line. */
export function statusText(code: number, details: string): string {
  return `rpc error: code = ${codeNames[code] ?? `Code(${code})`} desc = ${details}`;
}

/** A client that cannot be made from its options. */
export class ClientOptionsError extends Error {
  override readonly name = "ClientOptionsError";
}

/** A watch that the server did not create; the message is the server's reason. */
export class WatchRefusedError extends Error {
  override readonly name = "WatchRefusedError";
}

/** An error of a grpc-js stream; anything else is passed on. */
export function toRpcError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("details" in error)) return error;
  if (typeof error.code !== "number") return error;
  return new RpcError(error.code, goDetails(error.code, String(error.details)), { cause: error });
}

/** The text of a status: grpc-js words a few failures in its own way. */
export function goDetails(code: number, details: string): string {
  if (code === GrpcCode.deadlineExceeded) return "context deadline exceeded";
  const large = /^Received message larger than max \((\d+) vs (\d+)\)$/.exec(details);
  if (large !== null) return `grpc: received message larger than max (${large[1]} vs. ${large[2]})`;
  return details;
}

/** What is said of a message above the limit of what is sent; undefined below it. */
export function sizeProblem(message: Uint8Array, bytesMax: number): RpcError | undefined {
  if (message.length <= bytesMax) return undefined;
  const details = `trying to send message larger than max (${message.length} vs. ${bytesMax})`;
  return new RpcError(GrpcCode.resourceExhausted, details);
}
