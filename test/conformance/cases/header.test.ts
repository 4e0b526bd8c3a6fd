// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { ClusterService, KVService } from "../../../src/api/gen/etcdserverpb.ts";
import { rawStatus } from "../subjects/raw-call.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, keysOf, op, rangeRequest } from "../subjects/requests.ts";
import { sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

describeCases("headers of a new store", () => {
  test("S-001 a store without writes is at revision 1 and names cluster, member and term", () =>
    withFreshStore(async (store) => {
      const { header } = await store.range("a");
      expect(header?.revision).toBe(1);
      expect(header?.clusterId).not.toBe(0n);
      expect(header?.memberId).not.toBe(0n);
      expect(header?.raftTerm).toBeGreaterThan(0);
    }));

  test("S-002 the first put takes revision 2 and makes version 1", () =>
    withFreshStore(async (store) => {
      const { header } = await store.put("a", "1");
      expect(header?.revision).toBe(2);
      expect(await store.get("a")).toEqual({
        key: "a",
        value: "1",
        createRevision: 2,
        modRevision: 2,
        version: 1,
        lease: 0n,
      });
    }));
});

describeCases("headers and the request envelope", () => {
  const store = sharedStore();

  test("S-003 a put, a delete that deletes and a txn that writes take one revision each", async () => {
    const put = (await store().put("a")).header?.revision ?? 0;
    const del = (await store().del("a")).header?.revision ?? 0;
    const txn = await store().txn({ success: [op.put("a"), op.put("b")] });
    expect([del, txn.header?.revision]).toEqual([put + 1, put + 2]);
  });

  test("S-004 deleting a missing key deletes nothing and takes no revision", async () => {
    const before = await store().revision();
    const { header, deleted } = await store().del("a");
    expect({ deleted, revision: header?.revision }).toEqual({ deleted: 0, revision: before });
  });

  test("S-007 the header of a member list has ids and term but no revision", async () => {
    await store().put("a");
    const { header } = await store().client.unary(ClusterService.memberList, {});
    const range = await store().range("a");
    expect(header).toEqual({ ...range.header, revision: 0 });
  });

  test("S-008 a client API version that is not UTF-8 is refused", async () => {
    const message = KVService.range.request.encode(rangeRequest("a"));
    const headers = { "client-api-version": "\xff\xfe" };
    expect(await rawStatus(store().server.url, KVService.range.path, message, headers)).toEqual({
      code: "INVALID_ARGUMENT",
      message: "etcdserver: invalid client api version",
    });
  });

  test("S-009 a request is served with and without a client API version", async () => {
    const message = KVService.range.request.encode(rangeRequest("a"));
    for (const headers of [{}, { "client-api-version": "3.7.1" }]) {
      expect(await rawStatus(store().server.url, KVService.range.path, message, headers)).toEqual({
        code: "OK",
        message: "",
      });
    }
  });

  test("S-010 a put above 1.5 MiB but below the transport's limit is refused whole", async () => {
    const before = await store().revision();
    await expectRefusal(store().put("a", new Uint8Array(1.6 * 1024 * 1024)), refused.tooLarge);
    expect((await store().range("a")).count).toBe(0);
    expect(await store().revision()).toBe(before);
  });

  test("O-limits-1 a request above the transport's limit is refused by the transport", async () => {
    const call = store().put("a", new Uint8Array(3 * 1024 * 1024));
    await expectRefusal(call, {
      code: "RESOURCE_EXHAUSTED",
      message: "grpc: received message larger than max (3145736 vs. 2097152)",
    });
  });

  test("S-016 any bytes are kept, and keys sort by unsigned byte", async () => {
    const keys = [[0xff, 0xff], [0x61], [0x00, 0x01], [0xff], [0x7f], [0x80, 0x00], [0x00]];
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const key of keys) await store().put(Uint8Array.from(key), value);
    const { kvs } = await store().range("\0", everything);
    const sorted = [[0x00], [0x00, 0x01], [0x61], [0x7f], [0x80, 0x00], [0xff], [0xff, 0xff]];
    expect(kvs.map((kv) => [...kv.key])).toEqual(sorted);
    for (const kv of kvs) expect([...kv.value]).toEqual([...value]);
  });

  test("O-auth-1 while auth is off, a token that nobody issued is ignored", async () => {
    await store().put("a");
    const metadata = { token: "no-such-token.1" };
    const answer = await store().client.unary(KVService.range, rangeRequest("a"), { metadata });
    expect(keysOf(answer)).toEqual(["a"]);
  });
});

describeCases("a server with a small request limit", () => {
  const store = sharedStore({ args: ["--max-request-bytes=256"] });

  test("S-011 the limit of a request follows its flag", async () => {
    await expectRefusal(store().put("a", new Uint8Array(1024)), refused.tooLarge);
    await store().put("a", new Uint8Array(100));
  });
});
