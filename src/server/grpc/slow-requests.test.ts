// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { PutRequest, RangeRequest } from "../../api/gen/etcdserverpb.ts";
import type { ApplyResult, Request } from "../../core/apply/index.ts";
import { SlowRequests } from "./slow-requests.ts";

const key = Buffer.from("foo");
const range: Request = { kind: "range", range: RangeRequest.create({ key }) };
const put: Request = { kind: "put", put: PutRequest.create({ key, value: Buffer.from("bar") }) };
const rangeResult: ApplyResult = {
  kind: "range",
  kvs: [],
  pairs: 0,
  projection: "full",
  more: false,
  count: 7,
  revision: 2,
};
const putResult: ApplyResult = { kind: "put", revision: 2, previous: undefined };

function warnings(options: { requestMs: number; applyMs: number }) {
  const lines: [string, unknown][] = [];
  const clock = { monotonicMs: () => 150, unixMs: () => 1_000_150 };
  const logger = {
    enabled: () => true,
    log: (_level: string, _caller: string, message: string, fields?: object) => {
      lines.push([message, fields]);
    },
  };
  const observed: [string, boolean, number][] = [];
  const observe = (...times: [string, boolean, number]): number => observed.push(times);
  const slow = new SlowRequests({ clock, logger, observe, observeRange: () => {}, ...options });
  const finish = (request: Request, result: ApplyResult): void => {
    const type = request.kind === "put" ? "Put" : "Range";
    if (!slow.isSlow(type, result.kind !== "error", 0)) return;
    const path = "/etcdserverpb.KV/Any";
    const peerAddress = "127.0.0.1:1";
    const sizes = { requestBytes: 10, responseBytes: 27 };
    slow.warn({ path, peerAddress, startedMs: 0, request, result, ...sizes });
  };
  return { lines, observed, slow, finish };
}

test("a request that took too long is told with what it asked for", () => {
  const { lines, finish } = warnings({ requestMs: 100, applyMs: 1000 });
  finish(put, putResult);
  const fields = {
    "start time": "1970-01-01T00:16:40.000Z",
    "time spent": "150ms",
    remote: "127.0.0.1:1",
    "response type": "/etcdserverpb.KV/Any",
    "request count": 1,
    "request size": 10,
    "response count": 0,
    "response size": 27,
    "request content": 'key:"foo" value_size:3 ',
  };
  expect(lines).toEqual([["request stats", fields]]);
});

test("a slow read that goes through no log counts as an apply, a write does not", () => {
  const { lines, finish } = warnings({ requestMs: 1000, applyMs: 100 });
  finish(put, putResult);
  finish(range, rangeResult);
  const fields = {
    took: "150ms",
    "expected-duration": "100ms",
    prefix: "read-only range ",
    request: 'key:"foo"',
    response: "range_response_count:0 size:27",
  };
  expect(lines).toEqual([["apply request took too long", fields]]);
});

test("what is fast is not told", () => {
  const { lines, slow, finish } = warnings({ requestMs: 200, applyMs: 200 });
  finish(range, rangeResult);
  slow.warnOther("/etcdserverpb.Lease/LeaseGrant", "127.0.0.1:1", true, 0);
  expect(lines).toEqual([]);
});

test("of calls to other services only the time is told", () => {
  const { lines, slow } = warnings({ requestMs: 100, applyMs: 100 });
  slow.warnOther("/etcdserverpb.Lease/LeaseGrant", "127.0.0.1:1", true, 0);
  const unknown = { "request count": -1, "response size": -1, "request content": "" };
  expect(lines).toEqual([["request stats", expect.objectContaining(unknown)]]);
});

test("metrics hear of every request that they know", () => {
  const { observed, slow, finish } = warnings({ requestMs: 1000, applyMs: 1000 });
  finish(put, putResult);
  finish(range, { kind: "error", error: "compacted" });
  slow.warnOther("/etcdserverpb.Lease/LeaseGrant", "127.0.0.1:1", false, 50);
  slow.warnOther("/etcdserverpb.Cluster/MemberList", "127.0.0.1:1", true, 0);
  expect(observed).toEqual([
    ["Put", true, 150],
    ["Range", false, 150],
    ["LeaseGrant", false, 100],
  ]);
});
