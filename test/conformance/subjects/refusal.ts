// SPDX-License-Identifier: Apache-2.0

import { status } from "@grpc/grpc-js";
import { expect } from "vitest";

/** A gRPC error by the name of its code and its whole message. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export function refusal(code: keyof typeof status, message: string): Refusal {
  return { code, message };
}

/** The refusals that many cases expect, word for word. */
export const refused = {
  noKey: refusal("INVALID_ARGUMENT", "etcdserver: key is not provided"),
  keyNotFound: refusal("INVALID_ARGUMENT", "etcdserver: key not found"),
  badSort: refusal("INVALID_ARGUMENT", "etcdserver: invalid sort option"),
  duplicateKey: refusal("INVALID_ARGUMENT", "etcdserver: duplicate key given in txn request"),
  tooManyOps: refusal("INVALID_ARGUMENT", "etcdserver: too many operations in txn request"),
  tooLarge: refusal("INVALID_ARGUMENT", "etcdserver: request is too large"),
  valueGiven: refusal("INVALID_ARGUMENT", "etcdserver: value is provided"),
  leaseGiven: refusal("INVALID_ARGUMENT", "etcdserver: lease is provided"),
  leaseNotFound: refusal("NOT_FOUND", "etcdserver: requested lease not found"),
  noSpace: refusal("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded"),
  corrupt: refusal("DATA_LOSS", "etcdserver: corrupt cluster"),
  compacted: refusal("OUT_OF_RANGE", "etcdserver: mvcc: required revision has been compacted"),
  future: refusal("OUT_OF_RANGE", "etcdserver: mvcc: required revision is a future revision"),
} as const;

function isServiceError(error: unknown): error is { code: number; details: string } {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "number" &&
    "details" in error &&
    typeof error.details === "string"
  );
}

/** What an error of the gRPC client says; anything else is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!isServiceError(error)) throw error;
  return { code: status[error.code] ?? String(error.code), message: error.details };
}

/** Expects the call to fail with exactly this code and text. */
export async function expectRefusal(call: Promise<unknown>, wanted: Refusal): Promise<void> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => refusalOf(error),
  );
  expect(outcome).toEqual(wanted);
}
