// SPDX-License-Identifier: Apache-2.0
/**
 * Leases: promises with an end. A key that is put with a lease is deleted when the lease is
 * revoked, and a lease that nobody keeps alive is revoked when its time is over.
 *
 * What is agreed on: a lease's ID and time to live, and, where checkpoints are on, what was left
 * of it at some moment. That is its row in the table `lease` (8 bytes ID, big-endian, to a
 * `leasepb.Lease`), the same on every member. Which keys a lease has is told by the key space,
 * which finds them by lease (`MvccStore.keysOfLease`), so opening reads the leases and no keys.
 *
 * What is not agreed on: the time. Only the leader measures it. A member that begins to lead
 * (`promote`) lets every lease run anew, plus one election timeout, and spreads them; one that
 * stops leading (`demote`) lets none end. Expiry never changes state by itself: the leader
 * proposes a revoke. Renewals do not go through the log.
 *
 * Invariants: a lease never ends before its time; a lease has one entry in the queue of
 * expiries while the member leads, so that a look costs nothing per lease that has not ended.
 *
 * Limits: `EXPIRED_PER_INTERVAL_MAX` per `EXPIRY_INTERVAL_MS`, `REVOKES_IN_FLIGHT_MAX` proposals
 * at once, `REVOKES_WAITING_MAX` waiting (then none are taken until there is room),
 * `PROMOTED_EXPIRIES_PER_SECOND` after a change of leader, `CHECKPOINT_BATCH_MAX` notes in one
 * request.
 *
 * Left to others: deleting the keys of a revoked lease (`core/apply`), proposing and waiting
 * (`server/jobs`), making sure that the leader still leads (`server/grpc`).
 */
export { CHECKPOINT_BATCH_MAX, CHECKPOINT_INTERVAL_MS, type Checkpoint } from "./checkpoint.ts";
export type { LeaseRefusal } from "./errors.ts";
export type { Lease } from "./lease.ts";
export {
  EXPIRED_PER_INTERVAL_MAX,
  EXPIRY_INTERVAL_MS,
  Lessor,
  type LessorOptions,
  minTtlSeconds,
  type Renewal,
  TTL_SECONDS_MAX,
} from "./lessor.ts";
export { REVOKES_IN_FLIGHT_MAX, REVOKES_WAITING_MAX, Revocations } from "./revocations.ts";
