// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { PutRequest } from "../../api/gen/etcdserverpb.ts";
import { ClusterVersionSetRequest } from "../../api/gen/membershippb.ts";
import { WireError } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { decodeRequest, type RequestKind, writeRequest } from "./request.ts";

const ID = 0x41e5_4f40_37b7_2285n;
const ID_HALVES = { low: 0x37b7_2285, high: 0x41e5_4f40 };
const SEVEN = { low: 7, high: 0 };

function encode(kind: RequestKind, message: Uint8Array, id = SEVEN): Uint8Array {
  const writer = new WireWriter();
  const start = writeRequest(writer, kind, message, id);
  const data = writer.copy();
  expect(Buffer.from(data.subarray(start, start + message.length))).toEqual(Buffer.from(message));
  return data;
}

test("a put's entry has the bytes that etcd writes: request first, header behind it", () => {
  const message = PutRequest.encode({ key: Buffer.from("foo"), value: Buffer.from("bar") });
  const data = encode("put", message);
  expect(Buffer.from(data).toString("hex")).toBe("220a0a03666f6f1203626172a206020807");
});

test("fields above the header's number stand behind it", () => {
  const message = ClusterVersionSetRequest.encode({ ver: "3.7.0" });
  const data = encode("clusterVersionSet", message);
  expect(Buffer.from(data).toString("hex")).toBe("a206020807a251070a05332e372e30");
});

test("what was encoded is read back, with all bits of the ID", () => {
  const message = PutRequest.encode({ key: Buffer.from("k"), lease: -1n });
  const { id, request } = decodeRequest(encode("put", message, ID_HALVES));
  expect(id).toBe(ID);
  expect(request).toMatchObject({ kind: "put", put: { lease: -1n } });
});

test("the legacy ID counts when there is no header", () => {
  const { id } = decodeRequest(Buffer.from("0805" + "22030a016b", "hex"));
  expect(id).toBe(5n);
});

test("a request of another kind is told by its field number", () => {
  const authEnable = Buffer.from("c23e00", "hex");
  expect(decodeRequest(authEnable).request).toEqual({ kind: "unsupported", field: 1000 });
});

test("truncated bytes are not a request", () => {
  const message = PutRequest.encode({ key: Buffer.from("foo"), value: Buffer.from("bar") });
  const data = encode("put", message);
  for (let cut = 1; cut < data.length; cut++) {
    const decode = () => decodeRequest(data.subarray(0, cut));
    // Cut exactly between the two fields, the rest is whole again.
    if (cut === 12) expect(decode().id).toBe(0n);
    else expect(decode).toThrow(WireError);
  }
});

const V2_VERSION = `0884a4b9dda0bfa8e541 1203505554 1a0a2f302f76657273696f6e 2205332e342e30
  2800 3200 3800 4800 5000 5800 6000 6800 7000 7800 800100`.replaceAll(/\s/g, "");

function v2(method: string, path: string, value: string): Buffer {
  const writer = new WireWriter();
  for (const [tag, text] of [
    [0x12, method],
    [0x1a, path],
    [0x22, value],
  ] as const) {
    writer.uint32(tag);
    writer.string(text);
  }
  return Buffer.from(writer.copy());
}

test("a log of 3.4 sets the cluster version by a bare version 2 request", () => {
  const { id, request } = decodeRequest(Buffer.from(V2_VERSION, "hex"));
  expect(id).toBe(0x41ca_a1fa_0bae_5204n);
  expect(request).toEqual({ kind: "clusterVersionSet", version: "3.4.0" });
});

test("a log of 3.5 may wrap it", () => {
  const bare = Buffer.from(V2_VERSION, "hex");
  const wrapped = Buffer.concat([Buffer.from([0x12, bare.length]), bare]);
  expect(decodeRequest(wrapped).request).toMatchObject({ kind: "clusterVersionSet" });
});

test("a log of 3.4 publishes members by a version 2 request", () => {
  const value = '{"name":"s1","clientURLs":["http://127.0.0.1:1"]}';
  const data = v2("PUT", "/0/members/4f8256cd80bf41ca/attributes", value);
  expect(decodeRequest(data).request).toEqual({
    kind: "clusterMemberAttrSet",
    attributes: {
      memberID: 0x4f82_56cd_80bf_41can,
      memberAttributes: { name: "s1", clientUrls: ["http://127.0.0.1:1"] },
    },
  });
});

test("other version 2 requests are about keys that nobody has any more", () => {
  for (const [method, path] of [
    ["SYNC", ""],
    ["PUT", "/1/foo"],
    ["DELETE", "/0/version"],
  ] as const) {
    expect(decodeRequest(v2(method, path, "x")).request).toEqual({ kind: "v2Keys" });
  }
});
