// SPDX-License-Identifier: Apache-2.0
//
// Files that are not what was written. Whatever they are: reading ends, with a `BoltError` or with
// pairs in ascending order, and the checker says what the format lets it see.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { compareBytes } from "../../base/bytes.ts";
import { type BoltBucket, type BoltCursor, BoltError, BoltReader, checkBolt } from "./index.ts";
import { encodeMeta } from "./meta.ts";
import { buildFile, bytesOf, numbered } from "./testing/bucket-model.ts";
import { MemoryFile } from "./testing/memory-file.ts";

const snapshot = readFileSync(
  new URL("../../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url),
);
const tree = buildFile(
  numbered(400, (index) => "v".repeat(index % 50 === 0 ? 3000 : 40)),
  { pageBytes: 1024, storesFreelist: true },
);

/** Every test here opens thousands of files. */
const DAMAGE_MS = 120_000;

const SUBJECTS = [
  {
    name: "a snapshot of etcd",
    bytes: snapshot.subarray(0, 57_344),
    pageBytes: 4096,
    continued: 1,
  },
  { name: "a tree of several levels", bytes: tree.file.bytes, pageBytes: 1024, continued: 16 },
];

function walk(cursor: BoltCursor, bucket: BoltBucket, forward: boolean): void {
  let last: Buffer | undefined;
  let found = forward ? cursor.first() : cursor.last();
  for (; found; found = forward ? cursor.next() : cursor.previous()) {
    const key = Buffer.from(cursor.key);
    if (last !== undefined && compareBytes(last, key) < 0 !== forward) {
      throw new Error(`${last.toString("hex")} and ${key.toString("hex")} are out of order`);
    }
    last = key;
    if (cursor.isBucket) walkBucket(bucket.bucketAt(cursor), forward);
  }
}

function walkBucket(bucket: BoltBucket, forward: boolean): void {
  walk(bucket.cursor(), bucket, forward);
}

/** What was wrong: the reader's error, the checker's first finding; undefined if nothing. */
function examine(bytes: Uint8Array): { readonly error?: string; readonly finding?: string } {
  const result: { error?: string; finding?: string } = {};
  try {
    const reader = new BoltReader(new MemoryFile(bytes));
    const [finding] = checkBolt(reader).findings;
    if (finding !== undefined) result.finding = finding.problem;
    for (const forward of [true, false]) walkBucket(reader.root, forward);
  } catch (error) {
    if (!(error instanceof BoltError)) throw error;
    expect(error.message).toMatch(/^bolt: memory\.db: (page \d+: )?\S/);
    result.error = error.problem;
  }
  return result;
}

describe.each(SUBJECTS)("$name", { timeout: DAMAGE_MS }, ({ bytes, pageBytes, continued }) => {
  test("is sound as it is", () => expect(examine(bytes)).toEqual({}));

  test("cut at any byte is refused", () => {
    const taken: number[] = [];
    for (let size = 0; size < bytes.length; size++) {
      try {
        new BoltReader(new MemoryFile(bytes.subarray(0, size)));
        taken.push(size);
      } catch (error) {
        if (!(error instanceof BoltError)) throw error;
      }
    }
    expect(taken).toEqual([]);
    const texts = [0, 50, 5000, bytes.length - 1].map(
      (size) => examine(bytes.subarray(0, size)).error,
    );
    expect(texts[0]).toBe("the file is empty");
    expect(texts[1]).toMatch(/^is no database: meta page 0 is cut short/);
    for (const text of texts.slice(2))
      expect(text).toMatch(/^the file is cut short: \d+ bytes instead/);
  });

  test("with a bit flipped at any of 2,000 places is read to an end, and never out of order", () => {
    const random = new SeededRandom(17);
    let noticed = 0;
    for (let round = 0; round < 2000; round++) {
      const at = random.intBelow(bytes.length);
      const damaged = new Uint8Array(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
      const { error, finding } = examine(damaged);
      if (error !== undefined || finding !== undefined) noticed++;
      // Whatever a reader stumbles over, the checker has seen.
      if (error !== undefined && !error.includes("meta")) expect(finding).toBeDefined();
    }
    expect(noticed).toBeGreaterThan(20);
  });

  test("with a page of zeros is refused where the page is in use", () => {
    const used = checkBolt(new BoltReader(new MemoryFile(bytes))).usedPages;
    let noticed = 0;
    for (let page = 0; page * pageBytes < bytes.length; page++) {
      const damaged = new Uint8Array(bytes);
      damaged.fill(0, page * pageBytes, (page + 1) * pageBytes);
      const { error, finding } = examine(damaged);
      if (finding !== undefined) noticed++;
      if (error !== undefined) expect(finding).toBeDefined();
    }
    // A page that only continues the one before has no header to lose.
    expect(noticed).toBeGreaterThanOrEqual(used - continued);
  });

  test("with pages in each other's place is refused", () => {
    const random = new SeededRandom(3);
    for (let round = 0; round < 200; round++) {
      const [a, b] = [2 + random.intBelow(10), 2 + random.intBelow(10)];
      const damaged = new Uint8Array(bytes);
      damaged.set(bytes.subarray(a * pageBytes, (a + 1) * pageBytes), b * pageBytes);
      const { error, finding } = examine(damaged);
      if (error !== undefined) expect(finding).toBeDefined();
    }
  });
});

const PAGE = 4096;

/** Pages that are put together by hand: page 2 is the root and has the bucket `b`, at page 3. */
class Handmade {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #pages: number;

  constructor(pages: number) {
    this.#pages = pages;
    this.bytes = new Uint8Array(pages * PAGE);
    this.view = new DataView(this.bytes.buffer);
    this.bucket(2, "b", 3);
  }

  header(page: number, kind: number, count: number, overflow = 0): number {
    const at = page * PAGE;
    this.view.setUint32(at, page, true);
    this.view.setUint16(at + 8, kind, true);
    this.view.setUint16(at + 10, count, true);
    this.view.setUint32(at + 12, overflow, true);
    return at + 16;
  }

  bucket(page: number, name: string, root: number): void {
    const at = this.header(page, 2, 1);
    for (const [index, field] of [1, 16, name.length, 16].entries()) {
      this.view.setUint32(at + 4 * index, field, true);
    }
    this.bytes.set(bytesOf(name), at + 16);
    this.view.setUint32(at + 16 + name.length, root, true);
  }

  leaf(page: number, keys: readonly string[]): void {
    this.#elements(this.header(page, 2, keys.length), keys, (at, pos, size) => {
      this.view.setUint32(at + 4, pos, true);
      this.view.setUint32(at + 8, size, true);
    });
  }

  branch(page: number, children: readonly (readonly [string, number])[]): void {
    const keys = children.map(([key]) => key);
    this.#elements(this.header(page, 1, keys.length), keys, (at, pos, size, index) => {
      this.view.setUint32(at, pos, true);
      this.view.setUint32(at + 4, size, true);
      this.view.setUint32(at + 8, children[index]?.[1] ?? 0, true);
    });
  }

  #elements(
    start: number,
    keys: readonly string[],
    write: (at: number, pos: number, size: number, index: number) => void,
  ): void {
    let data = start + 16 * keys.length;
    keys.forEach((key, index) => {
      write(start + 16 * index, data - start - 16 * index, key.length, index);
      this.bytes.set(bytesOf(key), data);
      data += key.length;
    });
  }

  /** The file, with metas that name the free list. */
  file(freelistPage?: number): Uint8Array {
    const meta = {
      ...{ pageBytes: PAGE, rootPage: 2, rootSequence: 0n, highWater: this.#pages },
      freelistPage,
    };
    this.bytes.set(encodeMeta(0, { ...meta, txid: 2n }), 0);
    this.bytes.set(encodeMeta(1, { ...meta, txid: 1n }), PAGE);
    return this.bytes;
  }

  findings(freelistPage?: number): readonly (readonly [number | undefined, string])[] {
    const reader = new BoltReader(new MemoryFile(this.file(freelistPage)));
    return checkBolt(reader).findings.map(({ page, problem }) => [page, problem] as const);
  }
}

describe("a tree that leads back to itself", () => {
  test("ends where a page is its own ancestor", () => {
    const file = new Handmade(5);
    file.branch(3, [["a", 4]]);
    file.branch(4, [["a", 3]]);
    expect(examine(file.file()).error).toBe("leads back to page 3");
    expect(file.findings()).toContainEqual([3, "is used by more than one page or bucket"]);
  });

  test("ends where the same pages are named many times over, level by level", () => {
    const levels = 40;
    const file = new Handmade(levels + 4);
    for (let page = 3; page < 3 + levels; page++) {
      file.branch(page, [
        ["a", page + 1],
        ["b", page + 1],
      ]);
    }
    file.leaf(3 + levels, []);
    expect(examine(file.file()).error).toMatch(/again and again|last key is not below/);
    expect(file.findings().length).toBeLessThan(levels + 2);
  });

  test("ends where a bucket is its own content", () => {
    const file = new Handmade(4);
    file.bucket(3, "c", 3);
    expect(file.findings()).toEqual([[3, "is used by more than one page or bucket"]]);
  });
});

test("a key that is out of the place its branch gives it is found by reader and checker", () => {
  const file = new Handmade(6);
  file.branch(3, [
    ["a", 4],
    ["m", 5],
  ]);
  file.leaf(4, ["a", "z"]);
  file.leaf(5, ["k"]);
  expect(file.findings()).toEqual([
    [4, "its last key is not below the one behind it in page 3"],
    [5, "its first key is below the one that leads to it from page 3"],
  ]);
  expect(examine(file.file()).error).toBe("its last key is not below the one behind it in page 3");
});

describe("a stored free list", () => {
  function withFreelist(ids: readonly number[]): Handmade {
    const file = new Handmade(8);
    file.leaf(3, ["a"]);
    const at = file.header(4, 0x10, ids.length);
    for (const [index, id] of ids.entries()) file.view.setUint32(at + 8 * index, id, true);
    return file;
  }

  test("names every page that is not in use", () => {
    expect(withFreelist([5, 6, 7]).findings(4)).toEqual([]);
  });

  test("has its count as the first number where the field is too small for it", () => {
    const pages = 70_010;
    const file = new Handmade(pages);
    file.leaf(3, ["a"]);
    const run = Math.ceil((16 + 8 + 8 * pages) / PAGE);
    file.header(4, 0x10, 0xffff, run - 1);
    const free = pages - 4 - run;
    file.view.setUint32(4 * PAGE + 16, free, true);
    for (let index = 0; index < free; index++) {
      file.view.setUint32(4 * PAGE + 24 + 8 * index, 4 + run + index, true);
    }
    const reader = new BoltReader(new MemoryFile(file.file(4)));
    expect(checkBolt(reader)).toMatchObject({ findings: [], freePages: free });
  });

  test("that is wrong is told page by page", () => {
    expect(withFreelist([3, 5, 5, 99]).findings(4)).toEqual([
      [3, "is free and in use"],
      [5, "is in the free list twice"],
      [4, "names the free page 99 of 8"],
      [6, "is neither free nor in use"],
      [7, "is neither free nor in use"],
    ]);
  });
});
