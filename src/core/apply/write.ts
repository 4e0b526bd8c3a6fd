// SPDX-License-Identifier: Apache-2.0

import type { DeleteRangeRequest, PutRequest } from "../../api/gen/etcdserverpb.ts";
import { EMPTY_BYTES } from "../../base/bytes.ts";
import type { Lessor } from "../lease/index.ts";
import type { KvView, WriteTxn } from "../mvcc/index.ts";
import type { RangeSource } from "./range.ts";
import type { ApplyError, DeleteRangeResult, PutResult } from "./result.ts";

function current(source: RangeSource, key: Uint8Array): KvView | undefined {
  const selected = source.range(key, EMPTY_BYTES, {
    revision: 0,
    limit: 1,
    countOnly: false,
    keysOnly: false,
  });
  return selected.kind === "ok" ? selected.kvs[0] : undefined;
}

/** What forbids a put on this state; checked before anything of its request is written. */
export function checkPut(
  source: RangeSource,
  leases: Lessor,
  put: PutRequest,
): ApplyError | undefined {
  if (put.lease !== 0n && !leases.has(put.lease)) return "leaseNotFound";
  if ((put.ignoreValue || put.ignoreLease) && current(source, put.key) === undefined) {
    return "keyNotFound";
  }
  return undefined;
}

/** Writes one pair; `checkPut` has passed. */
export function executePut(txn: WriteTxn, put: PutRequest): PutResult {
  const { ignoreValue, ignoreLease } = put;
  const needsPrevious = ignoreValue || ignoreLease || put.prevKv;
  const previous = needsPrevious ? current(txn, put.key) : undefined;
  const value = ignoreValue && previous !== undefined ? previous.value : put.value;
  const lease = ignoreLease && previous !== undefined ? previous.lease : put.lease;
  const revision = txn.put(put.key, value, lease);
  return { kind: "put", revision, previous: put.prevKv ? previous : undefined };
}

/** Deletes the live keys of a range. `revision` is filled in by the caller's transaction. */
export function executeDeleteRange(
  txn: WriteTxn,
  request: DeleteRangeRequest,
): Omit<DeleteRangeResult, "revision"> {
  const { deleted, previous } = txn.deleteRange(request.key, request.rangeEnd);
  return { kind: "deleteRange", deleted, previous: request.prevKv ? previous : [] };
}
