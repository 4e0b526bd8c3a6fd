// SPDX-License-Identifier: Apache-2.0
// Requests for log lines, in the form in which etcd writes them there. Values are told by their
// size alone.

import {
  type Compare,
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
  type DeleteRangeRequest,
  type PutRequest,
  type RangeRequest,
  type RequestOp,
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
  type TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { goQuoteBytes } from "../../base/go-quote.ts";
import type { Request } from "../../core/apply/index.ts";

/** A field of protobuf's text form; what is zero is left out. */
type Field = readonly [name: string, value: string | number | bigint | boolean];

function isZero(value: Field[1]): boolean {
  return value === "" || value === 0 || value === 0n || value === false;
}

function fieldsText(fields: readonly Field[]): string {
  const given = fields.filter(([, value]) => !isZero(value));
  return given.map(([name, value]) => `${name}:${value}`).join(" ");
}

function bytesText(bytes: Uint8Array): string {
  return bytes.length === 0 ? "" : goQuoteBytes(bytes);
}

function enumText(names: Readonly<Record<string, number>>, number: number): string {
  if (number === 0) return "";
  return Object.entries(names).find(([, value]) => value === number)?.[0] ?? String(number);
}

function rangeText(range: RangeRequest): string {
  return fieldsText([
    ["key", bytesText(range.key)],
    ["range_end", bytesText(range.rangeEnd)],
    ["limit", range.limit],
    ["revision", range.revision],
    ["sort_order", enumText(SortOrder, range.sortOrder)],
    ["sort_target", enumText(SortTarget, range.sortTarget)],
    ["serializable", range.serializable],
    ["keys_only", range.keysOnly],
    ["count_only", range.countOnly],
    ["min_mod_revision", range.minModRevision],
    ["max_mod_revision", range.maxModRevision],
    ["min_create_revision", range.minCreateRevision],
    ["max_create_revision", range.maxCreateRevision],
  ]);
}

/** In the older text form, which ends with a space. */
function putText(put: PutRequest): string {
  const text = fieldsText([
    ["key", bytesText(put.key)],
    ["value_size", put.value.length],
    ["lease", put.lease],
    ["prev_kv", put.prevKv],
    ["ignore_value", put.ignoreValue],
    ["ignore_lease", put.ignoreLease],
  ]);
  return `${text} `;
}

function deleteRangeText({ key, rangeEnd, prevKv }: DeleteRangeRequest): string {
  return fieldsText([
    ["key", bytesText(key)],
    ["range_end", bytesText(rangeEnd)],
    ["prev_kv", prevKv],
  ]);
}

function compareText(compare: Compare): string {
  const head = fieldsText([
    ["result", enumText(CompareResult, compare.result)],
    ["target", enumText(CompareTarget, compare.target)],
    ["key", bytesText(compare.key)],
  ]);
  const end = fieldsText([["range_end", bytesText(compare.rangeEnd)]]);
  return [head, operandText(compare), end].filter((part) => part !== "").join(" ");
}

/** The operand is told even when it is zero, as long as it was given. */
function operandText(compare: Compare): string {
  const { version, createRevision, modRevision, value, lease } = compare;
  if (version !== undefined) return `version:${version}`;
  if (createRevision !== undefined) return `create_revision:${createRevision}`;
  if (modRevision !== undefined) return `mod_revision:${modRevision}`;
  if (value !== undefined) return `value_size:${value.length} `;
  return lease === undefined ? "" : `lease:${lease}`;
}

function operationText(operation: RequestOp): string {
  const { requestRange, requestPut, requestDeleteRange, requestTxn } = operation;
  if (requestPut !== undefined) return `request_put:<${putText(requestPut)}>`;
  if (requestTxn !== undefined) return `request_txn:<${txnText(requestTxn)}>`;
  if (requestRange !== undefined) return `request_range:{${rangeText(requestRange)}}`;
  if (requestDeleteRange === undefined) return "";
  return `request_delete_range:{${deleteRangeText(requestDeleteRange)}}`;
}

function txnText({ compare, success, failure }: TxnRequest): string {
  const compares = compare.map(compareText).join(" ");
  const then = success.map(operationText).join(" ");
  const otherwise = failure.map(operationText).join(" ");
  return `compare:<${compares}> success:<${then}> failure:<${otherwise}>`;
}

/** The request alone. */
export function describeRequest(request: Request): string {
  switch (request.kind) {
    case "range":
      return rangeText(request.range);
    case "put":
      return putText(request.put);
    case "deleteRange":
      return deleteRangeText(request.deleteRange);
    case "txn":
      return txnText(request.txn);
    case "compaction":
      return fieldsText([
        ["revision", request.compaction.revision],
        ["physical", request.compaction.physical],
      ]);
    case "leaseGrant":
      return `ttl:${request.grant.TTL}-second id:${request.grant.ID.toString(16)}`;
    case "leaseRevoke":
      return `id:${BigInt.asUintN(64, request.id).toString(16)}`;
    default:
      return "";
  }
}

const LOGGED_NAMES: Readonly<Record<string, string>> = {
  put: "put",
  txn: "txn",
  leaseGrant: "lease_grant",
  leaseRevoke: "lease_revoke",
};

/** The request with its place in the log's message. */
export function describeEntry(id: bigint, request: Request): string {
  const text = describeRequest(request);
  const name = LOGGED_NAMES[request.kind];
  if (name !== undefined) return `header:<ID:${id}> ${name}:<${text}>`;
  const plain = request.kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `header:{ID:${id}} ${plain}:{${text}}`;
}
