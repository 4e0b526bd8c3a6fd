// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { ETCD_TABLES, MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { KeyRowImporter } from "./import.ts";
import { MvccStore } from "./store.ts";

const PART_BYTES = 4;
const OPTIONS = { keyPartBytes: PART_BYTES, compactionHashes: false };
const LEASES = [0n, 1n, 2n, -1n, -(2n ** 63n)];
const EVERYTHING = Uint8Array.of(0);

/** The keys of a lease, found by looking at all of them. */
function keysByScan(store: MvccStore, lease: bigint): string[] {
  const all = store.range(EVERYTHING, EVERYTHING, { revision: 0, limit: 0 });
  if (all.kind !== "ok") throw new Error("the current state can always be read");
  return all.kvs.filter((kv) => kv.lease === lease).map((kv) => Buffer.from(kv.key).toString());
}

function keysByLease(store: MvccStore, lease: bigint): string[] {
  return store.keysOfLease(lease).map((key) => Buffer.from(key).toString());
}

function expectSameKeys(store: MvccStore): void {
  for (const lease of LEASES) {
    if (lease !== 0n) expect(keysByLease(store, lease)).toEqual(keysByScan(store, lease));
  }
}

// Some are longer than a part, some share their first one, and one is longer than two.
const key = fc.constantFrom("a", "b", "b\0", "bcde", "bcdef", "bcdefghijk", "bcdeg", "c");
const change = fc.oneof(
  fc.record({ do: fc.constant("put" as const), key, lease: fc.constantFrom(...LEASES) }),
  fc.record({ do: fc.constant("delete" as const), key, end: fc.option(key, { nil: "" }) }),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.array(change, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom("commit" as const, "crash" as const) },
);

test("the keys of a lease are those that a look at every key finds, crashes included", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const disk = new MemoryDisk();
      let backend = openMemoryBackend(disk);
      let store = new MvccStore(backend, OPTIONS);
      for (const each of steps) {
        if (each === "commit") await backend.commit();
        else if (each === "crash") {
          backend = openMemoryBackend(disk);
          store = new MvccStore(backend, OPTIONS);
        } else {
          const txn = store.write();
          for (const one of each) {
            if (one.do === "put") txn.put(Buffer.from(one.key), Buffer.from("v"), one.lease);
            else txn.deleteRange(Buffer.from(one.key), Buffer.from(one.end));
          }
          txn.end();
        }
        expectSameKeys(store);
      }
    }),
    { numRuns: 150 },
  );
});

test("rows from another store bring their leases along", () => {
  const backend = openMemoryBackend(new MemoryDisk());
  const store = new MvccStore(backend, OPTIONS);
  const txn = (lease: bigint, ...keys: string[]): void => {
    const write = store.write();
    for (const each of keys) write.put(Buffer.from(each), Buffer.from("v"), lease);
    write.end();
  };
  txn(1n, "a", "b", "bcdefghijk", "gone");
  txn(2n, "b", "c");
  txn(0n, "c");
  const write = store.write();
  write.deleteRange(Buffer.from("gone"), new Uint8Array(0));
  write.end();
  const target = openMemoryBackend(new MemoryDisk());
  const importer = new KeyRowImporter(target, PART_BYTES);
  backend.forEach("key", (row, value) => importer.add(row, value));
  const imported = new MvccStore(target, OPTIONS);
  expect(keysByLease(imported, 1n)).toEqual(["a", "bcdefghijk"]);
  expect(keysByLease(imported, 2n)).toEqual(["b"]);
  expectSameKeys(imported);
});

test("a put that keeps the lease writes no row of the table", () => {
  const backend = openMemoryBackend(new MemoryDisk());
  const store = new MvccStore(backend);
  const put = (lease: bigint): number => {
    const before = backend.pendingOperations;
    const txn = store.write();
    txn.put(Buffer.from("k"), Buffer.from("v"), lease);
    txn.end();
    return backend.pendingOperations - before;
  };
  const plain = put(0n);
  expect(put(0n)).toBe(plain);
  expect(put(7n)).toBe(plain + 1);
  expect(put(7n)).toBe(plain);
  expect(put(8n)).toBe(plain + 2);
  expect(put(0n)).toBe(plain + 1);
});

test("the table is no bucket of etcd's", () => {
  expect(ETCD_TABLES.some((table) => table.startsWith("leaseKeys"))).toBe(false);
});
