// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { Role, User } from "../../api/gen/authpb.ts";
import { Lease } from "../../api/gen/leasepb.ts";
import { KeyValue } from "../../api/gen/mvccpb.ts";
import { decodedRow, plainRow } from "./bucket-texts.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function number(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function revision(main: bigint, sub: bigint, isTombstone = false): Uint8Array {
  return Uint8Array.of(...number(main), 0x5f, ...number(sub), ...(isTombstone ? [0x74] : []));
}

test("rows of keys tell revision and pair", () => {
  const text = decodedRow("key");
  const pair = { key: utf8('a"b'), value: Uint8Array.of(0xff, 0x0a) };
  const put = KeyValue.encode({ ...pair, createRevision: 4, modRevision: 5, version: 2 });
  expect(text(revision(5n, 1n), put)).toBe(
    'rev={Revision:{Main:5 Sub:1} tombstone:false}, value=[key "a\\"b" | val "\\xff\\n" | ' +
      "created 4 | mod 5 | ver 2]",
  );
  expect(text(revision(1n << 60n, 0n, true), KeyValue.encode({ key: utf8("x") }))).toBe(
    'rev={Revision:{Main:1152921504606846976 Sub:0} tombstone:true}, value=[key "x" | val "" | ' +
      "created 0 | mod 0 | ver 0]",
  );
});

test("leases, users and roles are told with their names", () => {
  const lease = Lease.encode({ ID: -2n, TTL: 60, RemainingTTL: 5 });
  expect(decodedRow("lease")(number(1n), lease)).toBe(
    "lease ID=fffffffffffffffe, TTL=60s, remaining TTL=5s",
  );
  const user = User.encode({
    name: utf8("alice"),
    password: utf8("secret"),
    roles: ["r1", "r2"],
    options: { noPassword: true },
  });
  expect(decodedRow("authUsers")(utf8("alice"), user)).toBe(
    'user="alice", roles=["r1" "r2"], option=no_password:true',
  );
  const role = Role.encode({
    name: utf8("r1"),
    keyPermission: [
      { permType: 0, key: utf8("a"), rangeEnd: utf8("b") },
      { permType: 2, key: utf8("c"), rangeEnd: new Uint8Array(0) },
    ],
  });
  expect(decodedRow("authRoles")(utf8("r1"), role)).toBe(
    'role="r1", keyPermission=[key:"a" range_end:"b" permType:READWRITE key:"c"]',
  );
});

test("the numbers of meta and auth are told as numbers", () => {
  const meta = decodedRow("meta");
  expect(meta(utf8("consistent_index"), number(77n))).toBe('key="consistent_index", value=77');
  expect(meta(utf8("term"), number(3n))).toBe('key="term", value=3');
  expect(meta(utf8("finishedCompactRev"), revision(9n, 0n))).toBe(
    'key="finishedCompactRev", value={9 0}',
  );
  expect(meta(utf8("storageVersion"), utf8("3.7.0"))).toBe('key="storageVersion", value="3.7.0"');
  expect(decodedRow("auth")(utf8("authRevision"), number(2n))).toBe('key="authRevision", value=2');
  expect(decodedRow("auth")(utf8("authEnabled"), Uint8Array.of(1))).toBe(
    'key="authEnabled", value=[1]',
  );
});

test("what does not decode, or has no form of its own, is shown as it is", () => {
  expect(plainRow(utf8("a"), Uint8Array.of(0, 1))).toBe('key="a", value="\\x00\\x01"');
  for (const bucket of ["key", "lease", "authUsers", "authRoles", "auth", "meta", "cluster"]) {
    const row = [utf8("term"), Uint8Array.of(0xff)] as const;
    expect(decodedRow(bucket)(...row)).toBe('key="term", value="\\xff"');
  }
});
