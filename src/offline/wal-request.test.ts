// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { InternalRaftRequest } from "../api/gen/etcdserverpb.ts";
import { WireWriter } from "../base/wire-writer.ts";
import { encodeConfChangeV2, encoded } from "../core/raft/index.ts";
import { entryRequest, REQUEST_KINDS } from "./wal-request.ts";
import { shownJson, shownText } from "./wal-shown.ts";

type Request = Parameters<typeof InternalRaftRequest.encode>[0];

function textOf(request: Request): string {
  const { kind, fields } = entryRequest({ type: 0, data: InternalRaftRequest.encode(request) });
  expect(REQUEST_KINDS).toContain(kind);
  return `${kind} ${shownText(fields)}`;
}

function v2(path: string, value: string): Uint8Array {
  const writer = new WireWriter();
  for (const [tag, text] of [
    [0x12, "PUT"],
    [0x1a, path],
    [0x22, value],
  ] as const) {
    writer.uint32(tag);
    writer.bytes(Buffer.from(text));
  }
  return writer.copy();
}

describe("secrets", () => {
  test.each<Request>([
    { authUserAdd: { name: "u", password: "geheim" } },
    { authUserAdd: { name: "u", hashedPassword: "geheim" } },
    { authUserChangePassword: { name: "u", password: "geheim", hashedPassword: "geheim" } },
    { authenticate: { name: "u", password: "geheim", simpleToken: "geheim.7" } },
  ])("are masked in %j", (request) => {
    const data = InternalRaftRequest.encode(request);
    const { fields } = entryRequest({ type: 0, data });
    for (const text of [shownText(fields), shownJson(fields)]) {
      expect(text).toContain("***");
      expect(text).not.toContain("geheim");
    }
  });

  test("of users of version 2 are masked, bare and wrapped", () => {
    const bare = v2("/2/users/root", '{"user":"root","password":"$2a$geheim"}');
    const writer = new WireWriter();
    writer.uint32(0x12);
    writer.bytes(bare);
    for (const data of [bare, writer.copy()]) {
      const { kind, fields } = entryRequest({ type: 0, data });
      expect(`${kind} ${shownText(fields)}`).toBe(
        'v2-request method=PUT path="/2/users/root" value=***',
      );
    }
  });

  test("cannot show in data that does not decode, of which only the size is told", () => {
    const { kind, fields } = entryRequest({ type: 0, data: Buffer.from("\u0007geheim") });
    expect(kind).toBe("unknown");
    expect(shownText(fields)).toMatch(/^bytes=7 problem="/);
    expect(shownText(fields)).not.toContain("geheim");
  });
});

test("a request of a later version is named by its fields' numbers", () => {
  const writer = new WireWriter();
  writer.uint32((7777 << 3) | 2);
  writer.bytes(Buffer.from("geheim"));
  const { kind, fields } = entryRequest({ type: 0, data: writer.copy() });
  expect(`${kind} ${shownText(fields)}`).toBe("unknown id=0 bytes=10 unknownFields=[7777]");
});

test("a comparison says what it compares with, also 0 and nothing", () => {
  const key = Buffer.from("k");
  const none = new Uint8Array(0);
  const text = textOf({
    txn: {
      compare: [
        { result: 0, target: 0, key, version: 0 },
        { result: 3, target: 3, key, value: none },
        { result: 2, target: 4, key, lease: 0x1fn, rangeEnd: Buffer.from("l") },
      ],
    },
  });
  expect(text).toBe(
    'txn id=0 compare=[{result=EQUAL target=VERSION key="k" version=0} ' +
      '{result=NOT_EQUAL target=VALUE key="k" value=""} ' +
      '{result=LESS target=LEASE key="k" lease=1f rangeEnd="l"}]',
  );
});

test("long values are cut in text and whole in JSON", () => {
  const value = new Uint8Array(1000).fill(0x61);
  const data = InternalRaftRequest.encode({ put: { key: Buffer.from("k"), value } });
  const { fields } = entryRequest({ type: 0, data });
  expect(shownText(fields)).toMatch(/^id=0 key="k" value="a{128}"\.\.\.\(1000 bytes\)$/);
  expect(shownJson(fields)).toContain(Buffer.from(value).toString("base64"));
});

test("a joint change of members names its transition and all changes", () => {
  const change = {
    transition: 2,
    changes: [
      { type: 0, nodeId: 0x1an },
      { type: 1, nodeId: 2n },
    ],
    context: new Uint8Array(0),
  } as const;
  const { kind, fields } = entryRequest({ type: 2, data: encoded(encodeConfChangeV2, change) });
  expect(`${kind} ${shownText(fields)}`).toBe(
    "conf-change-v2 transition=joint-explicit " +
      "changes=[{change=add-voter node=1a} {change=remove node=2}]",
  );
});
