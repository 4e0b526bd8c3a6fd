// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeServer } from "../../test/golden/fake-server.ts";
import { KVService } from "../api/gen/etcdserverpb.ts";
import { Client } from "../client/index.ts";
import { CountedPace, PutLoad, SteadyPace } from "./put-load.ts";

describe("puts over several clients", () => {
  let server: FakeServer;
  let clients: Client[];

  beforeEach(async () => {
    server = await FakeServer.start();
    clients = [1, 2, 3].map(() => new Client({ endpoints: [server.endpoint] }));
  });

  afterEach(() => {
    for (const client of clients) client.close();
    server.stop();
  });

  test("are sent as often as the pace says, and timed", async () => {
    server.answer(KVService.put, {});
    let sent = 0;
    let answered = 0;
    const next = () => ({ key: Buffer.from(String(sent++)) });
    const report = await new PutLoad(clients, next, () => answered++).run(new CountedPace(40));
    const keys = server.take().map(({ request }) => Buffer.from(request).toString("hex"));
    expect(new Set(keys).size).toBe(40);
    expect(answered).toBe(40);
    expect(report).toMatchObject({ count: 40, errors: new Map() });
    expect(report.slowest).toBeGreaterThan(0);
    expect(report.deviation).toBeLessThan(report.slowest);
  });

  test("count the errors by their text and go on", async () => {
    const full = { code: 8, details: "etcdserver: mvcc: database space exceeded" };
    server.answer(KVService.put, {}, full);
    const load = new PutLoad(clients, () => ({ key: Buffer.from("k") }));
    const report = await load.run(new CountedPace(9));
    expect(report.count).toBe(1);
    expect(report.errors).toEqual(new Map([["etcdserver: mvcc: database space exceeded", 8]]));
  });
});

describe("a steady pace", () => {
  const ROOM = 1000;
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 0;
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("lets through what has become due", () => {
    const pace = new SteadyPace(1000, 100);
    expect(pace.take(ROOM)).toBe(1);
    nowMs = 10;
    expect(pace.take(ROOM)).toBe(10);
    expect(pace.take(ROOM)).toBe(0);
  });

  test("makes up for a late timer but not for a server that fell behind", () => {
    const pace = new SteadyPace(1000, 10_000);
    nowMs = 5000;
    expect(pace.take(ROOM)).toBe(20);
  });

  test("keeps to the room that there is", () => {
    const pace = new SteadyPace(1000, 10_000);
    nowMs = 10;
    expect(pace.take(4)).toBe(4);
  });

  test("ends with its time, or when it is stopped", () => {
    const pace = new SteadyPace(1000, 100);
    nowMs = 100;
    expect(pace.take(ROOM)).toBeUndefined();
    const stopped = new SteadyPace(1000, 200);
    stopped.stop();
    expect(stopped.take(ROOM)).toBeUndefined();
  });
});
