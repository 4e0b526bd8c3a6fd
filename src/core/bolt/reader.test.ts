// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BoltReader, checkBolt } from "./index.ts";
import { buildFile, bytesOf, numbered, textOf } from "./testing/bucket-model.ts";
import { MemoryFile } from "./testing/memory-file.ts";

const BUCKETS = "alarm auth authRoles authUsers cluster key lease members members_removed meta";

function fixture(version: string): MemoryFile {
  const url = new URL(`../../../test/fixtures/etcd-${version}/snapshot.db`, import.meta.url);
  return new MemoryFile(readFileSync(url));
}

test.each([
  { version: "3.4.23", pages: 5, rows: 15, txid: 15n },
  { version: "3.7.1", pages: 14, rows: 23, txid: 27n },
])("a snapshot of etcd $version is read and found sound", ({ version, pages, rows, txid }) => {
  const reader = new BoltReader(fixture(version));
  expect(reader.meta).toMatchObject({ pageBytes: 4096, highWater: pages, txid });
  expect([...reader.bucketNames()]).toEqual(BUCKETS.split(" "));
  expect(reader.sizeBytes).toBe(pages * 4096);
  const key = reader.bucket("key");
  let count = 0;
  const cursor = key?.cursor();
  for (let found = cursor?.first(); found; found = cursor?.next()) count++;
  expect(count).toBe(rows);
  expect(checkBolt(reader)).toMatchObject({ findings: [], isCutShort: false });
});

test("a value is found by its key, a bucket only as a bucket", () => {
  const reader = new BoltReader(fixture("3.7.1"));
  expect(textOf(reader.bucket("meta")?.get(bytesOf("storageVersion")) ?? bytesOf(""))).toBe(
    "3.7.0",
  );
  expect(reader.bucket("meta")?.get(bytesOf("storage"))).toBeUndefined();
  expect(reader.bucket("meta")?.bucket("term")).toBeUndefined();
  expect(reader.bucket("nothing")).toBeUndefined();
  expect(reader.root.get(bytesOf("meta"))).toBeUndefined();
});

test("a large value that takes several pages comes whole, and the page behind it too", () => {
  const large = "x".repeat(100_000);
  const { file } = buildFile(
    new Map([
      [
        "k",
        new Map([
          ["a", "1"],
          ["b", large],
          ["c", large],
          ["d", "2"],
        ]),
      ],
    ]),
  );
  const cursor = new BoltReader(file).bucket("k")?.cursor();
  const sizes: number[] = [];
  for (let found = cursor?.first(); found; found = cursor?.next()) {
    sizes.push(cursor?.value.length ?? -1);
  }
  expect(sizes).toEqual([1, 100_000, 100_000, 1]);
});

test("of two metas the valid one with the higher transaction number counts", () => {
  const { file, finished } = buildFile(
    numbered(3, () => "new"),
    { txid: 7n },
  );
  expect(new BoltReader(file).meta.txid).toBe(7n);
  file.bytes[20] = 9;
  const reader = new BoltReader(file);
  expect(reader.meta.txid).toBe(6n);
  expect(reader.damagedMeta?.page).toBe(0);
  expect(checkBolt(reader).findings).toEqual([
    { page: 0, problem: "meta has format version 9, expected 2" },
  ]);
  file.write(finished.metaPages, 0);
  file.bytes[4096 + 30] = 1;
  expect(new BoltReader(file).damagedMeta).toEqual({
    page: 1,
    problem: "meta has a wrong checksum",
  });
});

test.each([1024, 4096, 65536])(
  "the page size of %i bytes is found although the first meta is damaged",
  (pageBytes) => {
    const { file } = buildFile(
      numbered(500, (index) => `${index}`),
      { pageBytes },
    );
    file.bytes[16] = 0;
    const reader = new BoltReader(file);
    expect(reader.meta.pageBytes).toBe(pageBytes);
    expect(textOf(reader.bucket("k")?.get(bytesOf("00000321")) ?? bytesOf(""))).toBe("321");
  },
);

test("a scan reads many pages at once, a look-up only those on its way", () => {
  const { file, finished } = buildFile(numbered(20_000, () => "v".repeat(300)));
  const pages = finished.meta.highWater;
  expect(pages).toBeGreaterThan(1500);
  const reader = new BoltReader(file);
  file.reads = 0;
  reader.bucket("k")?.get(bytesOf("00012345"));
  expect(file.reads).toBeLessThan(8);
  file.reads = 0;
  const cursor = reader.bucket("k")?.cursor();
  for (let found = cursor?.first(); found; found = cursor?.next());
  expect(file.reads).toBeLessThan(pages / 20);
  expect(cursor?.bytes.length).toBeLessThanOrEqual(256 * 1024);
});

test("a cursor goes backwards as well", () => {
  const { file } = buildFile(numbered(1000, (index) => `${index}`));
  const cursor = new BoltReader(file).bucket("k")?.cursor();
  const seen: string[] = [];
  for (let found = cursor?.last(); found; found = cursor?.previous()) {
    seen.push(textOf(cursor?.value ?? bytesOf("")));
  }
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => `${999 - index}`));
});
