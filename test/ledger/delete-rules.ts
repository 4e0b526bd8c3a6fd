// SPDX-License-Identifier: Apache-2.0

import { type Change, replay, type StoreView } from "./changes.ts";
import { type Attempt, acknowledgement, ofKind, shortTtlSeconds } from "./operations.ts";

/** What deleted the keys of a revision; "either" when two causes would do. */
type Cause = "delete" | "lease" | "either" | undefined;

/**
 * Every deletion has a cause, acknowledged deletes deleted what they say, and a lease takes all of
 * its keys at once and is never written under again.
 */
export function checkDeletes(attempts: readonly Attempt[], store: StoreView): string[] {
  const rules = new DeleteRules(attempts);
  for (const change of replay(store)) rules.check(change);
  return rules.violations;
}

/** Looks at the changes one by one, in order. */
class DeleteRules {
  readonly violations: string[] = [];
  /** Keys of acknowledged deletes that deleted, by revision. */
  readonly #deleted = new Map<number, string>();
  /** Keys of acknowledged deletes that found nothing, by revision. */
  readonly #absent = new Map<number, string[]>();
  /** Keys of deletes without an answer; each explains one deletion and is then taken out. */
  readonly #unanswered: string[] = [];
  /** Revisions of acknowledged revokes, by lease. */
  readonly #revoked = new Map<bigint, number>();
  /** Leases that may end at any revision: short ones, and those of revokes without an answer. */
  readonly #ending = new Set<bigint>();
  /** Revisions at which leases ended for sure. */
  readonly #endedAt = new Map<bigint, number>();

  constructor(attempts: readonly Attempt[]) {
    for (const attempt of ofKind(attempts, "delete")) {
      const answer = acknowledgement(attempt);
      if (answer === undefined) this.#unanswered.push(attempt.key);
      else if (answer.deleted > 0) this.#deleted.set(answer.revision, attempt.key);
      else {
        const keys = this.#absent.get(answer.revision) ?? [];
        this.#absent.set(answer.revision, [...keys, attempt.key]);
      }
    }
    for (const attempt of ofKind(attempts, "revoke")) {
      const revision = acknowledgement(attempt)?.revision;
      if (revision === undefined) this.#ending.add(attempt.lease);
      else this.#revoked.set(attempt.lease, revision);
    }
    for (const { lease, ttlSeconds } of ofKind(attempts, "grant")) {
      if (ttlSeconds <= shortTtlSeconds) this.#ending.add(lease);
    }
  }

  check(change: Change): void {
    this.#checkLeasesOfPuts(change);
    this.#checkDeleted(change);
    this.#checkAbsent(change);
    this.#checkRevoked(change);
  }

  #checkLeasesOfPuts({ puts }: Change): void {
    for (const { value, lease } of puts) {
      const end = this.#endedAt.get(lease);
      if (end === undefined) continue;
      this.violations.push(`${value} has lease ${lease}, which ended at ${end}`);
    }
  }

  #checkDeleted(change: Change): void {
    const { revision, deleted } = change;
    const names = deleted.map(({ key }) => key).join(", ");
    const due = this.#deleted.get(revision);
    if (due !== undefined && due !== names) {
      const found = names === "" ? "nothing" : names;
      this.violations.push(`${due} was deleted at ${revision}, which deleted ${found}`);
      return;
    }
    if (deleted.length === 0) return;
    const cause = this.#causeOf(change);
    if (cause === undefined) {
      this.violations.push(`revision ${revision} deleted ${names} without a cause`);
    }
    const lease = deleted[0]?.lease;
    if (cause === "lease" && lease !== undefined) this.#endedAt.set(lease, revision);
  }

  #checkAbsent({ revision, pairs }: Change): void {
    for (const key of this.#absent.get(revision) ?? []) {
      if (!pairs.has(key)) continue;
      this.violations.push(`${key} was not there to delete at ${revision}, but is`);
    }
  }

  #checkRevoked({ revision, pairs }: Change): void {
    for (const { key, lease } of pairs.values()) {
      const end = this.#revoked.get(lease);
      if (end !== revision) continue;
      this.violations.push(`${key} has lease ${lease}, which was revoked at ${end}`);
    }
    for (const [lease, end] of this.#revoked) {
      if (end === revision) this.#endedAt.set(lease, end);
    }
  }

  #causeOf(change: Change): Cause {
    const { revision, deleted } = change;
    if (this.#deleted.has(revision)) return "delete";
    const lease = wholeLease(change);
    if (lease !== undefined && this.#revoked.get(lease) === revision) return "lease";
    const isLease = lease !== undefined && this.#ending.has(lease);
    const only = deleted.length === 1 ? deleted[0]?.key : undefined;
    const index = only === undefined ? -1 : this.#unanswered.indexOf(only);
    if (index < 0) return isLease ? "lease" : undefined;
    if (isLease) return "either";
    this.#unanswered.splice(index, 1);
    return "delete";
  }
}

/** The lease of all deleted pairs, when it has no other pair left. */
function wholeLease({ deleted, pairs }: Change): bigint | undefined {
  const lease = deleted[0]?.lease;
  if (lease === undefined || lease === 0n) return undefined;
  if (deleted.some((pair) => pair.lease !== lease)) return undefined;
  for (const pair of pairs.values()) if (pair.lease === lease) return undefined;
  return lease;
}
