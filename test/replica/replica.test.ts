// SPDX-License-Identifier: Apache-2.0
//
// The replica with its real log and store engines on a simulated clock and disk.

import { expect, test } from "vitest";
import { CompactionRequest, PutRequest } from "../../src/api/gen/etcdserverpb.ts";
import { MemoryDisk } from "../../src/core/backend/index.ts";
import { SeededRandom } from "../harness/seeded-random.ts";
import { SimClock } from "../harness/sim-clock.ts";
import { SimDisk } from "../harness/sim-disk.ts";
import { REQUEST_TIMEOUT_TICKS, SimMember } from "../harness/sim-member.ts";

class World {
  readonly disk = new SimDisk();
  readonly store = new MemoryDisk();
  readonly clock = new SimClock();
  readonly random: SeededRandom;
  readonly lies: boolean;

  constructor(seed = 1, lies = false) {
    this.random = new SeededRandom(seed);
    this.lies = lies;
  }

  start(): SimMember {
    return new SimMember(this);
  }

  startSettled(): SimMember {
    const member = this.start();
    member.settle();
    return member;
  }
}

test("a new member leads by itself, without waiting for an election timeout", () => {
  const member = new World().startSettled();
  expect(member.replica.isReadyLeader).toBe(true);
  expect(member.replica.appliedIndex).toBe(2);
  expect(member.state.membership.members().map((m) => m.name)).toEqual(["m"]);
});

test("nothing is answered or applied before it is synced", () => {
  const member = new World().startSettled();
  const put = member.put("k", "v");
  member.turn();
  expect(member.unsynced).toHaveLength(1);
  expect(put.outcome).toBe(undefined);
  expect(member.value("k")).toBe(null);
  member.sync();
  expect(put.outcome).toMatchObject({ kind: "put", revision: 2 });
  expect(member.value("k")).toBe("v");
});

test("what comes together is one append, and the next batch is written while one is syncing", () => {
  const member = new World().startSettled();
  const first = [member.put("a", "1"), member.put("b", "2"), member.put("c", "3")];
  member.turn();
  const second = member.put("d", "4");
  member.turn();
  expect(member.unsynced.map((append) => append.entries.length)).toEqual([3, 1]);
  member.sync();
  expect(first.map((put) => put.outcome)).toMatchObject([
    { revision: 2 },
    { revision: 3 },
    { revision: 4 },
  ]);
  expect(second.outcome).toMatchObject({ revision: 5 });
});

test("events come in order, one list per revision, and before nothing else changes", () => {
  const member = new World().startSettled();
  member.put("a", "1");
  member.put("b", "2");
  member.settle();
  expect(member.events.map((event) => [Buffer.from(event.key).toString(), event.main])).toEqual([
    ["a", 2],
    ["b", 3],
  ]);
});

test("a linearizable read sees every write answered before it", () => {
  const member = new World().startSettled();
  member.put("k", "old");
  member.settle();
  member.put("k", "new");
  const early = member.read("k");
  member.turn();
  // The read was confirmed at the commit index of that moment: the write is not committed.
  expect(early.value).toBe("old");
  member.sync();
  const late = member.read("k");
  member.turn();
  expect(late.value).toBe("new");
});

test("requests wait for a leader and are given up after the request timeout", () => {
  const world = new World();
  const member = world.start();
  const put = member.put("k", "v");
  const read = member.read("k");
  for (let tick = 0; tick < REQUEST_TIMEOUT_TICKS; tick++) member.replica.tick();
  member.turn();
  expect(put.outcome).toEqual({ kind: "unserved", reason: "timeout" });
  expect(read.unserved).toBe("timeout");
});

test("what a leader decides is proposed while it leads, and neither waits nor travels else", () => {
  const member = new World().start();
  const message = PutRequest.encode({ key: Buffer.from("k"), value: Buffer.from("v") });
  const early = member.propose("put", message, { isLeaders: true });
  member.turn();
  expect(early.outcome).toEqual({ kind: "unserved", reason: "dropped" });
  member.settle();
  const put = member.propose("put", message, { isLeaders: true });
  member.settle();
  expect(put.outcome).toMatchObject({ kind: "put", revision: 2 });
  expect(member.replica.pendingProposals).toBe(0);
});

test("a stop answers everything that waits", () => {
  const member = new World().startSettled();
  const put = member.put("k", "v");
  const read = member.read("k");
  member.stop();
  expect(put.outcome).toEqual({ kind: "unserved", reason: "stopped" });
  expect(read.unserved).toBe("stopped");
});

test("after a restart the store is replayed from its consistent index, nothing twice", async () => {
  const world = new World();
  const member = world.startSettled();
  member.put("a", "1");
  member.settle();
  await member.backend.commit();
  member.put("a", "2");
  member.put("b", "1");
  member.settle();
  world.disk.crash({ seed: 7 });
  const again = world.startSettled();
  expect(again.value("a")).toBe("2");
  expect(again.value("b")).toBe("1");
  expect(again.store.currentRevision).toBe(4);
  const kv = again.store.head(Buffer.from("a"));
  expect(kv?.version).toBe(2);
});

test("compaction is applied and survives a restart", async () => {
  const world = new World();
  const member = world.startSettled();
  member.put("a", "1");
  member.put("a", "2");
  member.settle();
  const compact = member.propose("compaction", CompactionRequest.encode({ revision: 3 }));
  member.settle();
  expect(compact.outcome).toMatchObject({ kind: "compaction", revision: 3 });
  const twice = member.propose("compaction", CompactionRequest.encode({ revision: 3 }));
  member.settle();
  expect(twice.outcome).toEqual({ kind: "error", error: "compacted" });
  world.disk.crash({ seed: 3 });
  expect(world.startSettled().store.compactRevision).toBe(3);
});

test("the log in memory is cut behind the applied index", () => {
  const member = new World().startSettled();
  for (let n = 0; n < 300; n++) member.put("k", String(n));
  member.settle();
  expect(member.state.storage.firstIndex()).toBeGreaterThan(200);
  expect(member.state.storage.lastIndex()).toBe(302);
});

interface Ledger {
  /** Values by key in order of their revisions, answered ones only. */
  readonly acknowledged: { key: string; value: string; revision: number }[];
  readonly attempted: Set<string>;
}

/** Writes, syncs, commits and power failures at random; nothing answered may be missing. */
async function ordeal(seed: number, lies = false): Promise<void> {
  const world = new World(seed, lies);
  const { random } = world;
  const ledger: Ledger = { acknowledged: [], attempted: new Set() };
  let member = world.startSettled();
  let open: { put: ReturnType<SimMember["put"]>; key: string; value: string }[] = [];
  const collect = (): void => {
    for (const { put, key, value } of open) {
      if (put.outcome?.kind !== "put") continue;
      ledger.acknowledged.push({ key, value, revision: put.outcome.revision });
    }
    open = open.filter(({ put }) => put.outcome === undefined);
  };
  for (let step = 0; step < 300; step++) {
    const dice = random.intBelow(100);
    if (dice < 50) {
      const key = `k${random.intBelow(8)}`;
      const value = `${seed}-${step}`;
      ledger.attempted.add(value);
      open.push({ put: member.put(key, value), key, value });
    } else if (dice < 75) member.turn();
    else if (dice < 90) member.sync();
    else if (dice < 96) await member.backend.commit();
    else {
      collect();
      open = [];
      world.disk.crash({ seed: random.intBelow(1 << 30) });
      member = world.startSettled();
      check(member, ledger);
    }
    collect();
  }
  member.settle();
  collect();
  check(member, ledger);
}

function check(member: SimMember, ledger: Ledger): void {
  const seen = new Set<string>();
  const { events } = member.store.eventsFrom(1, member.store.currentRevision, 1e6, 1e9);
  const byRevision = new Map<number, string>();
  for (const event of events) {
    const kv = member.store.viewAt(event.key, event.main);
    const value = Buffer.from(kv?.value ?? []).toString();
    expect(ledger.attempted.has(value), `${value} was never written`).toBe(true);
    expect(seen.has(value), `${value} is there twice`).toBe(false);
    seen.add(value);
    byRevision.set(event.main, value);
  }
  for (const { value, revision } of ledger.acknowledged) {
    expect(byRevision.get(revision), `the answer said revision ${revision}`).toBe(value);
  }
}

test.each(Array.from({ length: 10 }, (_, index) => index + 1))(
  "no acknowledged write is lost or doubled by power failures (seed %i)",
  async (seed) => {
    await ordeal(seed);
  },
);

test("the ordeal notices a member that answers before it has synced", async () => {
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map((seed) => ordeal(seed, true)));
  expect(outcomes.some((outcome) => outcome.status === "rejected")).toBe(true);
});
