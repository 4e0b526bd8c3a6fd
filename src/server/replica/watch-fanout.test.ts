// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from "vitest";
import { type WatchDelivery, WatchHub } from "../../core/mvcc/watch/index.ts";
import { NaiveStore } from "../../core/mvcc/watch/testing/naive-store.ts";
import { WatchFanout } from "./watch-fanout.ts";

function setUp(puts: number) {
  const store = new NaiveStore();
  for (let count = 0; count < puts; count++) store.put("foo");
  const hub = new WatchHub({ history: store, hashSeed: 1 });
  const turns: (() => void)[] = [];
  const fanout = new WatchFanout(hub, (run) => turns.push(run));
  const delivered: WatchDelivery[] = [];
  const stream = hub.openStream({ deliver: (delivery) => delivered.push(delivery) > 0 });
  hub.create(stream, {
    id: 0n,
    key: Buffer.from("foo"),
    rangeEnd: new Uint8Array(0),
    startRevision: 1,
    withoutPuts: false,
    withoutDeletes: false,
    withPrevious: false,
    fragment: false,
    progressNotify: false,
  });
  return { store, hub, turns, fanout, delivered };
}

describe("WatchFanout", () => {
  it("tells how long sending took, with what was sent, and nothing when nothing was", () => {
    const { store, hub, turns } = setUp(1500);
    let nowMs = 0;
    const told: number[][] = [];
    const fanout = new WatchFanout(hub, (run) => turns.push(run), {
      nowMs: () => nowMs++,
      sent: (tookMs, responses, events) => told.push([tookMs, responses, events]),
    });
    fanout.wake();
    for (let run = turns.shift(); run !== undefined; run = turns.shift()) run();
    expect(told.splice(0)).toEqual([
      [1, 1, 1000],
      [1, 1, 500],
    ]);
    fanout.onApplied(store.put("bar"));
    expect(told).toEqual([]);
  });

  it("gives the hub one step per turn until nobody lags", () => {
    const { turns, fanout, delivered } = setUp(2500);
    fanout.wake();
    const perTurn: number[] = [];
    for (let run = turns.shift(); run !== undefined; run = turns.shift()) {
      run();
      perTurn.push(delivered.splice(0).reduce((sum, { events }) => sum + events.length, 0));
    }
    expect(perTurn).toEqual([1000, 1000, 500]);
  });

  it("schedules one turn however often it is woken", () => {
    const { turns, fanout } = setUp(10);
    fanout.wake();
    fanout.wake();
    expect(turns).toHaveLength(1);
  });

  it("schedules nothing while nobody lags", () => {
    const { store, hub, turns, fanout } = setUp(10);
    while (hub.hasWork()) hub.step();
    fanout.onApplied(store.put("foo"));
    expect(turns).toHaveLength(0);
  });

  it("reads history again after a snapshot replaced the store", () => {
    const { store, hub, turns, fanout, delivered } = setUp(3);
    while (hub.hasWork()) hub.step();
    delivered.length = 0;
    store.put("foo");
    fanout.onRestored();
    turns.shift()?.();
    expect(delivered.map(({ revision }) => revision)).toEqual([5]);
  });

  it("runs no step once it is stopped", () => {
    const { turns, fanout, delivered } = setUp(10);
    fanout.wake();
    fanout.stop();
    turns.shift()?.();
    expect(delivered).toEqual([]);
    fanout.wake();
    expect(turns).toHaveLength(0);
  });
});
