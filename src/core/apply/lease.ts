// SPDX-License-Identifier: Apache-2.0

import type { LeaseCheckpointRequest, LeaseGrantRequest } from "../../api/gen/etcdserverpb.ts";
import { EMPTY_BYTES } from "../../base/bytes.ts";
import type { Lessor } from "../lease/index.ts";
import type { MvccStore, WriteTxn } from "../mvcc/index.ts";
import {
  type ErrorResult,
  failed,
  type LeaseGrantResult,
  type LeaseRevokeResult,
} from "./result.ts";

/** From this cluster version on every member keeps checkpoints in the lease's row. */
const CHECKPOINTS_PERSIST_SINCE = [3, 6] as const;

export function grantLease(
  store: MvccStore,
  leases: Lessor,
  { ID, TTL }: LeaseGrantRequest,
  nowMs: number,
): LeaseGrantResult | ErrorResult {
  const lease = leases.grant(ID, TTL, nowMs);
  if (typeof lease === "string") return failed(lease);
  const { id, ttl } = lease;
  return { kind: "leaseGrant", id, ttl, storeRevision: store.currentRevision };
}

/**
 * Ends a lease and deletes its keys in byte order, all in one revision; without keys there is no
 * new revision.
 */
export function revokeLease(
  store: MvccStore,
  leases: Lessor,
  id: bigint,
  end: (txn: WriteTxn) => void,
): LeaseRevokeResult | ErrorResult {
  if (!leases.has(id)) return failed("leaseNotFound");
  const keys = store.keysOfLease(id);
  if (keys.length > 0) {
    const txn = store.write();
    for (const key of keys) txn.deleteRange(key, EMPTY_BYTES);
    end(txn);
  }
  leases.revoke(id);
  return { kind: "leaseRevoke", storeRevision: store.currentRevision };
}

export function checkpointLeases(
  leases: Lessor,
  { checkpoints }: LeaseCheckpointRequest,
  nowMs: number,
  clusterVersion: string | undefined,
): void {
  const persist = persistsCheckpoints(clusterVersion);
  for (const { ID, remainingTTL } of checkpoints) {
    leases.checkpoint({ id: ID, remainingTtl: remainingTTL }, nowMs, persist);
  }
}

function persistsCheckpoints(clusterVersion: string | undefined): boolean {
  const [major = 0, minor = 0] = (clusterVersion ?? "").split(".").map(Number);
  const [sinceMajor, sinceMinor] = CHECKPOINTS_PERSIST_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}
