// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../test/harness/seeded-random.ts";
import { createSha256 } from "../../platform/sha256.ts";
import { BoltError, BoltReader, checkBolt } from "../bolt/index.ts";
import { readFile, readModel } from "../bolt/testing/bucket-model.ts";
import { MemoryFile } from "../bolt/testing/memory-file.ts";
import {
  copyDatabase,
  databaseHash,
  databaseStatus,
  ETCD_BUCKETS,
  EtcdDbError,
  editDatabase,
  hashKv,
  KeyRows,
  META_KEYS,
  revisionKey,
  verifySnapshot,
  writeDatabase,
} from "./index.ts";

function fixture(version: string): MemoryFile {
  const url = new URL(`../../../test/fixtures/etcd-${version}/snapshot.db`, import.meta.url);
  return new MemoryFile(readFileSync(url));
}

const utf8 = new TextEncoder();

describe("a snapshot of a real etcd", () => {
  test("of 3.7.1 has the status and the hashes that etcdutl and the server told", () => {
    const reader = new BoltReader(fixture("3.7.1"));
    expect(databaseStatus(reader)).toEqual({
      hash: 3463764652,
      revision: 35,
      totalKeys: 10,
      totalSizeBytes: 57344,
      version: "3.7.0",
    });
    const hash = (revision: number) => hashKv(reader, revision);
    expect(hash(0)).toMatchObject({ hash: 1965860505, hashRevision: 35, compactRevision: 20 });
    expect(hash(25)).toMatchObject({ hash: 1067843533, hashRevision: 25, compactRevision: 20 });
    expect(hash(19)).toEqual({ kind: "compacted" });
    expect(hash(36)).toEqual({ kind: "future-revision" });
    expect(hash(-5)).toMatchObject({ hash: 1084519789, hashRevision: -5, compactRevision: 20 });
  });

  test("of 3.4.23 has the hashes that etcdctl and the server told", () => {
    const reader = new BoltReader(fixture("3.4.23"));
    expect(databaseStatus(reader)).toMatchObject({ hash: 905698038, revision: 16, version: "" });
    expect(databaseHash(reader)).toBe(4134931458);
    for (const [revision, hash] of [
      [13, 3165211949],
      [15, 4221130577],
      [16, 47219643],
    ] as const) {
      expect(hashKv(reader, revision)).toMatchObject({ hash, compactRevision: 12 });
    }
  });

  test.each(["3.4.23", "3.7.1"])("of %s copied has the same content without holes", (version) => {
    const reader = new BoltReader(fixture(version));
    const copy = new MemoryFile();
    writeDatabase(copy, (writer) => copyDatabase(reader, writer));
    const copied = new BoltReader(copy);
    expect(readModel(copied.root)).toEqual(readModel(reader.root));
    expect(checkBolt(copied)).toMatchObject({ findings: [], freePages: 0 });
    expect(databaseStatus(copied)).toMatchObject({ hash: databaseStatus(reader).hash });
    expect(hashKv(copied, 0)).toEqual(hashKv(reader, 0));
  });
});

describe("the hash behind a snapshot", () => {
  test("is right in what etcd wrote, and every byte of the database is handed over", () => {
    const file = fixture("3.7.1");
    const parts: Uint8Array[] = [];
    const verdict = verifySnapshot(file, createSha256, (part) => void parts.push(part.slice()));
    expect(verdict).toMatchObject({ kind: "good", databaseBytes: 57_344 });
    expect(Buffer.concat(parts).equals(file.bytes.subarray(0, 57_344))).toBe(true);
  });

  test("notices a flipped bit anywhere, itself included", () => {
    const { bytes } = fixture("3.4.23");
    const random = new SeededRandom(5);
    for (let round = 0; round < 2000; round++) {
      const at = random.intBelow(bytes.length);
      const damaged = new Uint8Array(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
      expect(verifySnapshot(new MemoryFile(damaged), createSha256).kind).toBe("mismatch");
    }
  });

  test("is missing in a file that was cut or comes from a data directory", () => {
    const { bytes } = fixture("3.4.23");
    const kind = (size: number) =>
      verifySnapshot(new MemoryFile(bytes.subarray(0, size)), createSha256).kind;
    expect([0, 1, 32, 20_480, 20_511].map(kind)).toEqual([
      "missing",
      "missing",
      "mismatch",
      "missing",
      "missing",
    ]);
  });
});

test("a database has all of etcd's buckets, whatever is put into it", () => {
  const file = new MemoryFile();
  writeDatabase(file, (writer) => {
    writer.openBucket("cluster");
    writer.put(utf8.encode("clusterVersion"), utf8.encode("3.7.0"));
    writer.openBucket("other");
    writer.put(utf8.encode("a"), utf8.encode("b"));
  });
  const model = readFile(file.bytes);
  expect([...model.keys()]).toEqual([...ETCD_BUCKETS, "other"].sort());
  expect(model.get("cluster")).toEqual(new Map([["clusterVersion", "3.7.0"]]));
});

test("buckets are edited: dropped, put over, put between, removed, in a copy or in place", () => {
  const source = new MemoryFile();
  const key = (text: string) => utf8.encode(text);
  writeDatabase(source, (writer) => {
    for (const bucket of ["members", "meta"]) {
      writer.openBucket(bucket);
      for (const name of ["b", "d", "f"]) writer.put(key(name), key("old"));
    }
  });
  const put = (name: string, value?: string) => ({
    key: key(name),
    value: value === undefined ? undefined : key(value),
  });
  const edits = new Map([
    ["members", { drops: true, puts: [put("x", "new")] }],
    ["meta", { puts: [put("g", "4"), put("d"), put("a", "1"), put("b", "2"), put("e", "3")] }],
  ]);
  const target = new MemoryFile();
  writeDatabase(target, (w) => copyDatabase(new BoltReader(source), w, edits));
  editDatabase(new BoltReader(source), source, edits);
  for (const file of [target, source]) {
    const model = readFile(file.bytes);
    expect(model.get("members")).toEqual(new Map([["x", "new"]]));
    const meta = { a: "1", b: "2", e: "3", f: "old", g: "4" };
    expect(model.get("meta")).toEqual(new Map(Object.entries(meta)));
    expect(checkBolt(new BoltReader(file)).findings).toEqual([]);
  }
});

describe("rows that etcd cannot have written", () => {
  function withRow(rowKey: Uint8Array, value: Uint8Array): BoltReader {
    const file = new MemoryFile();
    writeDatabase(file, (writer) => {
      writer.openBucket("key");
      writer.put(rowKey, value);
    });
    return new BoltReader(file);
  }
  const largest = Uint8Array.of(0x7f, ...new Uint8Array(7).fill(0xff), 0x5f, ...new Uint8Array(8));

  test.each([
    ["a short key", Uint8Array.of(1, 2, 3)],
    ["a revision beyond all counting", largest],
    ["another separator", Uint8Array.from(revisionKey(5, 0), (byte, at) => (at === 8 ? 7 : byte))],
    ["another mark at the end", Uint8Array.of(...revisionKey(5, 0), 0x75)],
  ])("%s is refused with bucket, key and page", (_, rowKey) => {
    const reader = withRow(rowKey, new Uint8Array(0));
    for (const action of [databaseStatus, () => hashKv(reader, 0)]) {
      expect(() => action(reader)).toThrow(EtcdDbError);
      expect(() => action(reader)).toThrow(
        /^etcd-db: memory\.db: bucket key: the key [0-9a-f]+ in page \d+ is no revision$/,
      );
    }
  });

  test("a value that is no pair is refused with its revision", () => {
    const reader = withRow(revisionKey(5, 1), Uint8Array.of(0x0a, 0x20, 0x61));
    expect(() => databaseStatus(reader)).toThrow(
      "etcd-db: memory.db: bucket key: revision 5_1 holds no key-value pair",
    );
  });

  test("a compact revision that is none is refused", () => {
    const file = new MemoryFile();
    writeDatabase(file, (writer) => {
      writer.openBucket("meta");
      writer.put(META_KEYS.finishedCompactRevision, utf8.encode("x"));
    });
    expect(() => hashKv(new BoltReader(file), 0)).toThrow("finishedCompactRev is no revision");
  });
});

test("a bumped revision, whose row is empty, is a row without a key", () => {
  const file = new MemoryFile();
  writeDatabase(file, (writer) => {
    writer.openBucket("key");
    writer.put(revisionKey(1000, 0), new Uint8Array(0));
  });
  const rows = new KeyRows(new BoltReader(file));
  expect(rows.last()).toBe(true);
  rows.readUserKey();
  expect([rows.main, rows.userKeyEnd - rows.userKeyStart]).toEqual([1000, 0]);
});

test("damage of any kind ends in an error or an answer, never in anything else", () => {
  const { bytes } = fixture("3.7.1");
  const random = new SeededRandom(99);
  let refused = 0;
  for (let round = 0; round < 2000; round++) {
    const damaged = new Uint8Array(bytes.subarray(0, 57_344));
    const at = random.intBelow(damaged.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random.intBelow(8));
    try {
      const reader = new BoltReader(new MemoryFile(damaged));
      databaseStatus(reader);
      hashKv(reader, 0);
    } catch (error) {
      if (!(error instanceof BoltError || error instanceof EtcdDbError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(10);
});
