// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from "../../api/gen/etcdserverpb.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import { checkDeleteRange, checkPut, checkRange, checkTxn } from "./validate.ts";

const OPERATIONS_MAX = 128;
const key = (text: string): Uint8Array => Buffer.from(text);

function put(name: string): RequestOp {
  return RequestOp.create({ requestPut: PutRequest.create({ key: key(name) }) });
}
function range(name: string): RequestOp {
  return RequestOp.create({ requestRange: RangeRequest.create({ key: key(name) }) });
}
function del(name: string, end = ""): RequestOp {
  const requestDeleteRange = DeleteRangeRequest.create({ key: key(name), rangeEnd: key(end) });
  return RequestOp.create({ requestDeleteRange });
}
function nested(success: RequestOp[], failure: RequestOp[] = []): RequestOp {
  return RequestOp.create({ requestTxn: TxnRequest.create({ success, failure }) });
}
function check(success: RequestOp[], failure: RequestOp[] = []) {
  return checkTxn(TxnRequest.create({ success, failure }), OPERATIONS_MAX);
}
const puts = (count: number): RequestOp[] =>
  Array.from({ length: count }, (_, index) => put(`k${index}`));

test("single requests need a key", () => {
  expect(checkRange(RangeRequest.create())).toBe(rpcErrors.emptyKey);
  expect(checkPut(PutRequest.create())).toBe(rpcErrors.emptyKey);
  expect(checkDeleteRange(DeleteRangeRequest.create())).toBe(rpcErrors.emptyKey);
});

test("sort numbers outside the enums are refused, the empty key before them", () => {
  const request = { key: key("a") };
  expect(checkRange(RangeRequest.create({ ...request, sortOrder: 3 }))).toBe(
    rpcErrors.invalidSortOption,
  );
  expect(checkRange(RangeRequest.create({ ...request, sortTarget: -1 }))).toBe(
    rpcErrors.invalidSortOption,
  );
  expect(checkRange(RangeRequest.create({ sortOrder: 3 }))).toBe(rpcErrors.emptyKey);
  expect(checkRange(RangeRequest.create({ ...request, sortOrder: 2, sortTarget: 4 }))).toBe(
    undefined,
  );
});

test("ignore_value with a value and ignore_lease with a lease are refused", () => {
  const base = { key: key("a") };
  expect(checkPut(PutRequest.create({ ...base, ignoreValue: true, value: key("v") }))).toBe(
    rpcErrors.valueProvided,
  );
  expect(checkPut(PutRequest.create({ ...base, ignoreLease: true, lease: 1n }))).toBe(
    rpcErrors.leaseProvided,
  );
});

test("the longest list counts against the limit", () => {
  expect(check(puts(128))).toBe(undefined);
  expect(check(puts(129))).toBe(rpcErrors.tooManyOps);
  expect(check([], puts(129))).toBe(rpcErrors.tooManyOps);
});

test("a nested transaction gets what the outer lists leave over", () => {
  expect(check([...puts(126), nested([put("x")])])).toBe(undefined);
  expect(check([...puts(127), nested([put("x")])])).toBe(rpcErrors.tooManyOps);
});

test("rules of single requests hold at any depth and in either branch", () => {
  expect(check([], [nested([], [put("")])])).toBe(rpcErrors.emptyKey);
  expect(check([nested([range("")])])).toBe(rpcErrors.emptyKey);
});

test("an operation without a request is refused", () => {
  expect(check([RequestOp.create()])).toBe(rpcErrors.keyNotFound);
});

test("one branch may not put a key twice, two branches may put the same key", () => {
  expect(check([put("k"), put("k")])).toBe(rpcErrors.duplicateKey);
  expect(check([put("k")], [put("k")])).toBe(undefined);
  expect(check([], [put("k"), put("k")])).toBe(rpcErrors.duplicateKey);
});

test("a put inside a deleted range is refused whatever the order", () => {
  expect(check([put("k"), del("a", "z")])).toBe(rpcErrors.duplicateKey);
  expect(check([del("a", "k"), put("k")])).toBe(undefined);
});

test("a put behind the first key of a delete without an upper bound is allowed", () => {
  expect(check([del("k", "\0"), put("kk")])).toBe(undefined);
  expect(check([put("k"), del("k", "\0")])).toBe(undefined);
});

test("reads and repeated deletes never count", () => {
  expect(check([put("k"), range("k")])).toBe(undefined);
  expect(check([del("k"), del("k")])).toBe(undefined);
});

test("nested branches exclude each other, but not their surroundings or siblings", () => {
  expect(check([nested([put("k")], [put("k")])])).toBe(undefined);
  expect(check([put("k"), nested([put("k")])])).toBe(rpcErrors.duplicateKey);
  expect(check([put("k"), nested([], [put("k")])])).toBe(rpcErrors.duplicateKey);
  expect(check([nested([put("k")]), nested([put("k")])])).toBe(rpcErrors.duplicateKey);
  expect(check([put("k"), nested([del("a", "z")])])).toBe(rpcErrors.duplicateKey);
});

test("of two siblings, a put after a delete is refused and a put before it is not", () => {
  expect(check([nested([del("k")]), nested([put("k")])])).toBe(rpcErrors.duplicateKey);
  expect(check([nested([put("k")]), nested([del("k")])])).toBe(undefined);
});
