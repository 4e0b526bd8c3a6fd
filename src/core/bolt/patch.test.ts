// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  BoltReader,
  type BucketContent,
  checkBolt,
  replaceBuckets,
  scanLeafPages,
} from "./index.ts";
import {
  type BucketModel,
  buildFile,
  bytesOf,
  readModel,
  sorted,
  textOf,
} from "./testing/bucket-model.ts";
import { MemoryFile } from "./testing/memory-file.ts";

const content =
  (pairs: ReadonlyMap<string, string>): BucketContent =>
  (put) => {
    for (const [key, value] of sorted(pairs)) put(bytesOf(key), bytesOf(value));
  };

const contentsOf = (buckets: ReadonlyMap<string, ReadonlyMap<string, string>>) =>
  new Map([...buckets].map(([name, pairs]) => [name, content(pairs)]));

const pairs = fc
  .array(fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 900 })), {
    maxLength: 40,
  })
  .map((list) => new Map(list.map(([key, value]) => [key.replace(/[^ -~]/g, "x"), value])));
const plainPairs = pairs.map(
  (map) => new Map([...map].map(([key, value]) => [key, value.replace(/[^ -~]/g, "x")])),
);
const buckets = fc
  .array(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), plainPairs), { maxLength: 5 })
  .map((list) => new Map(list));

test("buckets get their new content, the others keep theirs, commit after commit", () => {
  fc.assert(
    fc.property(
      buckets,
      fc.array(buckets, { maxLength: 4 }),
      fc.boolean(),
      (start, edits, list) => {
        const { file } = buildFile(new Map(start), { storesFreelist: list, pageBytes: 1024 });
        const expected: BucketModel = new Map(start);
        let txid = new BoltReader(file).meta.txid;
        for (const edit of edits) {
          const meta = replaceBuckets(new BoltReader(file), file, contentsOf(edit));
          for (const [name, replaced] of edit) expected.set(name, replaced);
          const reader = new BoltReader(file);
          expect(reader.meta).toEqual(meta);
          expect(reader.meta.txid).toBe(++txid);
          expect(checkBolt(reader).findings).toEqual([]);
          expect(readModel(reader.root)).toEqual(new Map(sorted(expected)));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("a power failure leaves the content of before or the new one", () => {
  const before: BucketModel = new Map([
    ["large", new Map([["k", "v".repeat(9000)]])],
    ["small", new Map([["k", "old"]])],
  ]);
  const after = new Map([["small", new Map([["k", "new".repeat(3000)]])]]);
  const seen = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    const disk = new SimDisk();
    disk.makeDirectory("/d");
    disk.placeFile("/d/db", buildFile(before).file.bytes);
    const file = disk.open("/d/db", "write");
    // The disk fails at the first or the second sync, or never; what was not synced is torn.
    disk.fail({ operation: "datasync", after: seed % 3, code: "EIO" });
    try {
      replaceBuckets(new BoltReader(file), file, contentsOf(after));
    } catch {
      seen.add("failed");
    }
    disk.crash({ seed });
    disk.forgetFaults();
    const reader = new BoltReader(disk.open("/d/db", "read"));
    expect(checkBolt(reader).findings.filter(({ page }) => page !== 0 && page !== 1)).toEqual([]);
    const model = readModel(reader.root);
    expect(model.get("large")).toEqual(before.get("large"));
    const small = model.get("small");
    const value = small instanceof Map ? small.get("k") : undefined;
    seen.add(value === "old" ? "old" : value === "new".repeat(3000) ? "new" : "neither");
  }
  expect([...seen].sort()).toEqual(["failed", "new", "old"]);
});

test("a snapshot of etcd keeps all other pages", () => {
  const url = new URL("../../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url);
  const bytes = new Uint8Array(readFileSync(url)).subarray(0, 57_344);
  const file = new MemoryFile(new Uint8Array(bytes));
  replaceBuckets(new BoltReader(file), file, contentsOf(new Map([["members", new Map()]])));
  const reader = new BoltReader(file);
  expect(reader.meta.highWater).toBe(15);
  const expected = readModel(new BoltReader(new MemoryFile(bytes)).root);
  expected.set("members", new Map());
  expect(readModel(reader.root)).toEqual(expected);
  expect(Buffer.compare(file.bytes.subarray(8192, 57_344), bytes.subarray(8192))).toBe(0);
});

test("what was replaced is still found on the pages that are free now", () => {
  const old = new Map(Array.from({ length: 60 }, (_, index) => [`old ${index}`, "v".repeat(99)]));
  const { file } = buildFile(new Map([["a", old]]));
  replaceBuckets(new BoltReader(file), file, contentsOf(new Map([["a", new Map([["new", "x"]])]])));
  const seen = new Set<string>();
  scanLeafPages(new BoltReader(file), ({ bytes, keyStart, keyEnd, isBucket }) => {
    if (!isBucket) seen.add(textOf(bytes.subarray(keyStart, keyEnd)));
  });
  expect([...old.keys()].filter((key) => !seen.has(key))).toEqual([]);
  // A small bucket is kept inside its parent, which no page shows as pairs of their own.
  expect(seen.size).toBe(old.size);
});
