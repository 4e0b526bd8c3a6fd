// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it, vi } from "vitest";
import { InvariantError } from "../../../base/invariant.ts";
import { DEFAULT_WATCH_LIMITS, type WatchCreate, WatchHub, type WatchStream } from "./index.ts";
import { NaiveStore } from "./testing/naive-store.ts";
import { eventsOf, RecordingSink } from "./testing/recording-sink.ts";
import { Watcher } from "./watcher.ts";

function request(key: string, fields: Partial<WatchCreate> & { end?: string } = {}): WatchCreate {
  const { end, ...rest } = fields;
  return {
    id: 0n,
    key: Buffer.from(key),
    rangeEnd: Buffer.from(end ?? ""),
    startRevision: 0,
    withoutPuts: false,
    withoutDeletes: false,
    withPrevious: false,
    fragment: false,
    progressNotify: false,
    ...rest,
  };
}

function setUp(limits: Partial<typeof DEFAULT_WATCH_LIMITS> = {}) {
  const store = new NaiveStore();
  const hub = new WatchHub({
    history: store,
    hashSeed: 1,
    limits: { ...DEFAULT_WATCH_LIMITS, ...limits },
  });
  return { store, hub };
}

function fill(store: NaiveStore, hub: WatchHub, count: number, key = "foo"): void {
  for (let index = 0; index < count; index++) hub.notify(store.put(key));
}

function settle(hub: WatchHub): number {
  let steps = 0;
  for (; hub.hasWork(); steps++) hub.step();
  return steps;
}

const revisions = (sink: RecordingSink): number[] =>
  sink.take().flatMap((delivery) => eventsOf(delivery).map(({ kv }) => kv?.modRevision ?? 0));
const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("WatchHub", () => {
  it("shares one encoding of an event among all its watchers", () => {
    const { store, hub } = setUp();
    const sinks = [new RecordingSink(), new RecordingSink()];
    for (const sink of sinks) {
      const stream = hub.openStream(sink);
      hub.create(stream, request("foo"));
      hub.create(stream, request("f", { end: "g" }));
    }
    hub.notify(store.put("foo"));
    const fields = sinks.flatMap((sink) => sink.take()).map(({ events }) => events[0]);
    expect(fields).toHaveLength(4);
    expect(new Set(fields).size).toBe(1);
  });

  it("shares the encoding of history too, reading it once for watchers that lag alike", () => {
    const { store, hub } = setUp();
    fill(store, hub, 100);
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    for (let index = 0; index < 50; index++)
      hub.create(stream, request("foo", { startRevision: 2 }));
    settle(hub);
    const deliveries = sink.take();
    expect(deliveries).toHaveLength(50);
    expect(new Set(deliveries.map(({ events }) => events[99])).size).toBe(1);
    expect(store.reads).toBe(1);
  });

  it("refuses to skip a revision", () => {
    const { store, hub } = setUp();
    store.put("foo");
    expect(() => hub.notify(store.put("foo"))).toThrow(InvariantError);
  });

  it("serves a watcher that is created between the store's change and its events once", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    const events = store.put("foo");
    hub.create(hub.openStream(sink), request("foo", { startRevision: 2 }));
    settle(hub);
    hub.notify(events);
    settle(hub);
    expect(revisions(sink)).toEqual([2]);
  });

  it("hands a full stream nothing more, and holds no event for it", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink(3);
    const stream = hub.openStream(sink);
    hub.create(stream, request("foo"));
    sink.stalled = true;
    fill(store, hub, 20);
    expect(sink.heldPeak).toBe(3);
    expect(hub.stats()).toMatchObject({ laggingCount: 1 });
    expect(hub.hasWork()).toBe(false);
    sink.stalled = false;
    hub.resume(stream);
    settle(hub);
    expect(revisions(sink)).toEqual(upTo(2, 21));
  });

  it("keeps synced those watchers of a full stream that missed nothing", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    hub.create(stream, request("foo"));
    hub.create(stream, request("foo", { withoutPuts: true }));
    hub.create(stream, request("bar"));
    sink.stalled = true;
    fill(store, hub, 5);
    expect(hub.stats().laggingCount).toBe(1);
  });

  it("fills up again while it catches up, as often as it takes", () => {
    const { store, hub } = setUp({ sliceEventsMax: 10 });
    const sink = new RecordingSink(2);
    const stream = hub.openStream(sink);
    sink.stalled = true;
    hub.create(stream, request("foo"));
    fill(store, hub, 100);
    let drains = 0;
    for (; hub.stats().laggingCount > 0; drains++) {
      sink.held = 0;
      hub.resume(stream);
      settle(hub);
    }
    expect(drains).toBe(5);
    expect(sink.heldPeak).toBe(2);
    expect(revisions(sink)).toEqual(upTo(2, 101));
  });

  it("leaves what exceeds a batch's budget to the catch-up", () => {
    const { store, hub } = setUp({ notifyResponsesMax: 10 });
    const sinks = Array.from({ length: 4 }, () => new RecordingSink());
    for (const sink of sinks) hub.create(hub.openStream(sink), request("foo"));
    hub.notify([store.put("foo"), store.put("foo"), store.put("foo"), store.put("foo")].flat());
    expect(sinks.reduce((sum, sink) => sum + sink.deliveries.length, 0)).toBe(10);
    expect(hub.stats().laggingCount).toBe(4);
    settle(hub);
    for (const sink of sinks) expect(revisions(sink)).toEqual(upTo(2, 5));
    hub.notify(store.put("foo"));
    for (const sink of sinks) expect(revisions(sink)).toEqual([6]);
  });

  it("leaves what exceeds a batch's bytes to the catch-up, too", () => {
    const { store, hub } = setUp({ notifyBytesMax: 3000 });
    const sinks = Array.from({ length: 4 }, () => new RecordingSink());
    for (const sink of sinks) hub.create(hub.openStream(sink), request("foo"));
    hub.notify(store.change([{ kind: "put", key: "foo", value: Buffer.alloc(2000) }]));
    expect(sinks.map((sink) => sink.deliveries.length)).toEqual([1, 1, 0, 0]);
    settle(hub);
    for (const sink of sinks) expect(revisions(sink)).toEqual([2]);
  });

  it("does a bounded piece of work per step", () => {
    const { store, hub } = setUp();
    fill(store, hub, 3000);
    const sink = new RecordingSink();
    hub.create(hub.openStream(sink), request("foo", { startRevision: 1 }));
    hub.step();
    expect(sink.take().map(({ events }) => events.length)).toEqual([1000]);
    expect(settle(hub)).toBe(2);
    expect(revisions(sink)).toEqual(upTo(1002, 3001));
  });

  it("cuts slices by bytes, at revision boundaries", () => {
    const { store, hub } = setUp({ sliceBytesMax: 2500, sliceBytesMin: 2500 });
    const pair = ["foo1", "foo2"].map((key) => ({
      kind: "put" as const,
      key,
      value: Buffer.alloc(1000),
    }));
    for (let count = 0; count < 5; count++) hub.notify(store.change(pair));
    const sink = new RecordingSink();
    hub.create(hub.openStream(sink), request("foo", { end: "fop", startRevision: 1 }));
    settle(hub);
    expect(sink.take().map(({ events }) => events.length)).toEqual([4, 4, 2]);
  });

  it("shortens the slice that many watchers share", () => {
    const { store, hub } = setUp({ stepWorkMax: 1000, sliceEventsMin: 10 });
    fill(store, hub, 100);
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    for (let count = 0; count < 50; count++)
      hub.create(stream, request("foo", { startRevision: 2 }));
    hub.step();
    expect(sink.take().map(({ events }) => events.length)).toEqual(Array(50).fill(20));
  });

  it("gives away so many bytes per step, and the watchers left out come first in the next", () => {
    const { store, hub } = setUp({ stepBytesMax: 5000 });
    const put = { kind: "put" as const, key: "foo", value: Buffer.alloc(1900) };
    hub.notify(store.change([put]));
    hub.notify(store.change([put]));
    const sinks = Array.from({ length: 5 }, () => new RecordingSink());
    for (const sink of sinks)
      hub.create(hub.openStream(sink), request("foo", { startRevision: 1 }));
    const served = () => sinks.map((sink) => revisions(sink).length);
    hub.step();
    expect(served()).toEqual([2, 2, 0, 0, 0]);
    hub.step();
    expect(served()).toEqual([0, 0, 2, 2, 0]);
    hub.step();
    expect(served()).toEqual([0, 0, 0, 0, 2]);
    expect(hub.hasWork()).toBe(false);
  });

  it("serves those far behind and those close to the end in turns", () => {
    const { store, hub } = setUp({ sliceEventsMax: 10 });
    fill(store, hub, 1000);
    const far = new RecordingSink();
    const close = new RecordingSink();
    hub.create(hub.openStream(far), request("foo", { startRevision: 2 }));
    hub.create(hub.openStream(close), request("foo", { startRevision: 995 }));
    hub.step();
    hub.step();
    expect(revisions(close)).toEqual(upTo(995, 1001));
    expect(revisions(far)).toEqual(upTo(2, 11));
    settle(hub);
    expect(revisions(far)).toEqual(upTo(12, 1001));
  });

  it("serves more waiting watchers than a step takes or looks at", () => {
    const { store, hub } = setUp({ stepWatchersMax: 7, stepScanMax: 20 });
    fill(store, hub, 50);
    const sinks = Array.from({ length: 100 }, () => new RecordingSink());
    sinks.forEach((sink, index) => {
      hub.create(hub.openStream(sink), request("foo", { startRevision: 51 - (index % 50) }));
    });
    settle(hub);
    sinks.forEach((sink, index) => {
      expect(revisions(sink)).toEqual(upTo(Math.max(2, 51 - (index % 50)), 51));
    });
  });

  it("does not let one stream without room hold up the queue", () => {
    const { store, hub } = setUp();
    fill(store, hub, 10);
    const full = new RecordingSink();
    const open = new RecordingSink();
    const fullStream = hub.openStream(full);
    full.stalled = true;
    for (let count = 0; count < 20; count++) {
      hub.create(fullStream, request("foo", { startRevision: 2 }));
    }
    hub.create(hub.openStream(open), request("foo", { startRevision: 2 }));
    settle(hub);
    expect(full.heldPeak).toBe(1);
    expect(revisions(open)).toEqual(upTo(2, 11));
    expect(hub.stats().laggingCount).toBe(19);
  });

  it("serves all watchers of a stream in turns when it drains one response at a time", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    sink.stalled = true;
    for (let count = 0; count < 10; count++) hub.create(stream, request("foo"));
    fill(store, hub, 3);
    for (let drains = 0; drains < 10; drains++) {
      sink.held = 0;
      hub.resume(stream);
      settle(hub);
    }
    const ids = sink.take().map(({ watchId }) => watchId);
    expect(new Set(ids).size).toBe(10);
    expect(hub.stats().laggingCount).toBe(0);
  });

  it("tells a watcher whose history goes away while it catches up", () => {
    const { store, hub } = setUp({ sliceEventsMax: 10 });
    fill(store, hub, 100);
    const sink = new RecordingSink();
    hub.create(hub.openStream(sink), request("foo", { startRevision: 2 }));
    hub.step();
    store.compact(50);
    settle(hub);
    const deliveries = sink.take();
    expect(deliveries).toHaveLength(2);
    expect(deliveries[1]).toMatchObject({ compactRevision: 50, revision: 0, events: [] });
    expect(hub.stats().watcherCount).toBe(0);
  });

  it("does not cancel a watcher for a compaction below what it missed", () => {
    const { store, hub } = setUp({ notifyResponsesMax: 1 });
    const full = new RecordingSink();
    const late = new RecordingSink();
    const last = new RecordingSink();
    const fullStream = hub.openStream(full);
    hub.create(fullStream, request("foo"));
    for (const sink of [late, last]) hub.create(hub.openStream(sink), request("foo"));
    full.stalled = true;
    hub.create(fullStream, request("fill"));
    hub.notify(store.put("fill"));
    fill(store, hub, 50, "other");
    hub.notify([store.put("foo"), store.put("foo")].flat());
    store.compact(53);
    full.stalled = false;
    hub.resume(fullStream);
    settle(hub);
    expect(full.take().filter(({ compactRevision }) => compactRevision > 0)).toEqual([]);
    expect(hub.stats().watcherCount).toBe(4);
    expect(revisions(last)).toEqual([53, 54]);
    expect(revisions(late)).toEqual([53, 54]);
  });

  it("does not cancel a synced watcher for a compaction before a snapshot", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    hub.create(hub.openStream(sink), request("foo"));
    fill(store, hub, 50, "other");
    store.put("foo");
    store.compact(52);
    hub.restore();
    settle(hub);
    expect(revisions(sink)).toEqual([52]);
  });

  it("drops a closed stream in whatever state its watchers are", () => {
    const { store, hub } = setUp();
    fill(store, hub, 10);
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    sink.stalled = true;
    hub.create(stream, request("foo"));
    hub.create(stream, request("foo", { startRevision: 2 }));
    hub.create(stream, request("bar"));
    hub.notify(store.put("foo"));
    hub.notify(store.put("foo"));
    hub.create(stream, request("foo", { startRevision: 2 }));
    hub.closeStream(stream);
    hub.closeStream(stream);
    hub.resume(stream);
    sink.take();
    fill(store, hub, 1);
    settle(hub);
    expect(sink.take()).toEqual([]);
    expect(hub.stats()).toMatchObject({ streamCount: 0, watcherCount: 0, laggingCount: 0 });
  });

  it("lets a sink close its stream while history is handed out", () => {
    const { store, hub } = setUp();
    fill(store, hub, 10);
    let stream: WatchStream | undefined;
    let delivered = 0;
    stream = hub.openStream({
      deliver() {
        delivered++;
        if (stream !== undefined) hub.closeStream(stream);
        return true;
      },
    });
    for (let count = 0; count < 3; count++) {
      hub.create(stream, request("foo", { startRevision: 2 }));
    }
    settle(hub);
    expect(delivered).toBe(1);
    expect(hub.stats().watcherCount).toBe(0);
  });

  it("tells apart keys whose hashes are equal", () => {
    // These three have one hash under the seed of `setUp`.
    const names = ["u3z5lr13v5ccj", "m6rfwb1t8qs5f", "1mir01vcfq4z4"];
    for (const leaving of names) {
      const { store, hub } = setUp();
      const sink = new RecordingSink();
      const stream = hub.openStream(sink);
      names.forEach((name, index) => {
        expect(hub.create(stream, request(name, { id: BigInt(index + 1) })).ok).toBe(true);
      });
      hub.cancel(stream, BigInt(names.indexOf(leaving) + 1));
      for (const name of names) hub.notify(store.put(name));
      const expected = [1n, 2n, 3n].filter((id) => id !== BigInt(names.indexOf(leaving) + 1));
      expect(sink.take().map(({ watchId }) => watchId)).toEqual(expected);
    }
  });

  it("finds single keys among very many", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    for (let index = 0; index < 20_000; index++) hub.create(stream, request(`key-${index}`));
    for (const index of [0, 4711, 19_999]) {
      hub.notify(store.put(`key-${index}`));
      expect(sink.take().map(({ watchId }) => watchId)).toEqual([BigInt(index)]);
    }
    for (let id = 0n; id < 20_000n; id++) expect(hub.cancel(stream, id)).toBe(true);
    hub.notify(store.put("key-1"));
    expect(sink.take()).toEqual([]);
  });

  it("looks at nobody but the watchers of the key, be they of keys, prefixes or ranges", () => {
    const { store, hub } = setUp();
    const sink = new RecordingSink();
    const stream = hub.openStream(sink);
    for (let index = 1000; index < 4000; index++) {
      hub.create(stream, request(`single-${index}`));
      hub.create(stream, request(`prefix-${index}-`, { end: `prefix-${index}.` }));
      hub.create(stream, request(`range-${index}`, { end: `range-${index + 2}` }));
    }
    const looks = vi.spyOn(Watcher.prototype, "wants");
    for (const key of ["single-2000", "prefix-2000-x", "range-2000", "nobody"]) {
      hub.notify(store.put(key));
    }
    expect(sink.take()).toHaveLength(4);
    expect(looks).toHaveBeenCalledTimes(4);
    looks.mockRestore();
  });
});
