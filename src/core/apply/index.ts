// SPDX-License-Identifier: Apache-2.0
/**
 * Apply: what a committed request does to the state. The only place where the key space, leases,
 * alarms and membership meet.
 *
 * A normal entry carries one request (`request.ts` reads and writes its bytes). The applier
 * executes it against the MVCC store and answers with data: pairs as stored bytes, counts and
 * revisions, or an error code. It never fails half way: whatever can forbid a request is checked
 * on the state before it, so a refused request changes nothing but the consistent index.
 *
 * Invariants: apply is a pure function of state and entry, so that all members reach the same
 * hash (formats-apply I.11); one request that changes keys takes exactly one new revision, one
 * that changes none takes no revision; compares of a transaction, nested ones too, see the state
 * before the whole request, while its reads see its earlier writes.
 *
 * Left to others: deciding which entries are new (`core/replica`), validating requests before
 * they are proposed and wording their errors (`server/grpc`).
 */

// `core/replica` translates conf changes, and knows membership only through here.
export {
  changedId,
  decodeChangeContext,
  encodeChangeContext,
  type MemberChange,
} from "../membership/index.ts";
export type { StoredEvent } from "../mvcc/index.ts";
export { Applier, type ApplierOptions } from "./applier.ts";
export { leastVersion } from "./least-version.ts";
export { executeRange, projectionOf as keyProjection } from "./range.ts";
export { type PairOutput, RangeRun } from "./range-run.ts";
export {
  type DecodedRequest,
  decodeRequest,
  type Request,
  type RequestKind,
  readRequest,
  writeRequest,
} from "./request.ts";
export type {
  AlarmResult,
  ApplyError,
  ApplyResult,
  CompactionResult,
  DeleteRangeResult,
  ErrorResult,
  KvProjection,
  LeaseGrantResult,
  LeaseRevokeResult,
  MembersRefusedResult,
  MembersResult,
  OperationResult,
  PutResult,
  RangeResult,
  TxnResult,
} from "./result.ts";
export { type SpaceQuota, spaceCost } from "./space.ts";
export {
  executeReadTxn,
  isReadOnly,
  isSerializable,
  planReadTxn,
  type ReadTxnPlan,
  readsManyKeys,
} from "./txn.ts";
