// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { WatchCreateRequest_FilterType as FilterType } from "../../api/gen/etcdserverpb.ts";
import { Event_EventType as EventType } from "../../api/gen/mvccpb.ts";
import { NaiveStore } from "../../core/mvcc/watch/testing/naive-store.ts";
import { eventKeys, eventRevisions, WatchRig } from "./testing/watch-rig.ts";

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

/** A rig whose store holds the key foo at revisions 2 to 4. */
function rigWithHistory(): WatchRig {
  const store = new NaiveStore();
  for (const value of ["a", "b", "c"]) store.put("foo", value);
  return new WatchRig({ store });
}

describe("delivering events", () => {
  it("S-177 delivers a put with the stored pair and its revision in the header", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    rig.apply(rig.store.put("foo", "bar", 77n));
    const [response] = client.take();
    expect(response?.header?.revision).toBe(2);
    expect(response?.events).toEqual([
      {
        type: EventType.PUT,
        kv: {
          key: bytes("foo"),
          value: bytes("bar"),
          createRevision: 2,
          modRevision: 2,
          version: 1,
          lease: 77n,
        },
        prevKv: undefined,
      },
    ]);
  });

  it("S-177 gives each event of a batch its own revision in the header", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    rig.apply(rig.store.put("foo"), rig.store.put("foo"), rig.store.put("foo"));
    expect(client.take().map(({ header }) => header?.revision)).toEqual([2, 3, 4]);
  });

  it("S-178 delivers history from the start revision on", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo", { startRevision: 3 });
    rig.settle();
    expect(eventRevisions(client.take())).toEqual([3, 4]);
  });

  it("S-179 delivers nothing before a start revision in the future", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo", { startRevision: 10 });
    for (let count = 0; count < 8; count++) rig.put("foo");
    rig.settle();
    expect(eventRevisions(client.take())).toEqual([10, 11, 12]);
  });

  it("S-179 accepts a start revision beyond all safe integers", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo", { startRevision: 2 ** 63 - 1024 });
    rig.put("foo");
    expect(client.take()).toMatchObject([{ created: true, canceled: false }]);
  });

  it("S-180 delivers the events of a transaction in one response, live and from history", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("k", { end: "l" });
    client.take();
    const operations = ["k1", "k2", "x", "k3"].map((key) => ({ kind: "put" as const, key }));
    rig.apply(rig.store.change(operations));
    client.create("k", { end: "l", startRevision: 1 });
    rig.settle();
    const responses = client.take().filter(({ events }) => events.length > 0);
    expect(responses.map((response) => eventKeys([response]))).toEqual([
      ["k1", "k2", "k3"],
      ["k1", "k2", "k3"],
    ]);
    expect(new Set(eventRevisions(responses))).toEqual(new Set([2]));
  });

  it("S-181 answers every matching watcher of a stream with its own id", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.create("fo", { end: "fp" });
    client.create("a", { end: "\0" });
    client.create("foo1");
    client.create("foo", { end: "foo\0" });
    client.take();
    rig.put("foo");
    const ids = client.take().map(({ watchId }) => watchId);
    expect(ids.sort()).toEqual([0n, 1n, 2n, 4n]);
  });

  it("S-182 delivers in order, without gap or repetition, while puts go on", () => {
    const store = new NaiveStore();
    for (let count = 0; count < 2500; count++) store.put("foo");
    const rig = new WatchRig({ store });
    const client = rig.connect();
    client.create("foo", { startRevision: 2 });
    do rig.put("foo");
    while (rig.turn());
    rig.put("foo");
    const revisions = eventRevisions(client.take());
    expect(revisions).toEqual(
      Array.from({ length: store.currentRevision - 1 }, (_, index) => index + 2),
    );
  });

  it("S-183 carries the store's revision in the header of a catch-up response", () => {
    const rig = rigWithHistory();
    rig.put("other");
    const client = rig.connect();
    client.create("foo", { startRevision: 2 });
    client.take();
    rig.settle();
    const [response] = client.take();
    expect(response?.header?.revision).toBe(5);
    expect(eventRevisions(response === undefined ? [] : [response])).toEqual([2, 3, 4]);
  });

  it("S-184 delivers a delete with only key and mod revision", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo");
    client.take();
    rig.delete("foo");
    const [event] = client.take()[0]?.events ?? [];
    expect(event?.type).toBe(EventType.DELETE);
    expect(event?.prevKv).toBeUndefined();
    expect(event?.kv).toEqual({
      key: bytes("foo"),
      modRevision: 5,
      createRevision: 0,
      version: 0,
      value: bytes(""),
      lease: 0n,
    });
  });

  it("S-185 delivers nothing for a delete that matched nothing", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    rig.delete("foo");
    expect(client.take()).toEqual([]);
  });

  it("S-186 delivers the keys of an expired lease as plain deletes of one revision", () => {
    const rig = new WatchRig();
    rig.apply(rig.store.put("a", "1", 5n), rig.store.put("b", "2", 5n));
    const client = rig.connect();
    client.create("a", { end: "\0", prevKv: true });
    client.take();
    rig.apply(
      rig.store.change([
        { kind: "delete", key: "a" },
        { kind: "delete", key: "b" },
      ]),
    );
    const [response] = client.take();
    expect(response?.events.map(({ type }) => type)).toEqual([1, 1]);
    expect(response?.events.map(({ kv }) => kv?.lease)).toEqual([0n, 0n]);
    expect(response?.events.map(({ prevKv }) => prevKv?.lease)).toEqual([5n, 5n]);
  });

  it.each([
    ["S-187", [FilterType.NOPUT], [EventType.DELETE]],
    ["S-188", [FilterType.NODELETE], [EventType.PUT]],
    ["S-189", [FilterType.NOPUT, FilterType.NODELETE], []],
  ])("%s leaves out what the filters %j exclude", (_, filters, expected) => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { filters });
    rig.put("foo");
    rig.delete("foo");
    client.create("foo", { filters, startRevision: 1 });
    rig.settle();
    const types = client.take().flatMap(({ events }) => events.map(({ type }) => type));
    expect(types).toEqual([...expected, ...expected]);
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, events: [] }]);
  });

  it("S-190 adds the pair right before an overwriting put", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo", { prevKv: true });
    client.take();
    rig.put("foo", "d");
    const [event] = client.take()[0]?.events ?? [];
    expect(text(event?.kv?.value)).toBe("d");
    expect(text(event?.prevKv?.value)).toBe("c");
    expect(event?.prevKv).toMatchObject({ createRevision: 2, modRevision: 4, version: 3 });
  });

  it("S-191 adds nothing to the put of a new key, and does not even look", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { prevKv: true });
    client.take();
    rig.put("foo");
    expect(client.take()[0]?.events[0]?.prevKv).toBeUndefined();
    expect(rig.store.lookups).toBe(0);
  });

  it("S-191 adds nothing to the put of a key that was deleted before", () => {
    const rig = rigWithHistory();
    rig.delete("foo");
    const client = rig.connect();
    client.create("foo", { prevKv: true });
    client.take();
    rig.put("foo");
    expect(client.take()[0]?.events[0]?.prevKv).toBeUndefined();
  });

  it("S-192 adds the last pair to a delete", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo", { prevKv: true });
    client.take();
    rig.delete("foo");
    expect(text(client.take()[0]?.events[0]?.prevKv?.value)).toBe("c");
  });

  it("S-193 leaves out a previous pair that was compacted", () => {
    const rig = rigWithHistory();
    rig.store.compact(3);
    const client = rig.connect();
    client.create("foo", { startRevision: 3, prevKv: true });
    client.take();
    rig.settle();
    const events = client.take()[0]?.events ?? [];
    expect(events.map(({ kv }) => text(kv?.value))).toEqual(["b", "c"]);
    expect(events.map(({ prevKv }) => text(prevKv?.value))).toEqual(["", "b"]);
  });

  it("looks a previous pair up once for any number of watchers", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    for (let count = 0; count < 20; count++) {
      client.create("foo", { prevKv: true });
      client.create("f", { end: "g" });
    }
    client.take();
    rig.put("foo");
    const responses = client.take();
    expect(responses.filter(({ events }) => events[0]?.prevKv !== undefined)).toHaveLength(20);
    expect(responses).toHaveLength(40);
    expect(rig.store.lookups).toBe(1);
  });

  it("S-194 leaves telling a creation from a modification to the revisions", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.take();
    rig.put("foo");
    rig.put("foo");
    const created = client
      .take()
      .map(({ events }) => events[0]?.kv?.createRevision === events[0]?.kv?.modRevision);
    expect(created).toEqual([true, false]);
  });

  it("S-195 S-196 confirms a watcher below the compaction, then cancels it without a reason", () => {
    const rig = rigWithHistory();
    rig.store.compact(4);
    const client = rig.connect();
    client.create("foo", { startRevision: 3 });
    rig.settle();
    rig.put("foo");
    const responses = client.take();
    expect(responses).toMatchObject([
      { watchId: 0n, created: true, canceled: false },
      { watchId: 0n, created: false, canceled: true, compactRevision: 4, cancelReason: "" },
    ]);
    expect(responses[1]?.events).toEqual([]);
    expect(rig.hub.stats().watcherCount).toBe(0);
  });

  it("confirms the cancel of a watcher that a compaction ended, and frees its id only then", () => {
    const rig = rigWithHistory();
    rig.store.compact(4);
    const client = rig.connect();
    client.create("foo", { startRevision: 3, watchId: 7n });
    rig.settle();
    client.take();
    client.create("foo", { watchId: 7n });
    client.cancel(7n);
    client.cancel(7n);
    client.create("foo", { watchId: 7n });
    expect(client.take()).toMatchObject([
      { watchId: -1n, created: true, canceled: true },
      { watchId: 7n, created: false, canceled: true, compactRevision: 0 },
      { watchId: 7n, created: true, canceled: false },
    ]);
  });

  it("reports progress for the other watchers of a stream behind a compaction cancel", () => {
    const rig = rigWithHistory();
    rig.store.compact(4);
    const client = rig.connect();
    client.create("foo");
    client.create("foo", { startRevision: 3 });
    rig.settle();
    client.take();
    client.progress();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 4 } }]);
  });

  it("S-197 serves a watcher that starts exactly at the compaction", () => {
    const rig = rigWithHistory();
    rig.store.compact(4);
    const client = rig.connect();
    client.create("foo", { startRevision: 4 });
    rig.settle();
    expect(eventRevisions(client.take())).toEqual([4]);
  });

  it("S-198 serves a client that resumes behind what it saw on a restarted member", () => {
    const { store } = rigWithHistory();
    const restarted = new WatchRig({ store });
    const client = restarted.connect();
    client.create("foo", { startRevision: 4 });
    restarted.put("foo");
    restarted.settle();
    expect(eventRevisions(client.take())).toEqual([4, 5]);
  });

  it("S-199 reads what a snapshot brought from history, for synced watchers too", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo");
    client.create("foo", { startRevision: 7 });
    client.create("foo", { startRevision: 100 });
    client.take();
    for (let count = 0; count < 4; count++) rig.store.put("foo");
    rig.fanout.onRestored();
    rig.put("foo");
    rig.settle();
    const responses = client.take();
    const own = (id: bigint) => responses.filter(({ watchId }) => watchId === id);
    expect(eventRevisions(own(0n))).toEqual([5, 6, 7, 8, 9]);
    expect(eventRevisions(own(1n))).toEqual([7, 8, 9]);
    expect(own(2n)).toEqual([]);
  });

  it("S-199 cancels watchers whose events a snapshot no longer has", () => {
    const rig = rigWithHistory();
    const client = rig.connect();
    client.create("foo");
    client.take();
    for (let count = 0; count < 4; count++) rig.store.put("foo");
    rig.store.compact(7);
    rig.fanout.onRestored();
    rig.settle();
    expect(client.take()).toMatchObject([{ watchId: 0n, canceled: true, compactRevision: 7 }]);
  });

  it("S-200 splits a large response into fragments", () => {
    const store = new NaiveStore();
    for (let index = 0; index < 10; index++) store.put(`k${index}`, Buffer.alloc(1000, 0x61));
    const rig = new WatchRig({ store, requestBytesMax: 3000 - 512 * 1024 });
    const client = rig.connect();
    client.create("k", { end: "l", startRevision: 1, fragment: true });
    client.take();
    rig.settle();
    const sizes = client.call.sent.map((message) => message.length);
    const responses = client.take();
    expect(responses.map(({ fragment }) => fragment)).toEqual([true, true, true, true, false]);
    expect(responses.map(({ events }) => events.length)).toEqual([2, 2, 2, 2, 2]);
    expect(Math.max(...sizes)).toBeLessThan(3000);
    expect(eventRevisions(responses)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (const response of responses) {
      expect(response).toMatchObject({ watchId: 0n, header: { revision: 11 } });
    }
  });

  it("S-200 follows --max-request-bytes", () => {
    const store = new NaiveStore();
    for (let index = 0; index < 4; index++) store.put(`k${index}`, Buffer.alloc(600_000));
    for (const [requestBytesMax, pieces] of [
      [1_572_864, 2],
      [100_000, 4],
      [10_000_000, 1],
    ] as const) {
      const rig = new WatchRig({ store, requestBytesMax });
      const client = rig.connect();
      client.create("k", { end: "l", startRevision: 1, fragment: true });
      client.take();
      rig.settle();
      expect(client.take()).toHaveLength(pieces);
    }
  });

  it("S-201 sends a large response whole to a watcher that did not ask for fragments", () => {
    const store = new NaiveStore();
    for (let index = 0; index < 10; index++) store.put(`k${index}`, Buffer.alloc(1_000_000));
    const rig = new WatchRig({ store });
    const client = rig.connect();
    client.create("k", { end: "l", startRevision: 1 });
    client.take();
    rig.settle();
    const responses = client.take();
    expect(responses.map(({ events }) => events.length)).toEqual([10]);
    expect(responses[0]?.fragment).toBe(false);
  });
});
