// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { WatchRequest } from "../../api/gen/etcdserverpb.ts";
import { DEFAULT_WATCH_LIMITS } from "../../core/mvcc/watch/index.ts";
import { NaiveStore } from "../../core/mvcc/watch/testing/naive-store.ts";
import { eventRevisions, WatchRig } from "./testing/watch-rig.ts";
import { STREAM_BUFFER_BYTES_MAX, STREAM_CONTROL_BYTES_MAX } from "./watch-session.ts";

const VALUE_BYTES = 100_000;
const RESPONSE_BYTES_MAX = VALUE_BYTES + 200;

const value = (): Buffer => Buffer.alloc(VALUE_BYTES, 0x61);

describe("clients that do not keep up", () => {
  it("holds a bounded number of bytes for a client that does not read, and loses nothing", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.call.stalled = true;
    for (let count = 0; count < 50; count++) rig.put("foo", value());
    rig.settle();
    expect(rig.hub.stats().laggingCount).toBe(1);
    const peak = client.call.bufferedBytesPeak;
    expect(peak).toBeLessThanOrEqual(STREAM_BUFFER_BYTES_MAX + RESPONSE_BYTES_MAX);
    client.drain();
    rig.settle();
    const revisions = eventRevisions(client.take());
    expect(revisions).toEqual(Array.from({ length: 50 }, (_, index) => index + 2));
    expect(rig.hub.stats().laggingCount).toBe(0);
  });

  it("does not delay other streams", () => {
    const rig = new WatchRig();
    const slow = rig.connect();
    const fast = rig.connect();
    slow.create("foo");
    fast.create("foo");
    slow.call.stalled = true;
    for (let count = 0; count < 30; count++) rig.put("foo", value());
    expect(eventRevisions(fast.take())).toHaveLength(30);
    expect(rig.hub.hasWork()).toBe(false);
  });

  it("cancels a client that drains after its history was compacted", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.call.stalled = true;
    for (let count = 0; count < 30; count++) rig.put("foo", value());
    rig.store.compact(30);
    const seen = eventRevisions(client.take());
    expect(seen[0]).toBe(2);
    expect(seen.length).toBeLessThan(28);
    client.drain();
    rig.settle();
    expect(client.take()).toMatchObject([{ watchId: 0n, canceled: true, compactRevision: 30 }]);
  });

  it("lets the rest of a fragmented response wait, with control answers behind it", () => {
    const store = new NaiveStore();
    for (let count = 0; count < 40; count++) store.put("foo", value());
    const rig = new WatchRig({ store, requestBytesMax: 2 * VALUE_BYTES + 1000 - 512 * 1024 });
    const client = rig.connect();
    client.create("foo", { startRevision: 1, fragment: true });
    client.take();
    client.call.stalled = true;
    rig.settle();
    client.create("bar");
    const peak = client.call.bufferedBytesPeak;
    expect(peak).toBeLessThanOrEqual(STREAM_BUFFER_BYTES_MAX + 2 * RESPONSE_BYTES_MAX);
    const first = client.take();
    expect(first.every(({ fragment }) => fragment)).toBe(true);
    client.drain();
    const rest = client.take();
    expect(eventRevisions([...first, ...rest])).toHaveLength(40);
    const lastPiece = rest.findIndex(({ fragment }) => !fragment);
    expect(rest.slice(lastPiece + 1)).toMatchObject([{ watchId: 1n, created: true }]);
  });

  it("stops reading requests of a client that does not read the answers", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.call.stalled = true;
    for (let count = 0; count < 15; count++) rig.put("foo", value());
    const before = client.call.bufferedBytes;
    let requests = 0;
    for (; !client.call.paused && requests < 100_000; requests++) client.create("foo");
    expect(client.call.paused).toBe(true);
    const held = client.call.bufferedBytes - before;
    expect(held).toBeGreaterThanOrEqual(STREAM_CONTROL_BYTES_MAX);
    expect(held).toBeLessThan(STREAM_CONTROL_BYTES_MAX + 100);
    client.drain();
    expect(client.call.paused).toBe(false);
    const created = client.take().filter((response) => response.created);
    expect(created).toHaveLength(requests + 1);
  });

  it("does not answer progress requests on a full stream more than once", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.call.stalled = true;
    for (let count = 0; count < 10; count++) rig.put("foo", value());
    rig.put("foo", value());
    client.take();
    for (let count = 0; count < 1000; count++) client.progress();
    expect(client.take()).toEqual([]);
    client.drain();
    rig.settle();
    expect(client.take()).toMatchObject([{ watchId: -1n, header: { revision: 12 } }]);
  });

  it("survives an endpoint that cancels the stream while it is written to", () => {
    const rig = new WatchRig();
    const dying = rig.connect();
    const other = rig.connect();
    for (let count = 0; count < 3; count++) dying.create("foo");
    other.create("foo");
    dying.call.write = () => {
      dying.handler.onCancel();
      return false;
    };
    rig.put("foo");
    rig.apply(
      rig.store.change([
        { kind: "put", key: "foo" },
        { kind: "put", key: "fop" },
      ]),
    );
    expect(eventRevisions(other.take())).toEqual([2, 3]);
    expect(rig.hub.stats()).toMatchObject({ watcherCount: 1, streamCount: 1, laggingCount: 0 });
  });

  it("takes as many watchers as a stream may have and refuses the rest of a flood", () => {
    const rig = new WatchRig();
    const { streamWatchersMax } = DEFAULT_WATCH_LIMITS;
    const flooding = rig.connect();
    const other = rig.connect();
    other.create("foo");
    const message = WatchRequest.encode({ createRequest: { key: Buffer.from("foo") } });
    for (let count = 0; count < streamWatchersMax + 1000; count++) {
      flooding.call.sent.length = 0;
      flooding.handler.onMessage(message);
    }
    expect(flooding.take()[0]?.cancelReason).toBe("etcdserver: too many watchers on the stream");
    expect(rig.hub.stats().watcherCount).toBe(streamWatchersMax + 1);
    other.take();
    rig.put("foo");
    expect(eventRevisions(other.take())).toEqual([2]);
    flooding.handler.onCancel();
    expect(rig.hub.stats().watcherCount).toBe(1);
  });
});
