// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeServer } from "../../../test/golden/fake-server.ts";
import {
  KVService,
  PutRequest,
  RangeRequest,
  TxnRequest,
  WatchRequest,
  type WatchResponse,
  WatchService,
} from "../../api/gen/etcdserverpb.ts";
import { Client } from "../../client/index.ts";
import { Mirror, type MirrorOptions } from "./mirror.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (data: Uint8Array): string => Buffer.from(data).toString("latin1");
const header = { clusterId: 1n, memberId: 2n, revision: 50, raftTerm: 3 };
const created: Partial<WatchResponse> = { created: true, header };
const compacted: Partial<WatchResponse> = { canceled: true, compactRevision: 60 };

let source: FakeServer;
let destination: FakeServer;
let clients: { readonly source: Client; readonly destination: Client };

beforeEach(async () => {
  [source, destination] = await Promise.all([FakeServer.start(), FakeServer.start()]);
  clients = {
    source: new Client({ endpoints: [source.endpoint] }),
    destination: new Client({ endpoints: [destination.endpoint] }),
  };
  destination.answer(KVService.put, {});
  destination.answer(KVService.txn, {});
});

afterEach(() => {
  clients.source.close();
  clients.destination.close();
  source.stop();
  destination.stop();
});

function mirror(options: Partial<MirrorOptions>): Mirror {
  const defaults = { prefix: "a/", destinationPrefix: undefined, revision: 0, operationsMax: 128 };
  return new Mirror({ ...clients, ...defaults, ...options });
}

const put = (key: string, modRevision: number) => ({ kv: { key: bytes(key), modRevision } });

/** Keys of the operations of each transaction that the destination got; a deletion has a minus. */
function transactions(): string[][] {
  return destination
    .take()
    .map(({ request }) =>
      TxnRequest.decode(request).success.map(({ requestPut, requestDeleteRange }) =>
        requestPut === undefined
          ? `-${text(requestDeleteRange?.key ?? bytes(""))}`
          : text(requestPut.key),
      ),
    );
}

test("what is there is copied in pages of one revision, bytes that are no text included", async () => {
  const kvs = (...keys: string[]) => keys.map((key) => ({ key: bytes(key), value: bytes("v") }));
  source.answer(
    KVService.range,
    { header },
    { kvs: kvs("a/1", "a/\xff"), more: true },
    { kvs: kvs("a/a/") },
  );
  source.stream(WatchService.watch, created, compacted);
  const run = mirror({ destinationPrefix: "b" });
  expect(await run.run()).toBe("etcdserver: mvcc: required revision has been compacted");
  expect(run.count).toBe(3);
  const written = destination.take().map(({ request }) => text(PutRequest.decode(request).key));
  expect(written).toEqual(["b1", "b\xff", "ba/"]);
  const asked = source.take();
  const ranges = asked.slice(1, 3).map(({ request }) => RangeRequest.decode(request));
  expect(ranges.map((range) => [text(range.key), text(range.rangeEnd), range.revision])).toEqual([
    ["a/", "a0", 50],
    ["a/\xff\0", "a0", 50],
  ]);
  const watch = WatchRequest.decode(asked.at(-1)?.request ?? bytes("")).createRequest;
  expect(watch?.startRevision).toBe(51);
});

test("the changes of a revision are one transaction, split where it gets too large", async () => {
  const events = [
    put("a/1", 61),
    { ...put("a/2", 62), type: 1 },
    put("a/3", 62),
    put("a/4", 62),
    put("a/5", 63),
  ];
  source.stream(WatchService.watch, created, { events, header }, compacted);
  await mirror({ revision: 7, destinationPrefix: "a/", operationsMax: 2 }).run();
  expect(transactions()).toEqual([["a/1"], ["-a/2", "a/3"], ["a/4"], ["a/5"]]);
});

test("from a revision on, the prefix is dropped unless another one is named", async () => {
  source.stream(WatchService.watch, created, { events: [put("a/1", 61)], header }, compacted);
  await mirror({ revision: 7 }).run();
  expect(transactions()).toEqual([["1"]]);
});

test("a destination that refuses ends it, the end of the watch without a reason too", async () => {
  source.stream(WatchService.watch, created, { events: [put("a/1", 61)], header });
  destination.answer(KVService.txn, {
    code: 8,
    details: "etcdserver: mvcc: database space exceeded",
  });
  await expect(mirror({ revision: 7 }).run()).rejects.toThrow("database space exceeded");
  source.answer(WatchService.watch, { code: 7, details: "etcdserver: permission denied" });
  expect(await mirror({ revision: 7 }).run()).toBeUndefined();
});
