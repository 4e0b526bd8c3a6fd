// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { NaiveStore } from "../../core/mvcc/watch/testing/naive-store.ts";
import { eventRevisions, WatchRig } from "./testing/watch-rig.ts";

const DAY_MS = 86_400_000;

describe("periodic progress", () => {
  it("S-202 never comes for a watcher that did not ask for it", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.create("bar", { progressNotify: true });
    client.take();
    rig.advance(10_000);
    expect(new Set(client.take().map(({ watchId }) => watchId))).toEqual(new Set([1n]));
  });

  it("comes each interval with the watcher's id and the store's revision", () => {
    const rig = new WatchRig();
    rig.put("other");
    const client = rig.connect();
    client.create("foo", { progressNotify: true });
    client.take();
    rig.advance(999);
    expect(client.take()).toEqual([]);
    rig.advance(1);
    expect(client.take()).toMatchObject([
      { watchId: 0n, header: { revision: 2 }, events: [], created: false, canceled: false },
    ]);
    rig.advance(3000);
    expect(client.take()).toHaveLength(3);
    expect(rig.observed).toEqual(["control", ...Array.from({ length: 4 }, () => "progress")]);
  });

  it("a request that cannot be read is told as a failure to receive", () => {
    const rig = new WatchRig();
    rig.connect().handler.onMessage(Uint8Array.of(0xff));
    expect(rig.observed).toEqual(["receive failed"]);
  });

  it("S-203 skips the interval in which the watcher got an event", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { progressNotify: true });
    rig.put("foo");
    client.take();
    rig.advance(1000);
    expect(client.take()).toEqual([]);
    rig.advance(1000);
    expect(client.take()).toHaveLength(1);
  });

  it("S-204 adds at most a tenth of random delay, once for the stream", () => {
    const bounds: number[] = [];
    const random = {
      intBelow(bound: number) {
        bounds.push(bound);
        return bound - 1;
      },
    };
    const rig = new WatchRig({ random, progressIntervalMs: 1000 });
    const client = rig.connect();
    client.create("foo", { progressNotify: true });
    client.create("bar", { progressNotify: true });
    client.take();
    expect(bounds).toEqual([100]);
    expect(rig.timerCount).toBe(1);
    rig.advance(1098);
    expect(client.take()).toEqual([]);
    rig.advance(1);
    expect(client.take().map(({ watchId }) => watchId)).toEqual([0n, 1n]);
  });

  it.each([
    [0, 600_000],
    [1, 100],
    [250, 250],
  ])("takes the interval %i ms as %i ms", (progressIntervalMs, expectedMs) => {
    const rig = new WatchRig({ progressIntervalMs });
    const client = rig.connect();
    client.create("foo", { progressNotify: true });
    client.take();
    rig.advance(expectedMs - 1);
    expect(client.take()).toEqual([]);
    rig.advance(1);
    expect(client.take()).toHaveLength(1);
  });

  it("is skipped while the watcher catches up, lags, or waits for the future", () => {
    const store = new NaiveStore();
    store.put("foo");
    const rig = new WatchRig({ store });
    const client = rig.connect();
    client.create("foo", { progressNotify: true, startRevision: 1 });
    client.create("foo", { progressNotify: true, startRevision: 9 });
    client.take();
    rig.advance(1000);
    expect(client.take()).toEqual([]);
  });

  it("stays due over an interval that ended while the client did not read", () => {
    const rig = new WatchRig();
    const client = rig.connect({}, 2 * 1024 * 1024);
    client.create("foo");
    client.create("bar", { progressNotify: true });
    client.call.stalled = true;
    for (let count = 0; count < 4; count++) rig.put("foo", Buffer.alloc(1_000_000));
    client.take();
    rig.advance(1000);
    expect(client.take()).toEqual([]);
    client.drain();
    rig.settle();
    client.take();
    rig.advance(1000);
    expect(client.take()).toMatchObject([{ watchId: 1n, header: { revision: 5 } }]);
  });
});

describe("progress on request", () => {
  it("S-205 answers once for the whole stream, at once", () => {
    const rig = new WatchRig();
    rig.put("other");
    const client = rig.connect();
    client.create("foo");
    client.create("a", { end: "b" });
    client.take();
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 2 }, events: [] }]);
  });

  it("does not answer for a stream without watchers", () => {
    const client = new WatchRig().connect();
    client.progress();
    expect(client.take()).toEqual([]);
  });

  it("S-206 does not answer while a watcher catches up; the client asks again", () => {
    const store = new NaiveStore();
    store.put("foo");
    const rig = new WatchRig({ store });
    const client = rig.connect();
    client.create("foo");
    client.create("foo", { startRevision: 2 });
    client.take();
    client.progress();
    expect(client.take()).toEqual([]);
    rig.settle();
    rig.advance(DAY_MS);
    expect(client.take()).toMatchObject([{ watchId: 1n, events: [{}] }]);
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 2 } }]);
  });

  it("S-207 does not answer before the store has reached a watcher's start revision", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.create("foo", { startRevision: 3 });
    client.take();
    client.progress();
    rig.put("other");
    client.progress();
    expect(client.take()).toEqual([]);
    rig.put("other");
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 3 } }]);
  });

  it("S-208 answers behind the events up to its revision, also on a full stream", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    client.call.stalled = true;
    rig.put("foo", Buffer.alloc(1_200_000));
    client.progress();
    client.progress();
    expect(client.take()).toMatchObject([{ events: [{}] }]);
    client.drain();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 2 }, events: [] }]);
  });

  it("S-208 owes no answer once a watcher missed an event", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    client.call.stalled = true;
    rig.put("foo", Buffer.alloc(1_200_000));
    client.progress();
    rig.put("foo");
    client.take();
    client.drain();
    expect(client.take()).toEqual([]);
    rig.settle();
    expect(eventRevisions(client.take())).toEqual([3]);
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 3 } }]);
  });
});
