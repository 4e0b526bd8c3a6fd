// SPDX-License-Identifier: Apache-2.0

import type {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { type RpcError, rpcErrors } from "../../api/rpc-errors.ts";
import { binaryString } from "../../base/binary-string.ts";
import { KeyIntervals } from "../../base/key-intervals.ts";

const SORT_ORDER_LAST = 2;
const SORT_TARGET_LAST = 4;

/** What forbids a range before it is looked at any further. */
export function checkRange(request: RangeRequest): RpcError | undefined {
  if (request.key.length === 0) return rpcErrors.emptyKey;
  const { sortOrder, sortTarget } = request;
  if (sortOrder < 0 || sortOrder > SORT_ORDER_LAST) return rpcErrors.invalidSortOption;
  if (sortTarget < 0 || sortTarget > SORT_TARGET_LAST) return rpcErrors.invalidSortOption;
  return undefined;
}

export function checkPut(request: PutRequest): RpcError | undefined {
  if (request.key.length === 0) return rpcErrors.emptyKey;
  if (request.ignoreValue && request.value.length !== 0) return rpcErrors.valueProvided;
  if (request.ignoreLease && request.lease !== 0n) return rpcErrors.leaseProvided;
  return undefined;
}

export function checkDeleteRange(request: DeleteRangeRequest): RpcError | undefined {
  return request.key.length === 0 ? rpcErrors.emptyKey : undefined;
}

/** All rules for a transaction: sizes, each operation, and keys written twice. */
export function checkTxn(request: TxnRequest, operationsMax: number): RpcError | undefined {
  return checkTxnOperations(request, operationsMax) ?? checkTxnKeys(request);
}

/** The longest of the three lists counts; nested transactions get what it leaves over. */
function checkTxnOperations(request: TxnRequest, operationsMax: number): RpcError | undefined {
  const { compare, success, failure } = request;
  const longest = Math.max(compare.length, success.length, failure.length);
  if (longest > operationsMax) return rpcErrors.tooManyOps;
  if (compare.some((item) => item.key.length === 0)) return rpcErrors.emptyKey;
  for (const operation of [...success, ...failure]) {
    const error = checkOperation(operation, operationsMax - longest);
    if (error !== undefined) return error;
  }
  return undefined;
}

function checkOperation(operation: RequestOp, operationsMax: number): RpcError | undefined {
  const { requestRange, requestPut, requestDeleteRange, requestTxn } = operation;
  if (requestRange !== undefined) return checkRange(requestRange);
  if (requestPut !== undefined) return checkPut(requestPut);
  if (requestDeleteRange !== undefined) return checkDeleteRange(requestDeleteRange);
  if (requestTxn !== undefined) return checkTxnOperations(requestTxn, operationsMax);
  return rpcErrors.keyNotFound;
}

function checkTxnKeys(request: TxnRequest): RpcError | undefined {
  const distinct =
    writesOf(request.success) !== undefined && writesOf(request.failure) !== undefined;
  return distinct ? undefined : rpcErrors.duplicateKey;
}

/** Keys that a list of operations may put, and ranges that it may delete. */
interface Writes {
  readonly puts: Set<string>;
  readonly deletes: KeyIntervals;
}

/**
 * Collects what a list of operations may write; undefined when a key could be put twice, or put
 * and deleted. Branches of one nested transaction exclude each other; siblings do not.
 */
function writesOf(operations: readonly RequestOp[]): Writes | undefined {
  const writes: Writes = { puts: new Set(), deletes: new KeyIntervals() };
  for (const { requestDeleteRange } of operations) {
    if (requestDeleteRange !== undefined) {
      writes.deletes.add(requestDeleteRange.key, requestDeleteRange.rangeEnd);
    }
  }
  for (const { requestTxn } of operations) {
    if (requestTxn !== undefined && !addNested(writes, requestTxn)) return undefined;
  }
  for (const { requestPut } of operations) {
    if (requestPut !== undefined && !addPut(writes, binaryString(requestPut.key))) return undefined;
  }
  return writes;
}

function addNested(writes: Writes, txn: TxnRequest): boolean {
  const success = writesOf(txn.success);
  const failure = writesOf(txn.failure);
  if (success === undefined || failure === undefined) return false;
  for (const key of success.puts) if (!addPut(writes, key)) return false;
  for (const key of failure.puts) {
    if (success.puts.has(key)) continue;
    if (!addPut(writes, key)) return false;
  }
  writes.deletes.addAll(success.deletes);
  writes.deletes.addAll(failure.deletes);
  return true;
}

function addPut(writes: Writes, key: string): boolean {
  if (writes.puts.has(key) || writes.deletes.contains(key)) return false;
  writes.puts.add(key);
  return true;
}
