// SPDX-License-Identifier: Apache-2.0
/**
 * Membership: which members form the cluster, under which IDs, and the version they agree on.
 *
 * Rows (formats-db E.3): bucket `members` maps a member's ID in hex to a JSON row written byte
 * for byte as Go writes it, `members_removed` keeps the IDs that may never come back, `cluster`
 * holds the cluster version and the downgrade record. IDs are 64-bit and exceed what a JSON
 * number holds exactly, so they are read digit by digit.
 *
 * Invariants: a member's ID never changes; an ID that was removed is never added again; two
 * members never share a peer URL.
 *
 * Left to others: raft's own view of voters and learners (`core/raft`), deciding when a version
 * may rise (`server/jobs`), and every check that needs to know who is alive.
 */
export {
  changedId,
  decodeChangeContext,
  encodeChangeContext,
  type MemberChange,
  type MembershipRefusal,
} from "./change.ts";
export { ClusterMembership } from "./cluster.ts";
export { clusterIdOf, initialMemberId, type Sha1 } from "./ids.ts";
export {
  decodeAttributes,
  decodeMember,
  encodeMember,
  formatId,
  type Member,
} from "./member.ts";
