// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { EMPTY_BYTES } from "../../base/bytes.ts";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { MvccStore, RANGE_COUNTS_MAX, type RangeReader } from "./index.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const OPEN = Uint8Array.of(0);

/** A small generator with a seed; the same numbers on every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

class World {
  readonly #backend = openMemoryBackend(new MemoryDisk());
  readonly store = new MvccStore(this.#backend, { keyPartBytes: 4 });

  /** Compacts to the present and removes what may be removed. */
  async compact(): Promise<void> {
    this.store.compact(this.store.currentRevision);
    await this.removeSome();
  }

  async removeSome(): Promise<void> {
    for (let at = 0; at < 20; at++) {
      this.#backend.wantIndex();
      await this.#backend.commit();
      this.store.compactStep({ maxOperations: 100 });
    }
  }

  put(key: string, value = "v"): void {
    const txn = this.store.write();
    txn.put(bytes(key), bytes(value), 0n);
    txn.end();
  }

  remove(key: string): void {
    const txn = this.store.write();
    txn.deleteRange(bytes(key), EMPTY_BYTES);
    txn.end();
  }

  change(random: (below: number) => number): void {
    const key = `key${random(60)}`;
    if (random(3) === 0) this.remove(key);
    else this.put(key, "v".repeat(random(20)));
  }

  /** All pairs at a revision, read at once, as hex. */
  whole(revision: number): string[] {
    const all = this.store.range(bytes("k"), OPEN, { revision, limit: 0 });
    return all.kind === "ok" ? all.kvs.map((kv) => Buffer.from(kv.bytes).toString("hex")) : [];
  }

  count(): number {
    const all = this.store.range(bytes("key2"), bytes("key5"), { revision: 0, limit: 0 });
    return all.kind === "ok" ? all.kvs.length : Number.NaN;
  }

  reader(options: { revision?: number; holds?: boolean } = {}): RangeReader {
    const { revision = 0, holds = false } = options;
    const reader = this.store.reader(bytes("k"), OPEN, { revision, keysOnly: false, holds });
    if (typeof reader === "string") throw new Error(reader);
    return reader;
  }
}

function readOn(reader: RangeReader, rows: number): string[] | "compacted" {
  const piece = reader.read({ rows, pairs: 7, bytes: 200 });
  if (piece === "compacted") return piece;
  return piece.map((kv) => Buffer.from(kv.bytes).toString("hex"));
}

test("a range read in pieces is that of its revision, whatever is written in between", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const world = new World();
    for (let at = 0; at < 80; at++) world.change(random);
    const revision = random(2) === 0 ? 0 : world.store.currentRevision - random(30);
    const expected = world.whole(revision);
    const reader = world.reader({ revision });
    const found: string[] = [];
    while (!reader.done) {
      const piece = readOn(reader, 1 + random(9));
      expect(piece, `seed ${seed}`).not.toBe("compacted");
      if (piece !== "compacted") found.push(...piece);
      for (let at = random(8); at > 0; at--) world.change(random);
    }
    expect(found, `seed ${seed}`).toEqual(expected);
  }
});

test("a held revision reads the same with compactions before and behind it under way", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = seeded(seed);
    const world = new World();
    for (let at = 0; at < 80; at++) world.change(random);
    if (random(2) === 0) world.store.compact(world.store.currentRevision - random(10));
    const revision = random(2) === 0 ? 0 : world.store.currentRevision;
    const expected = world.whole(revision);
    const reader = world.reader({ revision, holds: true });
    const found: string[] = [];
    while (!reader.done) {
      found.push(...readOn(reader, 1 + random(9)));
      for (let at = random(8); at > 0; at--) world.change(random);
      if (random(4) === 0) world.store.compact(world.store.currentRevision);
      if (random(3) === 0) await world.removeSome();
    }
    reader.close();
    expect(found, `seed ${seed}`).toEqual(expected);
  }
});

test("pairs of a piece stay within the budget, in number and in bytes", () => {
  const world = new World();
  for (let at = 10; at < 40; at++) world.put(`key${at}`, "v".repeat(80));
  for (let at = 10; at < 40; at += 2) world.remove(`key${at}`);
  const reader = world.reader({ revision: world.store.currentRevision - 10 });
  const sizes: number[] = [];
  while (!reader.done) {
    const piece = reader.read({ rows: 100, pairs: 3, bytes: 1e6 });
    sizes.push(piece === "compacted" ? -1 : piece.length);
  }
  expect(Math.max(...sizes)).toBe(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(25);
  const byBytes = world.reader().read({ rows: 100, pairs: 100, bytes: 150 });
  expect(byBytes).toHaveLength(2);
});

test("a compaction ends a reading that holds nothing, and waits for one that does", async () => {
  const world = new World();
  for (let at = 10; at < 40; at++) world.put(`key${at}`);
  const expected = world.whole(0);
  const holding = world.reader({ holds: true });
  const loose = world.reader();
  expect(readOn(loose, 5)).toHaveLength(5);
  for (let at = 10; at < 40; at++) world.remove(`key${at}`);
  await world.compact();
  expect(world.store.isCompacting).toBe(true);
  expect(readOn(loose, 5)).toBe("compacted");
  const found: string[] = [];
  while (!holding.done) found.push(...readOn(holding, 5));
  expect(found).toEqual(expected);
  holding.close();
  await world.removeSome();
  expect(world.store.isCompacting).toBe(false);
});

test("a reading that began after a compaction does not delay it, and sees what it should", async () => {
  const world = new World();
  for (let at = 10; at < 40; at++) world.put(`key${at}`);
  for (let at = 10; at < 40; at += 3) world.remove(`key${at}`);
  for (let at = 11; at < 40; at += 3) world.put(`key${at}`, "again");
  world.store.compact(world.store.currentRevision);
  const expected = world.whole(0);
  const reader = world.reader({ holds: true });
  const found = [...readOn(reader, 4)];
  world.put("key12", "later");
  await world.removeSome();
  expect(world.store.isCompacting).toBe(false);
  while (!reader.done) found.push(...readOn(reader, 4));
  expect(found).toEqual(expected);
  reader.close();
});

test("a count made in pieces is that of the moment it is done, and stays right", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const world = new World();
    for (let at = 0; at < 80; at++) world.change(random);
    const count = world.store.beginCount(bytes("key2"), bytes("key5"));
    while (!count.done) {
      world.store.stepCount(count, 1 + random(6));
      if (count.done) break;
      for (let at = random(8); at > 0; at--) world.change(random);
    }
    expect(count.count, `seed ${seed}`).toBe(world.count());
  }
});

test("a large count is kept and follows keys that come and go", () => {
  const world = new World();
  for (let at = 0; at < 12_000; at++) world.put(`key${String(at).padStart(5, "0")}`);
  const counted = () => {
    const count = world.store.beginCount(bytes("key"), bytes("kez"));
    const steps = count.done ? 0 : 1;
    while (!count.done) world.store.stepCount(count, 5000);
    return [count.count, steps];
  };
  expect(counted()).toEqual([12_000, 1]);
  world.remove("key00007");
  world.put("key99999");
  world.put("key00008", "again");
  world.put("other");
  expect(counted()).toEqual([12_000, 0]);
  world.remove("key99999");
  const options = { revision: 0, limit: 5 };
  const limited = world.store.range(bytes("key"), bytes("kez"), options);
  expect(limited).toMatchObject({ kind: "ok", count: 11_999 });
});

test("a count that nobody waits for any more makes room", () => {
  const world = new World();
  for (let at = 10; at < 60; at++) world.put(`key${at}`);
  const begin = (at: number) => world.store.beginCount(bytes(`key${10 + at}`), OPEN);
  const counts = Array.from({ length: RANGE_COUNTS_MAX }, (_, at) => begin(at));
  const [first] = counts;
  if (first === undefined) throw new Error("no count was begun");
  const second = begin(0);
  expect(second).toBe(first);
  world.store.endCount(first);
  expect(begin(RANGE_COUNTS_MAX).done).toBe(true);
  world.store.endCount(second);
  expect(begin(RANGE_COUNTS_MAX).done).toBe(false);
});

test("more counts than can be under way are made at once", () => {
  const world = new World();
  for (let at = 10; at < 60; at++) world.put(`key${at}`);
  for (let at = 0; at < RANGE_COUNTS_MAX; at++) {
    expect(world.store.beginCount(bytes(`key${10 + at}`), OPEN).done).toBe(false);
  }
  expect(world.store.beginCount(bytes("key1"), OPEN)).toMatchObject({ done: true, count: 50 });
});

test("keys are counted as they come, go and are compacted, also after a restart", async () => {
  const disk = new MemoryDisk();
  const backend = openMemoryBackend(disk);
  const store = new MvccStore(backend, { keyPartBytes: 4 });
  const change = (key: string, isPut: boolean): void => {
    const txn = store.write();
    if (isPut) txn.put(bytes(key), bytes("v"), 0n);
    else txn.deleteRange(bytes(key), EMPTY_BYTES);
    txn.end();
  };
  for (const key of ["a", "b", "a long key", "another", "a"]) change(key, true);
  expect(store.keyCount).toBe(4);
  change("a long key", false);
  change("b", false);
  expect(store.keyCount).toBe(4);
  change("b", true);
  store.compact(store.currentRevision);
  backend.wantIndex();
  for (let at = 0; at < 5; at++) {
    await backend.commit();
    store.compactStep({ maxOperations: 100 });
  }
  expect([store.isCompacting, store.keyCount, store.compactedRows]).toEqual([false, 3, 5]);
  backend.wantIndex();
  await backend.commit();
  expect(new MvccStore(openMemoryBackend(disk)).keyCount).toBe(3);
});

test("behind many uncommitted writes a read puts no more keys into order than it may look at", () => {
  const world = new World();
  for (let at = 0; at < 1000; at++) world.put(`key${(at * 7919) % 1000}`);
  const reader = world.reader();
  let steps = 0;
  for (let pairs = 0; pairs === 0; steps++) {
    // A key that comes meanwhile is ordered as well, and the read still comes to its end.
    if (steps % 10 === 0) world.put(`later${steps}`);
    const piece = reader.read({ rows: 50, pairs: 50, bytes: 10_000 });
    pairs = piece.length;
  }
  expect(steps).toBeGreaterThanOrEqual(1000 / 50);
  expect(steps).toBeLessThan(30);
  const again = world.reader();
  expect(again.read({ rows: 50, pairs: 50, bytes: 10_000 })).toHaveLength(50);
});

test("a count behind many uncommitted writes begins in steps too", () => {
  const world = new World();
  for (let at = 0; at < 1000; at++) world.put(`key${(at * 7919) % 1000}`);
  const count = world.store.beginCount(bytes("k"), OPEN);
  let steps = 0;
  for (; !count.done; steps++) {
    expect(count.count).toBe(Math.max(0, (steps - 1000 / 50 + 1) * 50));
    world.store.stepCount(count, 50);
  }
  expect(count.count).toBe(1000);
});
