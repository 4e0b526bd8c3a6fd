// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { GrpcCode, rpcErrors } from "../../api/rpc-errors.ts";
import { DEFAULT_WATCH_LIMITS } from "../../core/mvcc/watch/index.ts";
import {
  CLUSTER_ID,
  eventKeys,
  eventRevisions,
  MEMBER_ID,
  RAFT_TERM,
  WatchRig,
} from "./testing/watch-rig.ts";

const refused = { created: true, canceled: true, watchId: -1n, compactRevision: 0, events: [] };

describe("creating and cancelling watchers", () => {
  it("S-158 confirms a watcher first, with the store's revision and the member's header", () => {
    const rig = new WatchRig();
    rig.put("other");
    const client = rig.connect();
    client.create("foo");
    expect(client.take()).toEqual([
      {
        header: {
          clusterId: CLUSTER_ID,
          memberId: MEMBER_ID,
          revision: 2,
          raftTerm: RAFT_TERM,
        },
        watchId: 0n,
        created: true,
        canceled: false,
        compactRevision: 0,
        cancelReason: "",
        fragment: false,
        events: [],
      },
    ]);
  });

  it("S-159 counts automatic ids from 0, for each stream", () => {
    const rig = new WatchRig();
    for (const client of [rig.connect(), rig.connect()]) {
      client.create("foo");
      client.create("foo");
      expect(client.take().map(({ watchId }) => watchId)).toEqual([0n, 1n]);
    }
  });

  it.each([7n, 1n << 62n, -5n])("S-160 takes the client's own id %s", (watchId) => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { watchId });
    rig.put("foo");
    const [created, event] = client.take();
    expect(created).toMatchObject({ watchId, created: true, canceled: false });
    expect(event).toMatchObject({ watchId, created: false });
  });

  it("S-161 refuses an id in use, and the first watcher keeps working", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { watchId: 7n });
    client.take();
    client.create("bar", { watchId: 7n });
    const cancelReason = "mvcc: duplicate watch ID provided on the WatchStream";
    expect(client.take()).toMatchObject([{ ...refused, cancelReason }]);
    rig.put("foo");
    rig.put("bar");
    expect(eventKeys(client.take())).toEqual(["foo"]);
  });

  it("S-162 skips ids in use when it chooses one", () => {
    const client = new WatchRig().connect();
    client.create("foo", { watchId: 1n });
    client.create("foo");
    client.create("foo");
    expect(client.take().map(({ watchId }) => watchId)).toEqual([1n, 0n, 2n]);
  });

  it("S-163 takes an empty key for the single key 0x00", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("");
    client.take();
    rig.put("\0");
    rig.put("\0\0");
    rig.put("a");
    expect(eventKeys(client.take())).toEqual(["\0"]);
  });

  it("S-164 watches half-open ranges", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { end: "fop" });
    client.take();
    for (const key of ["fon", "foo", "foo1", "foozz", "fop"]) rig.put(key);
    expect(eventKeys(client.take())).toEqual(["foo", "foo1", "foozz"]);
  });

  it("S-165 takes the range end 0x00 for everything from the key on", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { end: "\0" });
    client.take();
    for (const key of ["fo", "foo", "zzz"]) rig.put(key);
    expect(eventKeys(client.take())).toEqual(["foo", "zzz"]);
  });

  it.each(["foo", "fo", "a"])("S-166 refuses the empty range from foo to %s", (end) => {
    const client = new WatchRig().connect();
    client.create("foo", { end });
    const cancelReason = "mvcc: watcher range is empty";
    expect(client.take()).toMatchObject([{ ...refused, cancelReason }]);
  });

  it("S-167 refuses a negative start revision, whatever the permissions", () => {
    const client = new WatchRig({ permission: () => rpcErrors.permissionDenied }).connect();
    client.create("foo", { startRevision: -1 });
    const cancelReason = "etcdserver: mvcc: required revision has been compacted";
    expect(client.take()).toMatchObject([{ ...refused, cancelReason }]);
    expect(client.call.status).toBeUndefined();
  });

  it("S-168 confirms a cancel, after which nothing is delivered", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    rig.put("foo");
    client.take();
    client.cancel(0n);
    rig.put("foo");
    rig.settle();
    const expected = { watchId: 0n, canceled: true, created: false, cancelReason: "", events: [] };
    expect(client.take()).toMatchObject([expected]);
  });

  it("S-168 cancels a watcher that is still reading history", () => {
    const rig = new WatchRig();
    rig.put("foo");
    const client = rig.connect();
    client.create("foo", { startRevision: 1 });
    client.cancel(0n);
    rig.settle();
    expect(client.take().map(({ events }) => events.length)).toEqual([0, 0]);
  });

  it("S-169 ignores a cancel for an unknown id", () => {
    const client = new WatchRig().connect();
    client.cancel(3n);
    expect(client.take()).toEqual([]);
    expect(client.call.status).toBeUndefined();
  });

  it("S-170 lets a cancelled id be used again", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { watchId: 7n });
    client.cancel(7n);
    client.take();
    client.create("bar", { watchId: 7n });
    rig.put("foo");
    rig.put("bar");
    const responses = client.take();
    expect(responses[0]).toMatchObject({ watchId: 7n, created: true, canceled: false });
    expect(eventKeys(responses)).toEqual(["bar"]);
  });

  it("S-171 cancels one of several watchers without loss for the others", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    for (let count = 0; count < 3; count++) client.create("foo");
    rig.put("foo");
    client.cancel(1n);
    rig.put("foo");
    const responses = client.take();
    for (const watchId of [0n, 2n]) {
      const own = responses.filter((response) => response.watchId === watchId);
      expect(eventRevisions(own)).toEqual([2, 3]);
    }
  });

  it("S-172 forgets a thousand cancelled watchers", () => {
    const rig = new WatchRig();
    rig.put("k1");
    const client = rig.connect();
    for (let index = 0; index < 1000; index++) {
      client.create(`k${index % 50}`, { startRevision: index % 3 });
    }
    expect(rig.hub.stats()).toMatchObject({ watcherCount: 1000, laggingCount: 666 });
    for (let index = 0; index < 1000; index++) client.cancel(BigInt(index));
    expect(rig.hub.stats()).toMatchObject({ watcherCount: 0, laggingCount: 0, streamCount: 1 });
    client.handler.onCancel();
    expect(rig.hub.stats().streamCount).toBe(0);
  });

  it.each([
    ["S-173", rpcErrors.permissionDenied, "PermissionDenied"],
    ["S-174", rpcErrors.userEmpty, "InvalidArgument"],
    ["S-175", rpcErrors.invalidAuthToken, "Unauthenticated"],
  ])("%s refuses a watcher without permission and keeps the stream", (_, error, code) => {
    let denied = true;
    const rig = new WatchRig({ permission: () => (denied ? error : undefined) });
    const client = rig.connect();
    client.create("foo");
    const cancelReason = `rpc error: code = ${code} desc = ${error.message}`;
    expect(client.take()).toMatchObject([{ ...refused, cancelReason }]);
    denied = false;
    client.create("foo");
    rig.put("foo");
    expect(eventKeys(client.take())).toEqual(["foo"]);
  });

  it("S-176 asks for permission on the interval as it was requested", () => {
    const asked: string[] = [];
    const rig = new WatchRig({
      permission: (_, { key, rangeEnd }) => {
        asked.push(`${Buffer.from(key).toString("hex")}-${Buffer.from(rangeEnd).toString("hex")}`);
        return undefined;
      },
    });
    const client = rig.connect();
    client.create("k", { end: "\0" });
    client.create("");
    expect(asked).toEqual(["6b-00", "-"]);
  });

  it("refuses more watchers than a stream may have", () => {
    const limits = { ...DEFAULT_WATCH_LIMITS, streamWatchersMax: 2 };
    const client = new WatchRig({ limits }).connect();
    for (let count = 0; count < 3; count++) client.create("foo");
    const cancelReason = "etcdserver: too many watchers on the stream";
    expect(client.take()[2]).toMatchObject({ ...refused, cancelReason });
    client.cancel(0n);
    client.create("foo");
    expect(client.take()[1]).toMatchObject({ created: true, canceled: false });
  });

  it("bounds the memory of a stream's ranges, and gives it back on cancel", () => {
    const limits = { ...DEFAULT_WATCH_LIMITS, streamRangeBytesMax: 10 };
    const client = new WatchRig({ limits }).connect();
    client.create("12345678");
    client.create("123");
    client.cancel(0n);
    client.create("123");
    expect(client.take().map(({ created, canceled }) => created && !canceled)).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("keeps no reference to the request's memory", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("aaa", { end: "aab" });
    client.create("aaa");
    client.take();
    // The request's bytes are a pooled Buffer in the endpoint; here they are scribbled on.
    const rangeEnd = Buffer.from("bbc");
    const key = Buffer.from("bbb");
    const stream = rig.hub.openStream({ deliver: () => true });
    const options = { startRevision: 0, withoutPuts: false, withoutDeletes: false };
    const flags = { withPrevious: false, fragment: false, progressNotify: false };
    rig.hub.create(stream, { id: 0n, key, rangeEnd, ...options, ...flags });
    key.fill(0x7a);
    rangeEnd.fill(0x7a);
    rig.put("bbb1");
    expect(rig.hub.stats().eventsSentCount).toBe(1);
  });
});

describe("streams of the watch service", () => {
  it("ends with Internal on bytes that are no request", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.handler.onMessage(Uint8Array.of(0x0a, 0x7f));
    expect(client.call.status?.code).toBe(GrpcCode.internal);
    expect(rig.hub.stats().streamCount).toBe(0);
  });

  it("ignores an empty request", () => {
    const client = new WatchRig().connect();
    client.send({});
    expect(client.take()).toEqual([]);
    expect(client.call.status).toBeUndefined();
  });

  it("goes on delivering after the client has sent its last request", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    client.handler.onHalfClose();
    rig.put("foo");
    expect(eventKeys(client.take())).toEqual(["foo"]);
  });

  it("drops the watchers and the timer of a client that is gone", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo", { progressNotify: true });
    expect(rig.timerCount).toBe(1);
    client.take();
    client.handler.onCancel();
    rig.put("foo");
    expect(client.take()).toEqual([]);
    expect(rig.hub.stats()).toMatchObject({ watcherCount: 0, streamCount: 0 });
    expect(rig.timerCount).toBe(0);
  });

  it("ends all streams when the member stops, and refuses new ones", () => {
    const rig = new WatchRig();
    const client = rig.connect();
    client.create("foo");
    rig.service.stop();
    const stopped = { code: GrpcCode.unavailable, message: "etcdserver: server stopped" };
    expect(client.call.status).toEqual(stopped);
    expect(rig.connect().call.status).toEqual(stopped);
    expect(rig.hub.stats()).toMatchObject({ watcherCount: 0, streamCount: 0 });
  });

  it("ends only the streams that require a leader when it is lost", () => {
    const rig = new WatchRig();
    const strict = rig.connect({ hasleader: "true" });
    const loose = rig.connect();
    rig.hasLeader = false;
    rig.service.onLeaderLost();
    const noLeader = { code: GrpcCode.unavailable, message: "etcdserver: no leader" };
    expect(strict.call.status).toEqual(noLeader);
    expect(loose.call.status).toBeUndefined();
    expect(rig.connect({ hasleader: "true" }).call.status).toEqual(noLeader);
    expect(rig.connect().call.status).toBeUndefined();
  });
});
