// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeServer } from "../../test/golden/fake-server.ts";
import { KVService, LeaseService } from "../api/gen/etcdserverpb.ts";
import { Client } from "./client.ts";
import { leaseKeepAlives } from "./lease-keep-alive.ts";

let server: FakeServer;
let client: Client;

beforeEach(async () => {
  server = await FakeServer.start();
  client = new Client({ endpoints: [server.endpoint] });
});

afterEach(() => {
  client.close();
  server.stop();
});

test("a lease is taken for gone when its time is over and the server does not answer", async () => {
  server.answer(LeaseService.leaseKeepAlive, { ID: 7n, TTL: 1 });
  const answers = leaseKeepAlives(client, 7n);
  expect((await answers.next()).value).toMatchObject({ ID: 7n });
  server.fallSilent();
  expect(await answers.next()).toEqual({ done: true, value: undefined });
});

test("a lease of more time than a timer takes is not renewed without pause", async () => {
  server.answer(LeaseService.leaseKeepAlive, { ID: 7n, TTL: 9_000_000_000 });
  server.answer(KVService.range, {});
  const answers = leaseKeepAlives(client, 7n);
  await answers.next();
  void answers.next();
  // A timer that was cut short ends after a millisecond: these calls take longer.
  for (let call = 0; call < 20; call++) await client.call(KVService.range, {});
  const { path } = LeaseService.leaseKeepAlive;
  expect(server.take().filter((recorded) => recorded.path === path)).toHaveLength(1);
});
