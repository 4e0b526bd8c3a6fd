// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  WatchCreateRequest_FilterType as FilterType,
  type WatchResponse,
} from "../../../src/api/gen/etcdserverpb.ts";
import { Event_EventType as EventType } from "../../../src/api/gen/mvccpb.ts";
import { grant } from "../subjects/leases.ts";
import { bytes, op, pair, text } from "../subjects/requests.ts";
import { sharedStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";
import { describeEvent, type WatchStream, withWatch } from "../subjects/watch-stream.ts";

describeCases("events as they happen", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-177 a put arrives as one event with the stored pair, under its own revision", () =>
    watching(async (watch) => {
      const { ID } = await grant(store(), 100);
      await watch.create("foo");
      const { header } = await store().put("foo", "bar", { lease: ID });
      const answer = await watch.next();
      expect(answer).toMatchObject({ watchId: 0n, created: false, canceled: false });
      expect(answer.header?.revision).toBe(header?.revision);
      expect(answer.events).toHaveLength(1);
      expect(answer.events[0]).toMatchObject({ type: EventType.PUT, prevKv: undefined });
      expect(pair(answer.events[0]?.kv)).toEqual(await store().get("foo"));
      expect(pair(answer.events[0]?.kv)).toMatchObject({ value: "bar", version: 1, lease: ID });
    }));

  test("S-180 the events of a txn come in one response, whoever watches", () =>
    watching(async (watch) => {
      await watch.create("k", { rangeEnd: "l" });
      const { header } = await store().txn({
        success: [op.put("k2"), op.put("x"), op.put("k1"), op.del("none"), op.put("k3")],
      });
      const revision = header?.revision ?? 0;
      await watch.create("k", { rangeEnd: "l", startRevision: revision });
      await watch.events(3);
      const withEvents = watch.received.filter(({ events }) => events.length > 0);
      const due = ["k2", "k1", "k3"].map((key) => `PUT ${key}=v@${revision}`);
      expect(withEvents.map(({ events }) => events.map(describeEvent))).toEqual(
        withEvents.map(() => due),
      );
      expect(new Set(withEvents.map(({ watchId }) => watchId)).size).toBe(withEvents.length);
    }));

  test("S-181 every watcher that matches gets a response of its own", () =>
    watching(async (watch) => {
      await watch.create("foo");
      await watch.create("fo", { rangeEnd: "fp" });
      await watch.create("a", { rangeEnd: "\0" });
      await watch.create("foo1");
      await watch.create("foo", { rangeEnd: "foo\0" });
      const [revision] = await store().putAll("foo");
      const answers: WatchResponse[] = [];
      for (let count = 0; count < 4; count += 1) answers.push(await watch.next());
      expect(answers.map(({ watchId }) => watchId).sort()).toEqual([0n, 1n, 2n, 4n]);
      for (const { events } of answers) {
        expect(events.map(describeEvent)).toEqual([`PUT foo=foo@${revision}`]);
      }
    }));

  test("S-184 a delete carries the key and its revision and nothing else", () =>
    watching(async (watch) => {
      await store().put("foo", "bar");
      await watch.create("foo");
      const { header } = await store().del("foo");
      const [event] = (await watch.next()).events;
      expect(event).toMatchObject({ type: EventType.DELETE, prevKv: undefined });
      expect(pair(event?.kv)).toEqual({
        key: "foo",
        value: "",
        createRevision: 0,
        modRevision: header?.revision,
        version: 0,
        lease: 0n,
      });
    }));

  test("S-185 a delete that matches nothing is no event", () =>
    watching(async (watch) => {
      await watch.create("foo");
      await store().del("foo");
      const [revision] = await store().putAll("foo");
      expect(await watch.events(1)).toEqual([`PUT foo=foo@${revision}`]);
    }));

  test("S-186 a lease that ends deletes like anybody, and the previous pair has it", () =>
    watching(async (watch) => {
      const { ID } = await grant(store(), 2);
      await store().put("foo", "bar", { lease: ID });
      await watch.create("foo", { prevKv: true });
      const [event] = (await watch.next()).events;
      expect(event).toMatchObject({
        type: EventType.DELETE,
        kv: { value: bytes(""), version: 0, lease: 0n },
      });
      expect(pair(event?.prevKv)).toMatchObject({ value: "bar", lease: ID });
    }));

  test("S-187 a watcher without puts gets the deletes", () =>
    watching(async (watch) => {
      await watch.create("foo", { filters: [FilterType.NOPUT] });
      await store().putAll("foo");
      const { header } = await store().del("foo");
      expect(await watch.events(1)).toEqual([`DELETE foo@${header?.revision}`]);
    }));

  test("S-188 a watcher without deletes gets the puts", () =>
    watching(async (watch) => {
      await watch.create("foo", { filters: [FilterType.NODELETE] });
      const [first] = await store().putAll("foo");
      await store().del("foo");
      const [second] = await store().putAll("foo");
      expect(await watch.events(2)).toEqual([`PUT foo=foo@${first}`, `PUT foo=foo@${second}`]);
    }));

  test("S-189 a watcher without both gets no event, and its progress is reported", () =>
    watching(async (watch) => {
      const filters = [FilterType.NOPUT, FilterType.NODELETE];
      const [start = 0] = await store().putAll("foo");
      await watch.create("foo", { filters });
      await watch.create("foo", { filters, startRevision: start });
      await store().del("foo");
      const now = await store().revision();
      const answer = await watch.progress();
      expect(answer).toMatchObject({ watchId: -1n, events: [], header: { revision: now } });
      expect(watch.received.flatMap(({ events }) => events)).toEqual([]);
    }));

  test("S-194 an event is a creation when its two revisions are equal", () =>
    watching(async (watch) => {
      await watch.create("foo");
      await store().putAll("foo", "foo");
      await store().del("foo");
      await store().putAll("foo");
      await watch.events(4);
      const pairs = watch.received.flatMap(({ events }) => events.map(({ kv }) => kv));
      const isCreation = pairs.map((kv) => kv?.createRevision === kv?.modRevision);
      expect(isCreation).toEqual([true, false, false, true]);
      expect(pairs.map((kv) => kv?.version)).toEqual([1, 2, 0, 1]);
    }));
});

describeCases("previous pairs", () => {
  const store = sharedStore();
  const watching = (body: (watch: WatchStream) => Promise<void>): Promise<void> =>
    withWatch(store().client, body);

  test("S-190 a put that overwrites has the pair right before", () =>
    watching(async (watch) => {
      const [created] = await store().putAll("foo");
      const { header } = await store().put("foo", "second");
      await watch.create("foo", { prevKv: true });
      await store().put("foo", "third");
      const [event] = (await watch.next()).events;
      expect(text(event?.kv?.value)).toBe("third");
      expect(pair(event?.prevKv)).toEqual({
        key: "foo",
        value: "second",
        createRevision: created,
        modRevision: header?.revision,
        version: 2,
        lease: 0n,
      });
    }));

  test("S-191 a put that creates has none, deleted before or not", () =>
    watching(async (watch) => {
      await store().putAll("old");
      await store().del("old");
      await watch.create("a", { rangeEnd: "\0", prevKv: true });
      await store().putAll("new", "old");
      await watch.events(2);
      const events = watch.received.flatMap((answer) => answer.events);
      expect(events.map(({ prevKv }) => prevKv)).toEqual([undefined, undefined]);
    }));

  test("S-192 a delete has the last pair", () =>
    watching(async (watch) => {
      const [, modified] = await store().putAll("foo", "foo");
      await watch.create("foo", { prevKv: true });
      await store().del("foo");
      const [event] = (await watch.next()).events;
      expect(event?.type).toBe(EventType.DELETE);
      expect(pair(event?.prevKv)).toMatchObject({ modRevision: modified, version: 2 });
    }));

  test("S-193 history keeps its events and loses the previous pairs that were compacted", () =>
    watching(async (watch) => {
      const [, second = 0, third] = await store().putAll("foo", "foo", "foo");
      await store().compact(second, true);
      await watch.create("foo", { startRevision: second, prevKv: true });
      await watch.events(2);
      const events = watch.received.flatMap((answer) => answer.events);
      expect(events.map(({ kv }) => [text(kv?.value), kv?.modRevision, kv?.version])).toEqual([
        ["foo", second, 2],
        ["foo", third, 3],
      ]);
      expect(events.map(({ prevKv }) => prevKv?.modRevision)).toEqual([undefined, second]);
    }));
});
