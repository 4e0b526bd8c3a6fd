// SPDX-License-Identifier: Apache-2.0

import type { RangeRequest, RequestOp, TxnRequest } from "../../api/gen/etcdserverpb.ts";
import { invariant } from "../../base/invariant.ts";
import type { Lessor } from "../lease/index.ts";
import type { MvccStore, WriteTxn } from "../mvcc/index.ts";
import { compareHolds } from "./compare.ts";
import { executeRange, type RangeSource } from "./range.ts";
import {
  type ApplyError,
  type ErrorResult,
  failed,
  type OperationResult,
  type TxnResult,
} from "./result.ts";
import { checkPut, executeDeleteRange, executePut } from "./write.ts";

/** The branch that a transaction takes, decided on the state before the whole request. */
interface TxnPlan {
  readonly succeeded: boolean;
  readonly operations: readonly RequestOp[];
  /** Plans of the nested transactions, in order of their operations. */
  readonly nested: readonly TxnPlan[];
}

function plan(source: RangeSource, txn: TxnRequest): TxnPlan {
  const succeeded = txn.compare.every((compare) => compareHolds(source, compare));
  const operations = succeeded ? txn.success : txn.failure;
  const nested: TxnPlan[] = [];
  for (const operation of operations) {
    if (operation.requestTxn !== undefined) nested.push(plan(source, operation.requestTxn));
  }
  return { succeeded, operations, nested };
}

/** Finds what forbids any operation of the taken branches, so that execution cannot fail. */
function check(
  store: MvccStore,
  leases: Lessor | undefined,
  taken: TxnPlan,
): ApplyError | undefined {
  let next = 0;
  for (const operation of taken.operations) {
    let error: ApplyError | undefined;
    if (operation.requestRange !== undefined) {
      error = checkReadRevision(store, operation.requestRange.revision);
    } else if (operation.requestPut !== undefined) {
      invariant(leases !== undefined, "a write in a transaction of reads");
      error = checkPut(store, leases, operation.requestPut);
    } else if (operation.requestTxn !== undefined) {
      error = check(store, leases, planAt(taken, next++));
    }
    if (error !== undefined) return error;
  }
  return undefined;
}

/**
 * A range inside a transaction is stricter than one of its own: a negative revision is held
 * against the compact revision (-1 when nothing was ever compacted).
 */
function checkReadRevision(store: MvccStore, revision: number): ApplyError | undefined {
  if (revision === 0) return undefined;
  if (revision > store.currentRevision) return "futureRevision";
  return revision < store.compactRevision ? "compacted" : undefined;
}

function planAt(parent: TxnPlan, index: number): TxnPlan {
  const nested = parent.nested[index];
  invariant(nested !== undefined, "a nested transaction without a plan");
  return nested;
}

/** Runs the taken branches against one write transaction. */
class TxnRun {
  readonly #txn: WriteTxn;
  readonly #begin: number;
  #changed = false;

  constructor(txn: WriteTxn, begin: number) {
    this.#txn = txn;
    this.#begin = begin;
  }

  get revision(): number {
    return this.#changed ? this.#begin + 1 : this.#begin;
  }

  run(taken: TxnPlan): OperationResult[] {
    let next = 0;
    return taken.operations.map((operation) => {
      if (operation.requestTxn === undefined) return this.#single(operation);
      const nested = planAt(taken, next++);
      const responses = this.run(nested);
      // Only the outermost header carries a revision; that of a nested one stays zero.
      return { kind: "txn", revision: 0, succeeded: nested.succeeded, responses };
    });
  }

  #single(operation: RequestOp): OperationResult {
    if (operation.requestPut !== undefined) {
      this.#changed = true;
      return executePut(this.#txn, operation.requestPut);
    }
    if (operation.requestDeleteRange !== undefined) {
      const result = executeDeleteRange(this.#txn, operation.requestDeleteRange);
      if (result.deleted > 0) this.#changed = true;
      return { ...result, revision: this.revision };
    }
    invariant(operation.requestRange !== undefined, "an operation without a request");
    return rangeOf(this.#txn, operation.requestRange, this.revision);
  }
}

function rangeOf(
  source: RangeSource,
  request: NonNullable<RequestOp["requestRange"]>,
  revision: number,
): OperationResult {
  const result = executeRange(source, request);
  invariant(result.kind === "range", "a checked range was refused");
  return { ...result, revision };
}

/** Executes a transaction; on an error nothing is written. `end` closes the write transaction. */
export function executeTxn(
  store: MvccStore,
  leases: Lessor,
  request: TxnRequest,
  end: (txn: WriteTxn) => void,
): TxnResult | ErrorResult {
  const taken = plan(store, request);
  const error = check(store, leases, taken);
  if (error !== undefined) return failed(error);
  const begin = store.currentRevision;
  const txn = store.write();
  const run = new TxnRun(txn, begin);
  const responses = run.run(taken);
  end(txn);
  return { kind: "txn", revision: run.revision, succeeded: taken.succeeded, responses };
}

/** Executes a transaction of reads only, on the store as it stands. */
export function executeReadTxn(store: MvccStore, request: TxnRequest): TxnResult | ErrorResult {
  const taken = plan(store, request);
  const error = check(store, undefined, taken);
  if (error !== undefined) return failed(error);
  const revision = store.currentRevision;
  return { kind: "txn", revision, succeeded: taken.succeeded, responses: read(store, taken) };
}

function read(store: MvccStore, taken: TxnPlan): OperationResult[] {
  let next = 0;
  return taken.operations.map((operation) => {
    if (operation.requestTxn !== undefined) {
      const nested = planAt(taken, next++);
      const { succeeded } = nested;
      return { kind: "txn", revision: 0, succeeded, responses: read(store, nested) };
    }
    invariant(operation.requestRange !== undefined, "a write in a transaction of reads");
    return rangeOf(store, operation.requestRange, store.currentRevision);
  });
}

/** A transaction of reads: the ranges of the branches taken, and the shape of their answer. */
export interface ReadTxnPlan {
  readonly succeeded: boolean;
  readonly operations: readonly (RangeRequest | ReadTxnPlan)[];
}

/**
 * Decides a transaction of reads without reading its ranges. They may be read from now on, each by
 * itself: all of them ask for the revision of this moment, or for the one that they named.
 */
export function planReadTxn(
  store: MvccStore,
  request: TxnRequest,
): { readonly kind: "plan"; readonly plan: ReadTxnPlan; readonly revision: number } | ErrorResult {
  const taken = plan(store, request);
  const error = check(store, undefined, taken);
  if (error !== undefined) return failed(error);
  const revision = store.currentRevision;
  return { kind: "plan", plan: readPlan(taken, revision), revision };
}

function readPlan(taken: TxnPlan, current: number): ReadTxnPlan {
  let next = 0;
  const operations = taken.operations.map((operation): RangeRequest | ReadTxnPlan => {
    if (operation.requestTxn !== undefined) return readPlan(planAt(taken, next++), current);
    const range = operation.requestRange;
    invariant(range !== undefined, "a write in a transaction of reads");
    return { ...range, revision: range.revision > 0 ? range.revision : current };
  });
  return { succeeded: taken.succeeded, operations };
}

/** Whether any branch, at any depth, reads more than single keys. */
export function readsManyKeys(request: TxnRequest): boolean {
  return [...request.success, ...request.failure].some(
    ({ requestRange, requestTxn }) =>
      (requestRange !== undefined && requestRange.rangeEnd.length > 0) ||
      (requestTxn !== undefined && readsManyKeys(requestTxn)),
  );
}

/** Whether no branch, at any depth, writes. */
export function isReadOnly(request: TxnRequest): boolean {
  return [...request.success, ...request.failure].every(
    (operation) =>
      operation.requestRange !== undefined ||
      (operation.requestTxn !== undefined && isReadOnly(operation.requestTxn)),
  );
}

/** Whether every range, at any depth, allows an answer from local state. */
export function isSerializable(request: TxnRequest): boolean {
  return [...request.success, ...request.failure].every(
    (operation) =>
      operation.requestRange?.serializable === true ||
      (operation.requestTxn !== undefined && isSerializable(operation.requestTxn)),
  );
}
