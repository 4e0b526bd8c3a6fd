// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  CompactionRequest,
  Compare,
  Compare_CompareResult as CompareResult,
  Compare_CompareTarget as CompareTarget,
  DeleteRangeRequest,
  LeaseGrantRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import type { Request } from "../../core/apply/index.ts";
import { describeEntry, describeRequest } from "./describe-request.ts";

const key = Buffer.from("foo");
const requestPut = PutRequest.create({ key, value: Buffer.from("x") });
const requestRange = RangeRequest.create({ key });
const put: Request = { kind: "put", put: requestPut };

// The expected texts are those that etcd 3.7.1 wrote with thresholds of a nanosecond.

test("values are told by their size", () => {
  expect(describeRequest(put)).toBe('key:"foo" value_size:1 ');
  const lease = PutRequest.create({ key, lease: 7n, prevKv: true });
  expect(describeRequest({ kind: "put", put: lease })).toBe('key:"foo" lease:7 prev_kv:true ');
});

test("what a range leaves out is left out", () => {
  const range = RangeRequest.create({ key, rangeEnd: Buffer.from("fop"), serializable: true });
  const text = 'key:"foo" range_end:"fop" serializable:true';
  expect(describeRequest({ kind: "range", range })).toBe(text);
});

test("a transaction is told with its compares and both branches", () => {
  const compare = Compare.create({
    key,
    result: CompareResult.GREATER,
    target: CompareTarget.MOD,
    modRevision: 0,
  });
  const success = [RequestOp.create({ requestPut })];
  const failure = [RequestOp.create({ requestRange })];
  const txn = TxnRequest.create({ compare: [compare], success, failure });
  const text =
    'compare:<result:GREATER target:MOD key:"foo" mod_revision:0> ' +
    'success:<request_put:<key:"foo" value_size:1 >> failure:<request_range:{key:"foo"}>';
  expect(describeRequest({ kind: "txn", txn })).toBe(text);
});

test("an entry names its request, in one of two forms", () => {
  const grant = LeaseGrantRequest.create({ ID: 0x3bd4a1fc2075bd07n, TTL: 60 });
  const deleteRange = DeleteRangeRequest.create({ key });
  const compaction = CompactionRequest.create({ revision: 3 });
  const texts = [
    describeEntry(5n, put),
    describeEntry(5n, { kind: "leaseGrant", grant }),
    describeEntry(5n, { kind: "deleteRange", deleteRange }),
    describeEntry(5n, { kind: "compaction", compaction }),
  ];
  expect(texts).toEqual([
    'header:<ID:5> put:<key:"foo" value_size:1 >',
    "header:<ID:5> lease_grant:<ttl:60-second id:3bd4a1fc2075bd07>",
    'header:{ID:5} delete_range:{key:"foo"}',
    "header:{ID:5} compaction:{revision:3}",
  ]);
});
