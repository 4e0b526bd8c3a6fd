// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../alarm/index.ts";
import type { LeaseRefusal } from "../lease/index.ts";
import type { Member, MembershipRefusal } from "../membership/index.ts";
import type { KvView } from "../mvcc/index.ts";

/** Why a request changed nothing. `server/grpc/error-status` gives each its code and text. */
export type ApplyError =
  | "keyNotFound"
  | "compacted"
  | "futureRevision"
  | "noSpace"
  | "corrupt"
  | LeaseRefusal;

/**
 * What of a pair goes into an answer: all of it; all but the value; or, for keys-only reads
 * that are served from the index alone, neither value nor lease.
 */
export type KvProjection = "full" | "withoutValue" | "indexOnly";

export interface RangeResult {
  readonly kind: "range";
  /** Empty when the pairs went to a sink. */
  readonly kvs: readonly KvView[];
  /** How many are answered. */
  readonly pairs: number;
  readonly projection: KvProjection;
  readonly more: boolean;
  readonly count: number;
  readonly revision: number;
}

export interface PutResult {
  readonly kind: "put";
  readonly revision: number;
  readonly previous: KvView | undefined;
}

export interface DeleteRangeResult {
  readonly kind: "deleteRange";
  readonly revision: number;
  readonly deleted: number;
  readonly previous: readonly KvView[];
}

export interface TxnResult {
  readonly kind: "txn";
  readonly revision: number;
  readonly succeeded: boolean;
  readonly responses: readonly OperationResult[];
}

/** What one operation of a transaction answers. */
export type OperationResult = RangeResult | PutResult | DeleteRangeResult | TxnResult;

export interface CompactionResult {
  readonly kind: "compaction";
  readonly revision: number;
}

export interface LeaseGrantResult {
  readonly kind: "leaseGrant";
  readonly id: bigint;
  /** As granted, in seconds. */
  readonly ttl: number;
  /** The store's revision when it was granted. */
  readonly storeRevision: number;
}

export interface LeaseRevokeResult {
  readonly kind: "leaseRevoke";
  /** The store's revision, with the deletes of the lease's keys. */
  readonly storeRevision: number;
}

export interface AlarmResult {
  readonly kind: "alarm";
  /** What was asked for, raised or taken away. */
  readonly alarms: readonly Alarm[];
}

/** A request without an answer of its own, such as a cluster version. */
export interface DoneResult {
  readonly kind: "done";
}

export interface ErrorResult {
  readonly kind: "error";
  readonly error: ApplyError;
}

/** A change of the members was made. */
export interface MembersResult {
  readonly kind: "members";
  /** As they are after it, ascending by ID. */
  readonly members: readonly Member[];
}

/** A change of the members did not fit them, and changed nothing. */
export interface MembersRefusedResult {
  readonly kind: "membersRefused";
  readonly refusal: MembershipRefusal;
}

export type ApplyResult =
  | OperationResult
  | CompactionResult
  | LeaseGrantResult
  | LeaseRevokeResult
  | AlarmResult
  | DoneResult
  | ErrorResult
  | MembersResult
  | MembersRefusedResult;

export function failed(error: ApplyError): ErrorResult {
  return { kind: "error", error };
}
