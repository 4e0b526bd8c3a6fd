// SPDX-License-Identifier: Apache-2.0
// Requests in encodings that clients rarely send, and which every protobuf decoder reads alike.

import { expect, test } from "vitest";
import {
  KVService,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from "../../../src/api/gen/etcdserverpb.ts";
import { rawStatus } from "../subjects/raw-call.ts";
import { refusal } from "../subjects/refusal.ts";
import { type Bytes, bytes, op } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

/** A field with a length, of a number below 16. */
function field(number: number, content: Bytes): Uint8Array {
  const body = bytes(content);
  return Uint8Array.of((number << 3) | 2, body.length, ...body);
}

function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

const SUCCESS = 2;
const RANGE = 1;
const PUT = 2;

describeCases("seen on the running etcd: encodings", () => {
  const store = sharedStore();

  /** Runs a txn whose success branch holds operations given as their bytes. */
  async function run(...operations: readonly Uint8Array[]): Promise<string[]> {
    const encoded = message(...operations.map((each) => field(SUCCESS, each)));
    const request = { ...TxnRequest, encode: () => encoded };
    const { responses } = await store().client.unary({ ...KVService.txn, request }, {});
    return responses.map(({ responsePut }) => (responsePut === undefined ? "other" : "put"));
  }

  test("O-encoding-1 of two members of a oneof the later counts", async () => {
    const range = field(RANGE, RangeRequest.encode({ key: bytes("a") }));
    const put = field(PUT, PutRequest.encode({ key: bytes("a"), value: bytes("1") }));
    expect(await run(message(range, put), message(put, range))).toEqual(["put", "other"]);
    expect((await store().get("a"))?.value).toBe("1");
  });

  test("O-encoding-2 a message that comes in two parts is one", async () => {
    const key = field(PUT, PutRequest.encode({ key: bytes("a") }));
    const value = field(PUT, PutRequest.encode({ value: bytes("merged") }));
    expect(await run(message(key, value))).toEqual(["put"]);
    expect((await store().get("a"))?.value).toBe("merged");
  });

  test("O-encoding-3 a oneof that comes back to a member begins it anew", async () => {
    const key = field(PUT, PutRequest.encode({ key: bytes("a") }));
    const range = field(RANGE, RangeRequest.encode({ key: bytes("a") }));
    const whole = PutRequest.encode({ key: bytes("b"), value: bytes("2") });
    expect(await run(message(key, range, field(PUT, whole)))).toEqual(["put"]);
    expect(await store().get("a")).toBeUndefined();
    expect((await store().get("b"))?.value).toBe("2");
  });

  test.each([
    ["a length beyond the end", Uint8Array.of(0x0a, 0x7f)],
    ["a varint that does not end", Uint8Array.of(0x18, 0x80)],
    ["a field number beyond 29 bits", Uint8Array.of(0x8a, 0x80, 0x80, 0x80, 0x10, 0x01, 0x61)],
    ["field number 0", Uint8Array.of(0x02, 0x00)],
    ["an end of a group that did not begin", Uint8Array.of(0x7c)],
    ["a group that does not end", Uint8Array.of(0x7b)],
  ])("O-encoding-4 broken requests get one text: %s", async (_, broken) => {
    const text = "grpc: error unmarshalling request: proto: cannot parse invalid wire-format data";
    const answer = await rawStatus(store().server.url, KVService.range.path, broken, {});
    expect(answer).toEqual(refusal("INTERNAL", text));
  });

  test("O-encoding-5 a txn is checked in the form that is executed", async () => {
    const badRange = field(RANGE, new Uint8Array(0));
    const put = field(PUT, PutRequest.encode({ key: bytes("a"), value: bytes("3") }));
    expect(await run(message(badRange, put))).toEqual(["put"]);
    await store().txn({ success: [op.put("c")] });
    expect((await store().get("a"))?.value).toBe("3");
  });
});
