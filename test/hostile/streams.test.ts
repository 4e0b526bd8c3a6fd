// SPDX-License-Identifier: Apache-2.0
// Streams that ask for too much or read too little, through the real server.

import { expect, test } from "vitest";
import {
  KVService,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseService,
  RangeRequest,
  RangeResponse,
  WatchRequest,
  WatchResponse,
  WatchService,
} from "../../src/api/gen/etcdserverpb.ts";
import { FLAG_END_STREAM } from "../../src/server/h2/frames.ts";
import {
  data,
  headers,
  message,
  requestFields,
  setting,
} from "../../src/server/h2/testing/raw-client.ts";
import { isThorough } from "../harness/thorough.ts";
import { MessageReader } from "./message-reader.ts";
import { hostileServer } from "./rig.ts";

const hostile = hostileServer();
const WATCHERS_MAX = 200_000;
const CREATES = isThorough ? 1_000_000 : 220_000;
const RENEWALS = 20_000;
const EVENTS = 10_000;
const DATA_BYTES = 16_000;
const RANGES = 300;

test(`of ${CREATES} watchers on one stream those beyond the limit are refused with a reason`, async () => {
  const { rig } = hostile;
  const reader = new MessageReader(rig.server.ports.client, WatchService.watch.path);
  const create = message(WatchRequest.encode({ createRequest: { key: Buffer.from("w") } }));
  const perFrame = Math.floor(DATA_BYTES / create.length);
  const frame = Buffer.concat(Array.from({ length: perFrame }, () => create));
  let refused = 0;
  reader.onMessage = (bytes) => {
    const { canceled, cancelReason } = WatchResponse.decode(bytes);
    if (!canceled) return;
    refused++;
    if (cancelReason !== "etcdserver: too many watchers on the stream")
      throw new Error(cancelReason);
  };
  for (let sent = 0; sent < CREATES; sent += perFrame) await reader.send(frame);
  await rig.expectServed();
  const all = Math.ceil(CREATES / perFrame) * perFrame;
  await reader.until(() => reader.count >= all);
  expect(refused).toBe(all - WATCHERS_MAX);
  expect(await rig.metric("etcd_debugging_mvcc_watcher_total")).toBe(WATCHERS_MAX);
  reader.close();
  await rig.expectServed();
});

test("renewals of leases that nobody knows are answered, each with no time left", async () => {
  const { rig } = hostile;
  const reader = new MessageReader(rig.server.ports.client, LeaseService.leaseKeepAlive.path);
  let alive = 0;
  reader.onMessage = (bytes) => {
    if (LeaseKeepAliveResponse.decode(bytes).TTL !== 0) alive++;
  };
  for (let sent = 0; sent < RENEWALS; sent += 500) {
    const ids = Array.from({ length: 500 }, (_, at) => BigInt(sent + at + 1));
    await reader.send(
      Buffer.concat(ids.map((ID) => message(LeaseKeepAliveRequest.encode({ ID })))),
    );
  }
  await rig.expectServed();
  await reader.until(() => reader.count === RENEWALS);
  expect(alive).toBe(0);
  reader.close();
});

test("a watcher that stops reading holds up nobody, and gets all of it later", async () => {
  const { rig } = hostile;
  const client = rig.attacker(setting(4, 1000));
  const create = { createRequest: { key: Buffer.from("slow/"), rangeEnd: Buffer.from("slow0") } };
  client.send(headers(1, requestFields(WatchService.watch.path)));
  client.send(data(1, message(WatchRequest.encode(create))));
  await client.until(() => (client.body(1).length > 0 ? true : undefined));
  const value = Buffer.alloc(300, "s");
  for (let sent = 0; sent < EVENTS; sent += 500) {
    const puts = Array.from({ length: 500 }, (_, at) =>
      rig.bystander.unary(KVService.put, { key: Buffer.from(`slow/${sent + at}`), value }),
    );
    await Promise.all(puts);
  }
  expect(await rig.metric("etcd_debugging_mvcc_slow_watcher_total")).toBe(1);
  expect(client.body(1).length).toBeLessThanOrEqual(1000);
  client.widen(0, 1 << 28);
  client.widen(1, 1 << 28);
  const events = await client.until(() => {
    const all = responses(client.body(1)).flatMap((response) => response.events);
    return all.length >= EVENTS ? all : undefined;
  });
  const keys = events.map((event) => Buffer.from(event.kv?.key ?? []).toString());
  expect(new Set(keys).size).toBe(EVENTS);
  const revisions = events.map((event) => Number(event.kv?.modRevision ?? 0));
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
});

test("ranges that arrive together, more than a turn has time for, each get their own answer", async () => {
  const { rig } = hostile;
  const value = Buffer.alloc(100, "r");
  const puts = Array.from({ length: RANGES }, (_, at) =>
    rig.bystander.unary(KVService.put, { key: Buffer.from(`many/${1000 + at}`), value }),
  );
  await Promise.all(puts);
  const client = rig.attacker(setting(4, 1 << 24));
  client.widen(0, 1 << 28);
  const rangeEnd = Buffer.from("many0");
  const sent = Array.from({ length: RANGES }, (_, at) => {
    const key = Buffer.from(`many/${1000 + at}`);
    const range = RangeRequest.encode({ key, rangeEnd, serializable: at % 2 === 0 });
    const id = 2 * at + 1;
    const head = headers(id, requestFields(KVService.range.path));
    return Buffer.concat([head, data(id, message(range), FLAG_END_STREAM)]);
  });
  client.send(...sent);
  for (let at = 0; at < RANGES; at++) {
    expect(await client.response(2 * at + 1)).toMatchObject({ "grpc-status": "0" });
    const { kvs } = RangeResponse.decode(client.body(2 * at + 1).subarray(5));
    expect(kvs).toHaveLength(RANGES - at);
    expect(Buffer.from(kvs[0]?.key ?? []).toString()).toBe(`many/${1000 + at}`);
  }
}, 60_000);

function responses(body: Buffer): WatchResponse[] {
  const found: WatchResponse[] = [];
  for (let at = 0; at + 5 <= body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    if (end > body.length) break;
    found.push(WatchResponse.decode(body.subarray(at + 5, end)));
    at = end;
  }
  return found;
}
