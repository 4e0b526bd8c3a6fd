// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { bytesOf } from "../../base/binary-string.ts";
import {
  type Backend,
  BackendError,
  type BackendOptions,
  BUFFER_BYTES_MAX,
  COMMIT_OPERATIONS,
  MemoryDisk,
  openLmdbBackend,
  openMemoryBackend,
  type Table,
} from "./index.ts";

/** Something that backends can be opened on again and again. */
interface Place {
  open(options?: BackendOptions): Promise<Backend>;
  remove(): void;
}

const PLACES: Readonly<Record<string, () => Place>> = {
  memory: () => {
    const disk = new MemoryDisk();
    return { open: async (options) => openMemoryBackend(disk, options), remove: () => {} };
  },
  lmdb: () => {
    const directory = mkdtempSync(join(tmpdir(), "backend-"));
    return {
      open: (options) => openLmdbBackend(directory, options),
      remove: () => rmSync(directory, { recursive: true }),
    };
  },
};

const NOTHING = new Uint8Array(0);

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("latin1");
}

function rows(
  backend: Backend,
  table: Table,
  from = "",
  to: string | undefined = undefined,
  limit = Number.POSITIVE_INFINITY,
): string[] {
  const found: string[] = [];
  const end = to === undefined ? undefined : bytesOf(to);
  backend.scan(table, bytesOf(from), end, (keys, keyStart, keyEnd, values, start, valueEnd) => {
    const key = text(keys.subarray(keyStart, keyEnd));
    found.push(`${key}=${text(values.subarray(start, valueEnd))}`);
    return found.length < limit;
  });
  return found;
}

function put(backend: Backend, table: Table, key: string, value: string): void {
  backend.put(table, bytesOf(key), bytesOf(value));
}

describe.each(Object.keys(PLACES))("a %s backend", (kind) => {
  const opened: { backend: Backend | undefined; place: Place }[] = [];

  async function fresh(
    options?: BackendOptions,
  ): Promise<{ backend: Backend; reopen: () => Promise<Backend> }> {
    const place = PLACES[kind]?.() as Place;
    const entry: { backend: Backend | undefined; place: Place } = { backend: undefined, place };
    opened.push(entry);
    const reopen = async (): Promise<Backend> => {
      await entry.backend?.close();
      entry.backend = await place.open(options);
      return entry.backend;
    };
    return { backend: await reopen(), reopen };
  }

  afterEach(async () => {
    for (const { backend, place } of opened.splice(0)) {
      await backend?.close();
      place.remove();
    }
  });

  it("shows a write at once, and after the commit, and after opening it again", async () => {
    const { backend, reopen } = await fresh();
    put(backend, "lease", "b", "1");
    put(backend, "lease", "a", "");
    expect(rows(backend, "lease")).toEqual(["a=", "b=1"]);
    backend.setConsistentIndex(7, 3);
    const boundary = await backend.commit();
    expect(boundary).toEqual({ consistentIndex: 7, term: 3 });
    expect(rows(backend, "lease")).toEqual(["a=", "b=1"]);
    const again = await reopen();
    expect(rows(again, "lease")).toEqual(["a=", "b=1"]);
    expect(again.boundary).toEqual({ consistentIndex: 7, term: 3 });
    expect(again.durable).toEqual({ consistentIndex: 7, term: 3 });
  });

  it("forgets what was not committed, the boundary included", async () => {
    const { backend, reopen } = await fresh();
    put(backend, "lease", "a", "1");
    backend.setConsistentIndex(1, 1);
    await backend.commit();
    put(backend, "lease", "a", "2");
    backend.delete("lease", bytesOf("a"));
    backend.setConsistentIndex(2, 1);
    const again = await reopen();
    expect(rows(again, "lease")).toEqual(["a=1"]);
    expect(again.boundary.consistentIndex).toBe(1);
  });

  it("has the boundary in meta as etcd stores it, before any commit too", async () => {
    const { backend } = await fresh();
    expect(rows(backend, "meta")).toEqual([]);
    backend.setConsistentIndex(258, 0);
    expect(rows(backend, "meta")).toEqual(["consistent_index=\0\0\0\0\0\0\x01\x02"]);
    backend.setConsistentIndex(259, 2);
    const index = backend.get("meta", bytesOf("consistent_index"));
    expect(text(index)).toBe("\0\0\0\0\0\0\x01\x03");
    expect(text(backend.get("meta", bytesOf("term")))).toBe("\0\0\0\0\0\0\0\x02");
  });

  it("keeps writes that were made during a commit apart from it", async () => {
    const { backend, reopen } = await fresh();
    put(backend, "auth", "a", "1");
    put(backend, "auth", "b", "1");
    backend.setConsistentIndex(1, 1);
    const first = backend.commit();
    put(backend, "auth", "a", "2");
    backend.delete("auth", bytesOf("b"));
    backend.setConsistentIndex(2, 1);
    expect(rows(backend, "auth")).toEqual(["a=2"]);
    expect(backend.count("auth", NOTHING, undefined)).toBe(1);
    expect((await first).consistentIndex).toBe(1);
    expect(backend.durable.consistentIndex).toBe(1);
    expect(rows(backend, "auth")).toEqual(["a=2"]);
    expect(backend.count("auth", NOTHING, undefined)).toBe(1);
    const again = await reopen();
    expect(rows(again, "auth")).toEqual(["a=1", "b=1"]);
  });

  it("shows the same state in every turn of a commit", async () => {
    const { backend } = await fresh();
    const name = (at: number): string => `k${String(at).padStart(5, "0")}`;
    for (let at = 0; at < 6000; at++) {
      backend.put("head", bytesOf(name(at)), bytesOf("old"), "absent");
    }
    backend.setConsistentIndex(1, 1);
    backend.wantIndex();
    await backend.commit();
    for (let at = 0; at < 6000; at += 2) backend.delete("head", bytesOf(name(at)), "present");
    for (let at = 6000; at < 9000; at++) {
      backend.put("head", bytesOf(name(at)), bytesOf("new"), "absent");
    }
    backend.setConsistentIndex(2, 1);
    backend.wantIndex();
    let isDone = false;
    const commit = backend.commit().then(() => {
      isDone = true;
    });
    let turns = 0;
    while (!isDone) {
      expect(backend.count("head", NOTHING, undefined)).toBe(6000);
      expect(backend.count("head", bytesOf(name(5990)), bytesOf(name(6010)))).toBe(15);
      expect(rows(backend, "head", name(5997), name(6002))).toEqual([
        "k05997=old",
        "k05999=old",
        "k06000=new",
        "k06001=new",
      ]);
      expect(backend.get("head", bytesOf(name(10)))).toBeUndefined();
      expect(text(backend.get("head", bytesOf(name(11))))).toBe("old");
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await commit;
    expect(turns).toBeGreaterThan(0);
    expect(backend.count("head", NOTHING, undefined)).toBe(6000);
    expect(rows(backend, "head")).toHaveLength(6000);
  });

  it("joins the commits that wait for a running one", async () => {
    const { backend } = await fresh();
    put(backend, "auth", "a", "1");
    backend.setConsistentIndex(1, 1);
    const first = backend.commit();
    backend.setConsistentIndex(2, 1);
    const second = backend.commit();
    backend.setConsistentIndex(3, 1);
    const third = backend.commit();
    expect(third).toBe(second);
    expect((await first).consistentIndex).toBe(1);
    expect((await second).consistentIndex).toBe(3);
  });

  it("answers a commit without changes with the boundary that is on disk", async () => {
    const { backend } = await fresh();
    backend.setConsistentIndex(4, 1);
    await backend.commit();
    expect(await backend.commit()).toEqual({ consistentIndex: 4, term: 1 });
  });

  it("limits a scan to its bounds and to the visitor's wish", async () => {
    const { backend } = await fresh();
    for (const key of ["a", "b", "d"]) put(backend, "cluster", key, "old");
    await backend.commit();
    for (const key of ["b", "c", "e"]) put(backend, "cluster", key, "new");
    expect(rows(backend, "cluster", "b", "e")).toEqual(["b=new", "c=new", "d=old"]);
    expect(rows(backend, "cluster", "aa", undefined, 2)).toEqual(["b=new", "c=new"]);
    expect(rows(backend, "cluster", "c", "c")).toEqual([]);
    expect(rows(backend, "cluster", "", "")).toEqual([]);
    expect(backend.count("cluster", bytesOf("b"), bytesOf("e"))).toBe(3);
  });

  it("can be asked from within a scan, once the row has been taken", async () => {
    const { backend } = await fresh();
    for (const key of ["a", "b", "c"]) put(backend, "cluster", key, `<${key}>`);
    await backend.commit();
    const seen: (string | undefined)[] = [];
    backend.scan("cluster", NOTHING, undefined, (keys, start, end) => {
      const key = Uint8Array.prototype.slice.call(keys, start, end);
      seen.push(text(backend.get("cluster", key)), String(rows(backend, "cluster").length));
      return true;
    });
    expect(seen).toEqual(["<a>", "3", "<b>", "3", "<c>", "3"]);
  });

  it("takes values of many sizes, and keys up to the limit", async () => {
    const { backend, reopen } = await fresh();
    const sizes = [0, 1, 4000, 5000, (1 << 20) - 16, 1 << 20, 5_000_000];
    for (const size of sizes) {
      backend.put("alarm", bytesOf(`k${size}`), Buffer.alloc(size, size % 251));
    }
    // Room that a value turns out not to need is not left to the next one.
    const at = backend.beginPut("alarm", bytesOf("short"), 3_000_000);
    backend.putBuffer[at] = 0x21;
    backend.endPut(at + 1, "unknown");
    put(backend, "alarm", "next", "?");
    expect(text(backend.get("alarm", bytesOf("short")))).toBe("!");
    expect(text(backend.get("alarm", bytesOf("next")))).toBe("?");
    const longest = Buffer.alloc(1978, 7);
    backend.put("alarm", longest, bytesOf("v"));
    expect(() => backend.put("alarm", Buffer.alloc(1979), NOTHING)).toThrow("1979 bytes");
    expect(() => backend.put("alarm", NOTHING, NOTHING)).toThrow("0 bytes");
    await backend.commit();
    const again = await reopen();
    expect(text(again.get("alarm", longest))).toBe("v");
    for (const size of sizes) {
      const value = again.get("alarm", bytesOf(`k${size}`));
      expect(value?.length).toBe(size);
      expect(value?.every((byte) => byte === size % 251)).toBe(true);
    }
  });

  it("strips the trailer of a row of key for those who want etcd's rows", async () => {
    const { backend } = await fresh();
    put(backend, "key", "r1", "valuexy\x02");
    put(backend, "key", "r2", "plain\0");
    const seen: string[] = [];
    backend.forEach("key", (key, value) => seen.push(`${text(key)}=${text(value)}`));
    expect(seen).toEqual(["r1=value", "r2=plain"]);
  });

  it("takes the index to disk when enough has gathered, or when somebody wants it", async () => {
    const { backend, reopen } = await fresh({ indexOperations: 3 });
    for (const key of ["a", "b"]) put(backend, "head", key, "1");
    put(backend, "auth", "a", "1");
    backend.indexRevision = 5;
    backend.setConsistentIndex(1, 1);
    await backend.commit();
    expect(backend.durableIndexRevision).toBe(0);
    expect(rows(backend, "head")).toEqual(["a=1", "b=1"]);
    put(backend, "head", "c", "1");
    backend.indexRevision = 6;
    backend.setConsistentIndex(2, 1);
    await backend.commit();
    expect(backend.durableIndexRevision).toBe(6);
    put(backend, "head", "c", "2");
    backend.indexRevision = 7;
    backend.setConsistentIndex(3, 1);
    expect(backend.wantsCommit).toBe(false);
    backend.wantIndex();
    expect(backend.wantsCommit).toBe(true);
    await backend.commit();
    expect(backend.durableIndexRevision).toBe(7);
    backend.setConsistentIndex(4, 1);
    put(backend, "head", "d", "uncommitted");
    backend.indexRevision = 8;
    const again = await reopen();
    expect(again.indexRevision).toBe(7);
    expect(rows(again, "head")).toEqual(["a=1", "b=1", "c=2"]);
  });

  it("brings the index up to date when it is closed with nothing uncommitted", async () => {
    const { backend, reopen } = await fresh();
    put(backend, "head", "a", "1");
    backend.indexRevision = 5;
    backend.setConsistentIndex(1, 1);
    await backend.commit();
    expect(backend.durableIndexRevision).toBe(0);
    const again = await reopen();
    expect(again.indexRevision).toBe(5);
    expect(rows(again, "head")).toEqual(["a=1"]);
  });

  it("wants a commit after so many operations and counts from zero again", async () => {
    const { backend } = await fresh();
    for (let at = 0; at < COMMIT_OPERATIONS - 1; at++) put(backend, "auth", `${at % 50}`, "");
    expect(backend.wantsCommit).toBe(false);
    put(backend, "auth", "x", "");
    expect(backend.wantsCommit).toBe(true);
    expect(backend.pendingOperations).toBe(COMMIT_OPERATIONS);
    const commit = backend.commit();
    expect(backend.wantsCommit).toBe(false);
    expect(backend.pendingOperations).toBe(0);
    await commit;
    expect(backend.count("auth", NOTHING, undefined)).toBe(51);
  });

  it("says that it is full and is not any more after a commit", async () => {
    const { backend } = await fresh();
    const big = Buffer.alloc(BUFFER_BYTES_MAX / 8);
    for (let at = 0; at < 8; at++) {
      expect(backend.isFull).toBe(false);
      backend.put("auth", bytesOf("same"), big);
    }
    expect(backend.isFull).toBe(true);
    await backend.commit();
    expect(backend.isFull).toBe(false);
  });

  it("reports a size that grows and a part of it in use", async () => {
    const { backend } = await fresh();
    const before = backend.sizeBytes();
    for (let at = 0; at < 200; at++) put(backend, "key", `r${1000 + at}`, "v".repeat(1000));
    await backend.commit();
    expect(backend.sizeBytes()).toBeGreaterThan(before + 200_000);
    expect(backend.sizeInUseBytes()).toBeGreaterThan(200_000);
    expect(backend.sizeInUseBytes()).toBeLessThanOrEqual(backend.sizeBytes());
  });

  it("refuses commits once closed", async () => {
    const { backend } = await fresh();
    await backend.close();
    put(backend, "auth", "a", "");
    await expect(backend.commit()).rejects.toBeInstanceOf(BackendError);
    opened.pop()?.place.remove();
  });

  it("agrees with a plain map, whatever is done to it", async () => {
    const key = fc.string({
      unit: fc.constantFrom("a", "b", "\u00ff"),
      minLength: 1,
      maxLength: 3,
    });
    const table = fc.constantFrom<Table>("head", "key");
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant("put" as const), table, key }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), table, key }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("look" as const), table, key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("commit" as const), table, key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("settle" as const), table, key }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const), table, key }) },
    );
    const runs = kind === "lmdb" ? 4 : 80;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const place = await fresh();
        let { backend } = place;
        let now = new Map<string, string>();
        let durable = new Map<string, string>();
        let pending: Promise<unknown> = Promise.resolve();
        let entries = 0;
        for (const [at, { do: action, table: name, key: at2 }] of steps.entries()) {
          backend.setConsistentIndex(++entries, 1);
          if (action === "put") {
            put(backend, name, at2, `${at}`);
            now.set(`${name} ${at2}`, `${at}`);
          } else if (action === "delete") {
            backend.delete(name, bytesOf(at2));
            now.delete(`${name} ${at2}`);
          } else if (action === "commit") {
            // A commit that has to wait for another one takes in what is written meanwhile.
            await pending;
            const committed = new Map(now);
            backend.wantIndex();
            pending = backend.commit().then(() => {
              durable = committed;
            });
            if (at % 2 === 0) await pending;
          } else if (action === "settle") await pending;
          else if (action === "reopen") {
            await pending;
            backend = await place.reopen();
            now = new Map(durable);
          }
          check(backend, now, name, at2);
        }
        await pending;
      }),
      { numRuns: runs },
    );
  });
});

function check(backend: Backend, now: Map<string, string>, table: Table, key: string): void {
  const all = [...now]
    .filter(([name]) => name.startsWith(`${table} `))
    .map(([name, value]): [string, string] => [name.slice(table.length + 1), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const asRows = (entries: [string, string][]): string[] => entries.map(([k, v]) => `${k}=${v}`);
  const value = now.get(`${table} ${key}`);
  const found = backend.get(table, bytesOf(key));
  expect(found === undefined ? undefined : text(found)).toBe(value);
  expect(rows(backend, table)).toEqual(asRows(all));
  expect(rows(backend, table, key)).toEqual(asRows(all.filter(([k]) => k >= key)));
  expect(rows(backend, table, "a", key)).toEqual(asRows(all.filter(([k]) => k >= "a" && k < key)));
  expect(backend.count(table, bytesOf("a"), bytesOf(key))).toBe(
    all.filter(([k]) => k >= "a" && k < key).length,
  );
  expect(text(backend.lastKey(table))).toBe(all.at(-1)?.[0]);
}

describe("the write buffer", () => {
  it("is broken for good when a commit fails, and keeps serving reads", async () => {
    const cause = new Error("disk on fire");
    const backend = openMemoryBackend(new MemoryDisk(), {
      beforeWrite: () => Promise.reject(cause),
    });
    put(backend, "auth", "a", "1");
    const failure = await backend.commit().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BackendError);
    expect(failure).toMatchObject({ message: "commit to the backend: disk on fire", cause });
    expect(rows(backend, "auth")).toEqual(["a=1"]);
    await expect(backend.commit()).rejects.toBe(failure);
    await backend.close();
  });

  it("uses what the writer knows about existence for counting", () => {
    const backend = openMemoryBackend();
    backend.put("head", bytesOf("a"), bytesOf("1"), "absent");
    backend.put("head", bytesOf("b"), bytesOf("1"), "absent");
    backend.delete("head", bytesOf("a"), "present");
    expect(backend.count("head", NOTHING, undefined)).toBe(1);
  });
});
