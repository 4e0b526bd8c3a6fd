// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, it } from "vitest";
import { type Backend, MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { type KvView, MvccStore, type RangeOptions } from "./index.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value, "latin1"));

let disk: MemoryDisk;
let backend: Backend;
let store: MvccStore;

function put(key: string, value: string, lease = 0n): number {
  const txn = store.write();
  txn.put(bytes(key), bytes(value), lease);
  return txn.end().revision;
}

function remove(key: string, end = ""): { deleted: number; previous: string[]; revision: number } {
  const txn = store.write();
  const { deleted, previous } = txn.deleteRange(bytes(key), bytes(end));
  const { revision } = txn.end();
  return { deleted, previous: previous.map((kv) => text(kv.key)), revision };
}

function range(key: string, end = "", options: Partial<RangeOptions> = {}) {
  const found = store.range(bytes(key), bytes(end), { revision: 0, limit: 0, ...options });
  if (found.kind !== "ok") return found.kind;
  return { keys: found.kvs.map((kv) => text(kv.key)), count: found.count };
}

function one(key: string, revision = 0): KvView | undefined {
  const found = store.range(bytes(key), bytes(""), { revision, limit: 0 });
  return found.kind === "ok" ? found.kvs[0] : undefined;
}

async function finishCompaction(): Promise<void> {
  for (;;) {
    const { done, waits } = store.compactStep({ maxOperations: 10 });
    if (waits) await backend.commit();
    if (done) return;
  }
}

beforeEach(() => {
  disk = new MemoryDisk();
  backend = openMemoryBackend(disk);
  store = new MvccStore(backend);
});

describe("revisions", () => {
  it("start at 1, and the first write gets 2 (S-001, S-002)", () => {
    expect(store.currentRevision).toBe(1);
    expect(put("foo", "bar")).toBe(2);
    expect(one("foo")).toMatchObject({ createRevision: 2, modRevision: 2, version: 1 });
  });

  it("rise by one per request that changes something, and only then (S-003, S-004)", () => {
    put("a", "1");
    expect(remove("missing")).toEqual({ deleted: 0, previous: [], revision: 2 });
    const txn = store.write();
    txn.put(bytes("b"), bytes("1"), 0n);
    txn.put(bytes("c"), bytes("1"), 0n);
    txn.deleteRange(bytes("a"), bytes(""));
    const { revision, events } = txn.end();
    expect(revision).toBe(3);
    expect(events.map(({ main, sub }) => [main, sub])).toEqual([
      [3, 0],
      [3, 1],
      [3, 2],
    ]);
  });

  it("keep keys and values of any bytes (S-016)", () => {
    put("\0\u00ff", "\u00ff\0");
    expect(text(one("\0\u00ff")?.value ?? bytes("none"))).toBe("\u00ff\0");
  });
});

describe("a range", () => {
  it("without an end is one key, which may be missing (S-020, S-021)", () => {
    put("foo", "1");
    put("foobar", "1");
    expect(range("foo")).toEqual({ keys: ["foo"], count: 1 });
    expect(range("baz")).toEqual({ keys: [], count: 0 });
  });

  it("is half open, and empty when both ends are the same (S-022, S-023)", () => {
    for (const key of "abcde") put(key, "1");
    expect(range("b", "d")).toEqual({ keys: ["b", "c"], count: 2 });
    expect(range("c", "c")).toEqual({ keys: [], count: 0 });
  });

  it("goes to the end with an end of one zero byte (S-024, S-025)", () => {
    for (const key of "abcde") put(key, "1");
    expect(range("\0", "\0")).toEqual({ keys: ["a", "b", "c", "d", "e"], count: 5 });
    expect(range("c", "\0")).toEqual({ keys: ["c", "d", "e"], count: 3 });
  });

  it("counts all keys whatever the limit (S-027 to S-031)", () => {
    for (const key of "abc") put(key, "1");
    expect(range("\0", "\0", { limit: 1 })).toEqual({ keys: ["a"], count: 3 });
    expect(range("\0", "\0", { limit: -5 })).toEqual({ keys: ["a", "b", "c"], count: 3 });
    expect(range("\0", "\0", { countOnly: true, limit: 1 })).toEqual({ keys: [], count: 3 });
  });

  it("of keys only has neither values nor leases (S-032, S-033)", () => {
    put("a", "1", 5n);
    const found = store.range(bytes("a"), bytes("b"), { revision: 0, limit: 0, keysOnly: true });
    expect(found.kind === "ok" && found.kvs[0]).toMatchObject({
      createRevision: 2,
      modRevision: 2,
      version: 1,
      lease: 0n,
      value: bytes(""),
    });
  });

  it("shows the state at a revision that is neither compacted nor ahead (S-036 to S-041)", () => {
    for (const key of "abcde") put(key, "1");
    expect(range("\0", "\0", { revision: 3 })).toEqual({ keys: ["a", "b"], count: 2 });
    expect(range("\0", "\0", { revision: 1 })).toEqual({ keys: [], count: 0 });
    expect(range("\0", "\0", { revision: 7 })).toBe("future");
    store.compact(4);
    expect(range("\0", "\0", { revision: 3 })).toBe("compacted");
    expect(range("\0", "\0", { revision: 4 })).toEqual({ keys: ["a", "b", "c"], count: 3 });
    expect(range("\0", "\0", { revision: -1 })).toMatchObject({ count: 5 });
  });
});

describe("a put", () => {
  it("of the same value is a change (S-035, S-076)", () => {
    put("k", "v");
    put("k", "v");
    put("k", "v");
    expect(one("k")).toMatchObject({ createRevision: 2, modRevision: 4, version: 3 });
  });

  it("takes its lease as given and drops the old one (S-072)", () => {
    put("k", "v", 7n);
    expect(one("k")?.lease).toBe(7n);
    put("k", "w");
    expect(one("k")?.lease).toBe(0n);
    put("k", "w", -1n);
    expect(one("k")?.lease).toBe(-1n);
  });

  it("after a delete makes the key anew", () => {
    put("k", "v");
    remove("k");
    put("k", "w");
    expect(one("k")).toMatchObject({ createRevision: 4, modRevision: 4, version: 1 });
    expect(one("k", 2)).toMatchObject({ createRevision: 2, version: 1 });
    expect(one("k", 3)).toBeUndefined();
  });

  it("of a large value is read back, now and in the past", () => {
    put("k", "a".repeat(5000));
    put("k", "b".repeat(2_000_000));
    expect(text(one("k", 2)?.value ?? bytes(""))).toBe("a".repeat(5000));
    expect(one("k")?.value.length).toBe(2_000_000);
    const found = store.range(bytes("k"), bytes("l"), { revision: 0, limit: 0 });
    expect(found.kind === "ok" && found.kvs[0]?.value.length).toBe(2_000_000);
  });

  it("of a key of a megabyte and a half keeps its place in the order", () => {
    const long = "m".repeat(1_500_000);
    for (const key of [`${long}b`, "n", long, "m", `${long}a`]) put(key, "1");
    expect(range("\0", "\0")).toEqual({ keys: ["m", long, `${long}a`, `${long}b`, "n"], count: 5 });
    expect(range(`${long}a`, "n")).toEqual({ keys: [`${long}a`, `${long}b`], count: 2 });
    expect(remove("m", "n").deleted).toBe(4);
    expect(range("\0", "\0")).toEqual({ keys: ["n"], count: 1 });
  });
});

describe("a delete", () => {
  it("takes the keys of its range in order (S-080 to S-084)", () => {
    for (const key of ["fop", "foo/abc", "foo"]) put(key, "1");
    expect(remove("foo/", "fop")).toMatchObject({ deleted: 1, previous: ["foo/abc"] });
    expect(remove("fo", "\0")).toMatchObject({ deleted: 2, previous: ["foo", "fop"] });
    expect(range("\0", "\0")).toEqual({ keys: [], count: 0 });
  });

  it("leaves the past readable (S-087)", () => {
    put("k", "v");
    remove("k");
    expect(text(one("k", 2)?.value ?? bytes(""))).toBe("v");
    expect(one("k", 3)).toBeUndefined();
  });
});

describe("a transaction", () => {
  it("sees its own changes, and nobody sees half of it", () => {
    put("a", "old");
    const txn = store.write();
    const seen = (): string[] => {
      const found = txn.range(bytes("\0"), bytes("\0"), { revision: 0, limit: 0 });
      return found.kind === "ok" ? found.kvs.map((kv) => text(kv.value)) : [];
    };
    expect(seen()).toEqual(["old"]);
    txn.put(bytes("a"), bytes("new"), 0n);
    txn.put(bytes("b"), bytes("new"), 0n);
    expect(seen()).toEqual(["new", "new"]);
    expect(txn.revision).toBe(3);
    const past = txn.range(bytes("\0"), bytes("\0"), { revision: 2, limit: 0 });
    expect(past.kind === "ok" && past.kvs.map((kv) => text(kv.value))).toEqual(["old"]);
    expect(txn.range(bytes("a"), bytes(""), { revision: 4, limit: 0 }).kind).toBe("future");
    txn.end();
    expect(store.currentRevision).toBe(3);
  });
});

describe("a compaction", () => {
  it("is refused below the last one and ahead of the store (S-145 to S-147)", () => {
    for (const key of "abcde") put(key, "1");
    expect(store.compactRevision).toBe(-1);
    expect(store.compact(100)).toBe("future");
    expect(store.compact(6)).toBe("ok");
    expect(store.currentRevision).toBe(6);
    expect(store.compact(6)).toBe("compacted");
    expect(store.compact(3)).toBe("compacted");
  });

  it("keeps what is current and forgets the rest (S-148, S-149, S-157)", async () => {
    put("a", "1");
    put("a", "2");
    put("b", "1");
    remove("b");
    put("c", "1");
    store.compact(5);
    await finishCompaction();
    expect(one("a")).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
    expect(one("b", 5)).toBeUndefined();
    const kept: string[] = [];
    backend.forEach("key", (key) => kept.push(Buffer.from(key).toString("hex")));
    expect(kept.map((key) => [Number.parseInt(key.slice(0, 16), 16), key.length])).toEqual([
      [3, 34],
      [5, 36],
      [6, 34],
    ]);
  });

  it("is remembered and finished after a restart (S-150, S-156)", async () => {
    put("a", "1");
    put("a", "2");
    store.compact(3);
    expect(store.isCompacting).toBe(true);
    backend.setConsistentIndex(1, 1);
    await backend.commit();
    backend = openMemoryBackend(disk);
    store = new MvccStore(backend);
    expect(store.compactRevision).toBe(3);
    expect(range("a", "", { revision: 2 })).toBe("compacted");
    expect(store.isCompacting).toBe(true);
    await finishCompaction();
    expect(store.isCompacting).toBe(false);
    expect(backend.count("key", bytes(""), undefined)).toBe(1);
    await backend.commit();
    store = new MvccStore(openMemoryBackend(disk));
    expect(store.isCompacting).toBe(false);
  });

  it("waits for a hash that is being computed", async () => {
    for (const value of "12345") put("a", value);
    const job = store.hashByRevision(0);
    store.compact(6);
    for (let step = 0; step < 20; step++) {
      if (store.compactStep({ maxOperations: 10 }).waits) await backend.commit();
    }
    expect(backend.count("key", bytes(""), undefined)).toBe(5);
    if (job.kind === "job") job.close();
    await finishCompaction();
    expect(backend.count("key", bytes(""), undefined)).toBe(1);
  });

  it("works in slices no larger than it is told", async () => {
    for (let at = 0; at < 500; at++) put("a", String(at));
    store = new MvccStore(backend, { compactionHashes: false });
    store.compact(400);
    let steps = 0;
    let most = 0;
    for (let done = false; !done; steps++) {
      const before = backend.pendingOperations;
      const outcome = store.compactStep({ maxOperations: 50 });
      most = Math.max(most, backend.pendingOperations - before);
      if (outcome.waits) await backend.commit();
      done = outcome.done;
    }
    expect(steps).toBeGreaterThan(8);
    expect(most).toBeLessThanOrEqual(50);
  });
});

describe("opening a store", () => {
  it("reads no more than the last row, whatever the number of keys", async () => {
    for (let at = 0; at < 300; at++) put(`k${at}`, "v");
    await backend.commit();
    await backend.close();
    backend = openMemoryBackend(disk);
    let visited = 0;
    const scan = backend.scan.bind(backend);
    backend.scan = (table, from, to, visit) => {
      scan(table, from, to, (...row) => {
        visited++;
        return visit(...row);
      });
    };
    store = new MvccStore(backend);
    expect(visited).toBe(0);
    expect(store.currentRevision).toBe(301);
    expect(range("k", "l", { countOnly: true })).toEqual({ keys: [], count: 300 });
  });
});
