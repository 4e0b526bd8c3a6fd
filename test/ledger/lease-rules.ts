// SPDX-License-Identifier: Apache-2.0

import type { LeaseView, StoreView } from "./changes.ts";
import {
  type Attempt,
  acknowledgement,
  type Grant,
  ofKind,
  type Revoke,
  shortTtlSeconds,
} from "./operations.ts";

/** Whether the lease has to be there, must not be there, or may be both. */
type Due = "alive" | "gone" | "either";

function dueOf(grant: Grant, revoke: Revoke | undefined, isSettled: boolean): Due {
  if (revoke !== undefined && revoke.outcome !== "unanswered") return "gone";
  if (grant.ttlSeconds <= shortTtlSeconds) return isSettled ? "gone" : "either";
  return revoke === undefined && grant.outcome !== "unanswered" ? "alive" : "either";
}

/** Granted leases live with their keys and time until something ends them, and then are gone. */
export function checkLeases(attempts: readonly Attempt[], store: StoreView): string[] {
  const violations: string[] = [];
  const grants = new Map(ofKind(attempts, "grant").map((each) => [each.lease, each]));
  const revokes = new Map(ofKind(attempts, "revoke").map((each) => [each.lease, each]));
  const listed = new Map(store.leases.map((each) => [each.id, each]));
  for (const grant of grants.values()) {
    const due = dueOf(grant, revokes.get(grant.lease), store.isSettled);
    const view = listed.get(grant.lease);
    if (due === "alive" && view === undefined) violations.push(`lease ${grant.lease} is lost`);
    if (due === "gone" && view !== undefined) violations.push(`lease ${grant.lease} is still here`);
    if (view === undefined) continue;
    if (view.grantedTtlSeconds !== grant.ttlSeconds) {
      violations.push(`lease ${grant.lease} has ${view.grantedTtlSeconds} s`);
    }
    const isStable = store.isSettled || grant.ttlSeconds > shortTtlSeconds;
    if (isStable) violations.push(...checkKeys(view, store));
  }
  for (const id of listed.keys()) {
    if (!grants.has(id)) violations.push(`lease ${id} was never asked for`);
  }
  for (const { key, lease } of store.latest) {
    const grant = grants.get(lease);
    const isStable = store.isSettled || (grant?.ttlSeconds ?? 0) > shortTtlSeconds;
    if (lease === 0n || listed.has(lease) || !isStable) continue;
    violations.push(`${key} has lease ${lease}, which is gone`);
  }
  return [...violations, ...checkRefusals(attempts, grants, revokes)];
}

/** A lease lists exactly the keys that say they have it. */
function checkKeys(view: LeaseView, store: StoreView): string[] {
  const due = store.latest.filter(({ lease }) => lease === view.id).map(({ key }) => key);
  const listed = view.keys.toSorted().join(", ");
  const expected = due.sort().join(", ");
  if (listed === expected) return [];
  return [`lease ${view.id} lists [${listed}], its keys are [${expected}]`];
}

/** Only a lease that may have ended, or may never have been granted, refuses. */
function checkRefusals(
  attempts: readonly Attempt[],
  grants: ReadonlyMap<bigint, Grant>,
  revokes: ReadonlyMap<bigint, Revoke>,
): string[] {
  const violations: string[] = [];
  for (const attempt of attempts) {
    if (attempt.outcome !== "refused") continue;
    const lease = attempt.kind === "put" || attempt.kind === "revoke" ? attempt.lease : undefined;
    const grant = lease === undefined ? undefined : grants.get(lease);
    const mayHaveEnded =
      grant !== undefined &&
      (grant.ttlSeconds <= shortTtlSeconds ||
        acknowledgement(grant) === undefined ||
        (attempt.kind === "put" && revokes.has(grant.lease)));
    if (!mayHaveEnded) violations.push(`a ${attempt.kind} with lease ${lease} was refused`);
  }
  return violations;
}
