// SPDX-License-Identifier: Apache-2.0

/** A broken invariant: a programming error. The process must stop; nobody may catch and go on. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * Throws an `InvariantError` unless `condition` holds. Always on. Where every write passes, a
 * message that has to be put together is given as a function: it costs nothing while all is well.
 */
export function invariant(condition: unknown, message: string | (() => string)): asserts condition {
  if (condition) return;
  throw new InvariantError(typeof message === "string" ? message : message());
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${String(value)}`);
}
