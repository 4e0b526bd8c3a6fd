// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import { compareBytes } from "../../base/bytes.ts";
import {
  BoltError,
  BoltReader,
  BoltWriter,
  type BoltWriterOptions,
  checkBolt,
  writeBoltFile,
} from "./index.ts";
import {
  type BucketModel,
  buildFile,
  bytesOf,
  numbered,
  readModel,
  sorted,
  textOf,
  writeModel,
} from "./testing/bucket-model.ts";

const latin1 = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map(textOf);
const key = fc.oneof(latin1(1, 12), latin1(1, 12), latin1(60, 900));
const value = fc.oneof(
  latin1(0, 40),
  latin1(0, 40),
  latin1(200, 1500),
  fc.integer({ min: 4000, max: 30_000 }).map((size) => "z".repeat(size)),
);
const pairs = fc
  .array(fc.tuple(key, value), { maxLength: 120 })
  .map((list): BucketModel => new Map(list));
const nested = fc
  .tuple(pairs, fc.array(fc.tuple(key, pairs), { maxLength: 3 }))
  .map(([plain, buckets]): BucketModel => new Map([...plain, ...buckets]));
const model = fc
  .array(fc.tuple(key, nested), { maxLength: 5 })
  .map((list): BucketModel => new Map(list));
const options: fc.Arbitrary<BoltWriterOptions> = fc.record({
  pageBytes: fc.constantFrom(1024, 4096, 16384),
  fillPercent: fc.integer({ min: 50, max: 100 }),
  storesFreelist: fc.boolean(),
  txid: fc.bigInt({ min: 1n, max: 1n << 60n }),
});

test("what is written is read again, sound, and the same each time", () => {
  fc.assert(
    fc.property(model, options, (buckets, settings) => {
      const { file, finished } = buildFile(buckets, settings);
      const reader = new BoltReader(file);
      expect(reader.sizeBytes).toBe(file.size());
      expect(finished.sizeBytes).toBe(file.size());
      expect(readModel(reader.root)).toEqual(new Map(sorted(buckets)));
      expect(checkBolt(reader)).toMatchObject({ findings: [], freePages: 0 });
      expect(compareBytes(buildFile(buckets, settings).file.bytes, file.bytes)).toBe(0);
    }),
    { numRuns: 100 },
  );
});

test("seek finds the first key that is not below the one asked for", () => {
  fc.assert(
    fc.property(pairs, fc.array(key, { maxLength: 30 }), (bucket, asked) => {
      const { file } = buildFile(new Map([["k", bucket]]), { pageBytes: 1024 });
      const cursor = new BoltReader(file).bucket("k")?.cursor();
      const keys = sorted(bucket).map(([name]) => name);
      for (const name of [...asked, ...keys.slice(0, 20)]) {
        const expected = keys.filter((k) => compareBytes(bytesOf(k), bytesOf(name)) >= 0);
        const found = cursor?.seek(bytesOf(name));
        expect(found).toBe(expected.length > 0);
        if (found !== true || cursor === undefined) continue;
        expect(textOf(cursor.key)).toBe(expected[0]);
        expect(cursor.next() ? textOf(cursor.key) : undefined).toBe(expected[1]);
      }
    }),
    { numRuns: 60 },
  );
});

test("a tree of many levels has no branch with a single child", () => {
  for (const count of [1, 2, 3, 40, 41, 1000, 1001, 1017]) {
    const { file } = buildFile(
      numbered(count, () => "v".repeat(400)),
      { pageBytes: 1024 },
    );
    const singles: number[] = [];
    for (let page = 2; page < file.size() / 1024; page++) {
      const view = new DataView(file.bytes.buffer, page * 1024);
      if (view.getUint16(8, true) === 1 && view.getUint16(10, true) < 2) singles.push(page);
    }
    expect(singles).toEqual([]);
    expect(checkBolt(new BoltReader(file))).toMatchObject({ findings: [], pairs: count });
  }
});

test("the metas are written when all else is durable, and made durable themselves", () => {
  const { file } = buildFile(numbered(5000, () => "v".repeat(300)));
  expect(file.steps.slice(-3)).toEqual([-1, 0, -1]);
  const pages = file.steps.slice(0, -3);
  expect(pages).toEqual([...pages].sort((a, b) => a - b));
  expect(Math.min(...pages)).toBe(2 * 4096);
});

test("a power failure leaves the whole database or none", () => {
  const buckets = numbered(300, (index) => `value ${index}`.repeat(20));
  let whole = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const disk = new SimDisk();
    disk.makeDirectory("/d");
    const sink = disk.open("/d/db", "create");
    disk.syncDirectory("/d");
    const writer = new BoltWriter(sink);
    writeModel(writer, buckets);
    const { metaPages } = writer.finish();
    if (seed % 3 > 0) sink.datasyncNow();
    if (seed % 3 > 0) sink.write(metaPages, 0);
    if (seed % 3 > 1) sink.datasyncNow();
    disk.crash({ seed });
    try {
      const reader = new BoltReader(disk.open("/d/db", "read"));
      expect(readModel(reader.root)).toEqual(buckets);
      whole++;
    } catch (error) {
      expect(error).toBeInstanceOf(BoltError);
      expect(seed % 3).not.toBe(2);
    }
  }
  expect(whole).toBeGreaterThanOrEqual(20);
});

test("a mistake of the caller is refused", () => {
  const write = (fill: (writer: BoltWriter) => void) => () => {
    const sink = { path: "x", write: () => undefined, datasyncNow: () => undefined };
    writeBoltFile(sink, {}, fill);
  };
  const put = (writer: BoltWriter, name: string) => writer.put(bytesOf(name), bytesOf("v"));
  expect(write((w) => put(w, "a"))).toThrow("a pair belongs into an open bucket");
  expect(write((w) => w.openBucket("k"))).toThrow("all buckets are closed");
  expect(write((w) => w.closeBucket())).toThrow("only an open bucket is closed");
  for (const name of ["", "a", "b", "x".repeat(32_769)]) {
    const twice = write((w) => {
      w.openBucket("k");
      put(w, "b");
      put(w, name);
    });
    expect(twice).toThrow(/a key has 1 to 32768 bytes|keys come in ascending order/);
  }
});
