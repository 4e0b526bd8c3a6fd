// SPDX-License-Identifier: Apache-2.0
// What writers noted of every request that they sent.

export interface Acknowledgement {
  /** Of the answer's header. */
  readonly revision: number;
  /** Place in the one order of all starts and ends that the writers noted. */
  readonly endedAt: number;
  /** Keys that a delete deleted; 0 for everything else. */
  readonly deleted: number;
}

/**
 * What became of a request: an answer, a refusal that says for sure that nothing happened, or no
 * answer, after which it may have happened or not.
 */
export type Outcome = Acknowledgement | "refused" | "unanswered";

interface Request {
  /** In the same order as `endedAt`. */
  readonly startedAt: number;
  readonly outcome: Outcome;
}

/** Values are unique, so a value names its put. */
export interface Put extends Request {
  readonly kind: "put";
  readonly key: string;
  readonly value: string;
  /** 0 for none. */
  readonly lease: bigint;
}

export interface Delete extends Request {
  readonly kind: "delete";
  readonly key: string;
}

/** IDs are unique: a lease is granted once. */
export interface Grant extends Request {
  readonly kind: "grant";
  readonly lease: bigint;
  readonly ttlSeconds: number;
}

export interface Revoke extends Request {
  readonly kind: "revoke";
  readonly lease: bigint;
}

export type Attempt = Put | Delete | Grant | Revoke;

/** Leases that end by themselves during a run; all others outlive it. */
export const shortTtlSeconds = 2;
export const longTtlSeconds = 86_400;

export function acknowledgement(attempt: Attempt): Acknowledgement | undefined {
  return typeof attempt.outcome === "string" ? undefined : attempt.outcome;
}

/** The attempts of one kind. */
export function ofKind<K extends Attempt["kind"]>(
  attempts: readonly Attempt[],
  kind: K,
): Extract<Attempt, { kind: K }>[] {
  return attempts.filter((each): each is Extract<Attempt, { kind: K }> => each.kind === kind);
}
