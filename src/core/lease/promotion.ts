// SPDX-License-Identifier: Apache-2.0

import type { Lease } from "./lease.ts";

/** Leases that may expire within the same second after a change of leader (etcd's value). */
export const PROMOTED_EXPIRIES_PER_SECOND = 750;

/**
 * Spreads leases that a new leader has just refreshed, so that they do not all expire at once: in
 * order of their expiry each ends at least a second after the one that many places before it.
 * None ends earlier than it would have.
 */
export function spreadExpiries(leases: Iterable<Lease>): void {
  const order = [...leases].sort((a, b) => a.expiryMs - b.expiryMs);
  for (let at = PROMOTED_EXPIRIES_PER_SECOND; at < order.length; at++) {
    const [before, lease] = [order[at - PROMOTED_EXPIRIES_PER_SECOND], order[at]];
    if (before === undefined || lease === undefined) return;
    lease.expiryMs = Math.max(lease.expiryMs, before.expiryMs + 1000);
  }
}
