// SPDX-License-Identifier: Apache-2.0
// Requests that are garbled, too large, too deep or too many, through the real server.

import { describe, expect, test } from "vitest";
import * as api from "../../src/api/gen/etcdserverpb.ts";
import { NESTED_MESSAGES_MAX } from "../../src/base/wire-reader.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import { FLAG_END_STREAM } from "../../src/server/h2/frames.ts";
import {
  data,
  headers,
  message,
  requestFields,
  setting,
} from "../../src/server/h2/testing/raw-client.ts";
import { type HostileRig, hostileServer } from "./rig.ts";

const OPERATIONS_MAX = 16;
const REQUEST_BYTES_MAX = 64 * 1024;
const hostile = hostileServer(
  `--max-txn-ops=${OPERATIONS_MAX}`,
  `--max-request-bytes=${REQUEST_BYTES_MAX}`,
);

const bytes = (text: string): Buffer => Buffer.from(text);

/** Sends these bytes as the one message of a call and gives the status and its text. */
async function statusOf(
  rig: HostileRig,
  path: string,
  body: Uint8Array,
): Promise<[string, string]> {
  const client = rig.attacker();
  const whole = message(body);
  client.send(headers(1, requestFields(path)));
  for (let at = 0; at < whole.length; at += 16_000) {
    const flags = at + 16_000 >= whole.length ? FLAG_END_STREAM : 0;
    client.send(data(1, whole.subarray(at, at + 16_000), flags));
  }
  const response = await client.response(1);
  client.socket.destroy();
  return [response["grpc-status"] ?? "", decodeURIComponent(response["grpc-message"] ?? "")];
}

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "done",
    (error: unknown) => String(error),
  );
}

const unaryMethods = [api.KVService, api.LeaseService, api.MaintenanceService, api.ClusterService]
  .flatMap((service) => Object.values(service))
  .filter((method) => !method.requestStream && !method.responseStream)
  .map(({ path }) => path);

describe("bytes that are no message are refused as Go refuses them", () => {
  test.each(unaryMethods)("%s", async (path) => {
    const { rig } = hostile;
    for (const garbled of [Buffer.of(0x0a, 0x7f, 1), Buffer.of(0x0a), Buffer.of(0x07)]) {
      const [status, text] = await statusOf(rig, path, garbled);
      // A method that is not built does not look at the message.
      if (status === "12") continue;
      expect([status, text.startsWith("grpc: error unmarshalling request: ")]).toEqual([
        "13",
        true,
      ]);
    }
    await rig.expectServed();
  });
});

/** A txn in the branch of a txn, and so on; two messages each. */
function nestedTxn(levels: number): Uint8Array {
  const heads: Uint8Array[] = [];
  let length = 0;
  for (let level = 0; level < levels; level++) {
    // A request_txn (4) within a success (2).
    for (const field of [4, 2]) {
      const writer = new WireWriter();
      writer.uint32((field << 3) | 2);
      writer.uint32(length);
      heads.push(writer.copy());
      length += writer.length;
    }
  }
  return Buffer.concat(heads.reverse());
}

describe("a txn within a txn within a txn", () => {
  test("uses up one of the operations with each level", async () => {
    const { rig } = hostile;
    const { path } = api.KVService.txn;
    expect(await statusOf(rig, path, nestedTxn(OPERATIONS_MAX))).toEqual(["0", ""]);
    const tooMany = ["3", "etcdserver: too many operations in txn request"];
    expect(await statusOf(rig, path, nestedTxn(OPERATIONS_MAX + 1))).toEqual(tooMany);
    expect(await statusOf(rig, path, nestedTxn(NESTED_MESSAGES_MAX / 2))).toEqual(tooMany);
    await rig.expectServed();
  });

  test.each([1, 3500])("is no message any more %d levels beyond what nests", async (more) => {
    const { rig } = hostile;
    const deep = nestedTxn(NESTED_MESSAGES_MAX / 2 + more);
    const [status, text] = await statusOf(rig, api.KVService.txn.path, deep);
    expect([status, text]).toEqual([
      "13",
      "grpc: error unmarshalling request: proto: exceeded maximum recursion depth",
    ]);
    await rig.expectServed();
  });
});

describe("a txn at a limit passes, and one past it is refused", () => {
  const puts = (count: number, key = (at: number) => `k${at}`) =>
    Array.from({ length: count }, (_, at) => ({
      requestPut: { key: bytes(key(at)), value: bytes("v") },
    }));

  test("of operations, in each branch and among the compares", async () => {
    const { rig } = hostile;
    const txn = (request: object) => refusal(rig.bystander.unary(api.KVService.txn, request));
    const compare = Array.from({ length: OPERATIONS_MAX + 1 }, () => ({ key: bytes("c") }));
    const many = puts(OPERATIONS_MAX + 1);
    expect(await txn({ success: puts(OPERATIONS_MAX) })).toBe("done");
    expect(await txn({ failure: puts(OPERATIONS_MAX) })).toBe("done");
    expect(await txn({ compare: compare.slice(1) })).toBe("done");
    for (const request of [{ success: many }, { failure: many }, { compare }]) {
      expect(await txn(request)).toContain("etcdserver: too many operations in txn request");
    }
  });

  test("of keys that are written once", async () => {
    const { rig } = hostile;
    const twice = { success: puts(2, () => "same") };
    const call = rig.bystander.unary(api.KVService.txn, twice);
    expect(await refusal(call)).toContain("etcdserver: duplicate key given in txn request");
  });

  test("of the request's size", async () => {
    const { rig } = hostile;
    const put = (size: number) =>
      refusal(
        rig.bystander.unary(api.KVService.put, { key: bytes("size"), value: Buffer.alloc(size) }),
      );
    // The entry has a header of its own; the largest value is found, not known.
    let low = 0;
    let high = REQUEST_BYTES_MAX;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if ((await put(middle)) === "done") low = middle;
      else high = middle;
    }
    expect(high).toBeGreaterThan(REQUEST_BYTES_MAX - 64);
    expect(await put(high)).toContain("etcdserver: request is too large");
    expect(await put(REQUEST_BYTES_MAX + 600_000)).toContain("8 RESOURCE_EXHAUSTED");
    await rig.expectServed();
  });
});

test("a range over everything goes through a window of a few bytes, and delays nobody", async () => {
  const { rig } = hostile;
  const value = Buffer.alloc(1000, "r");
  const keys = Array.from({ length: 300 }, (_, at) => `range/${String(at).padStart(4, "0")}`);
  for (const key of keys) await rig.bystander.unary(api.KVService.put, { key: bytes(key), value });
  const request = { key: bytes("range/"), rangeEnd: bytes("range0") };
  const client = rig.attacker(setting(4, 16));
  client.send(headers(1, requestFields(api.KVService.range.path)));
  client.send(data(1, message(api.RangeRequest.encode(request)), FLAG_END_STREAM));
  await client.until(() => (client.body(1).length === 16 ? true : undefined));
  await rig.expectServed();
  expect(client.body(1).length).toBe(16);
  client.widen(1, 1000);
  await client.until(() => (client.body(1).length === 1016 ? true : undefined));
  await rig.expectServed();
  client.widen(0, 1 << 24);
  client.widen(1, 1 << 24);
  expect(await client.response(1)).toMatchObject({ "grpc-status": "0" });
  const { kvs } = api.RangeResponse.decode(client.body(1).subarray(5));
  expect(kvs.map((kv) => Buffer.from(kv.key).toString())).toEqual(keys);
});
