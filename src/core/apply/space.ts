// SPDX-License-Identifier: Apache-2.0

import type { PutRequest, RequestOp, TxnRequest } from "../../api/gen/etcdserverpb.ts";
import type { Request } from "./request.ts";

/** What is counted beside key and value of a put. */
const PUT_OVERHEAD_BYTES = 256;
const LEASE_BYTES = 64;

/** Tells whether the member's own store may grow; a local matter that never changes the state. */
export interface SpaceQuota {
  /** Whether something of this cost fits in, in bytes. */
  hasRoomFor(cost: number): boolean;
}

/**
 * What a request may add to the store, in bytes, as etcd estimates it: only puts and grants cost
 * anything, and of a transaction's branches the larger one counts.
 */
export function spaceCost(request: Request): number {
  switch (request.kind) {
    case "put":
      return putCost(request.put);
    case "txn":
      return txnCost(request.txn);
    case "leaseGrant":
      return LEASE_BYTES;
    default:
      return 0;
  }
}

function putCost({ key, value }: PutRequest): number {
  return PUT_OVERHEAD_BYTES + key.length + value.length;
}

function txnCost({ success, failure }: TxnRequest): number {
  return Math.max(branchCost(success), branchCost(failure));
}

function branchCost(operations: readonly RequestOp[]): number {
  let cost = 0;
  for (const { requestPut, requestTxn } of operations) {
    if (requestPut !== undefined) cost += putCost(requestPut);
    else if (requestTxn !== undefined) cost += txnCost(requestTxn);
  }
  return cost;
}
