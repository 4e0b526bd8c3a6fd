// SPDX-License-Identifier: Apache-2.0
//
// Properties of etcd's log files that its fixtures, being small, do not show.

import { describe, expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  buildWal,
  lastRecord,
  sampleEntries,
  sampleEntry,
  WAL_DIRECTORY,
  withFile,
} from "../../../test/harness/wal-builder.ts";
import { EMPTY_CONF_STATE } from "../raft/index.ts";
import { RecordEncoder } from "./encoder.ts";
import {
  lastValidSnapshot,
  listRecords,
  listSegments,
  RecordType,
  readLog,
  segmentName,
  Wal,
} from "./index.ts";

const START = { index: 0, term: 0 };
const SMALL = { segmentBytes: 4096 };
const FIRST = `${WAL_DIRECTORY}/${segmentName(0, 0)}`;

function newLog(options = SMALL): { disk: SimDisk; wal: Wal } {
  const disk = new SimDisk();
  return { disk, wal: Wal.create(disk, WAL_DIRECTORY, Buffer.from("metadata"), options) };
}

/** Types of the records of one segment. */
function typesIn(disk: SimDisk, name: string): number[] {
  const path = `${WAL_DIRECTORY}/${name}`;
  const records = listRecords(disk, WAL_DIRECTORY).filter(({ file }) => file === path);
  return records.map(({ type }) => type);
}

describe("a segment", () => {
  test("is extended to 64,000,000 bytes, also when it was shorter", () => {
    const disk = new SimDisk();
    Wal.create(disk, WAL_DIRECTORY, Buffer.from("m")).close();
    expect(disk.stat(FIRST)?.size).toBe(64_000_000);
    const { end } = lastRecord(buildWal(3));
    const shorter = withFile(buildWal(3), FIRST, buildWal(3).readFile(FIRST).subarray(0, end));
    Wal.open(shorter, WAL_DIRECTORY, START).wal.close();
    expect(shorter.stat(FIRST)?.size).toBe(64_000_000);
  });

  test("that ends with its last record is whole, and goes on", () => {
    const full = buildWal(3, SMALL);
    const disk = withFile(full, FIRST, full.readFile(FIRST).subarray(0, lastRecord(full).end));
    const { entries, repaired, wal } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
    expect([entries.length, repaired]).toEqual([3, undefined]);
    wal.append(undefined, [sampleEntry(4)]);
    wal.close();
    expect(readLog(disk, WAL_DIRECTORY).entries).toHaveLength(4);
  });

  test("is cut behind the save that passes its size, never before", () => {
    const disk = buildWal(40, { ...SMALL, bytes: 500 });
    const closed = listSegments(disk, WAL_DIRECTORY).slice(0, -1);
    expect(closed.length).toBeGreaterThan(3);
    for (const { name } of closed) {
      const { size = 0 } = disk.stat(`${WAL_DIRECTORY}/${name}`) ?? {};
      expect(size).toBeGreaterThanOrEqual(SMALL.segmentBytes);
      expect(size).toBeLessThan(SMALL.segmentBytes + 600);
    }
  });

  test("begins without a state while there is none, and repeats no snapshot", () => {
    const { disk, wal } = newLog();
    wal.append(undefined, sampleEntries(1, 9, { bytes: 600 }));
    wal.saveSnapshot(3, 1, EMPTY_CONF_STATE);
    wal.syncNow();
    wal.append(undefined, [sampleEntry(9)]);
    wal.close();
    const { crc, metadata, entry } = RecordType;
    expect(typesIn(disk, segmentName(1, 9))).toEqual([crc, metadata, entry]);
  });
});

test("every frame is aligned, and its length tells the padding", () => {
  const { disk, wal } = newLog({ segmentBytes: 1 << 16 });
  for (let size = 0; size < 300; size++) {
    const data = new Uint8Array(size).fill(1 + (size % 255));
    wal.append(undefined, [{ type: 0, term: 1, index: size + 1, data }]);
  }
  wal.close();
  const view = Buffer.from(disk.readFile(FIRST));
  const paddings = new Set<number>();
  const records = listRecords(disk, WAL_DIRECTORY);
  for (const [at, { offset }] of records.entries()) {
    const bytes = view.readUInt32LE(offset);
    const padding = (8 - (bytes % 8)) % 8;
    expect(offset % 8).toBe(0);
    expect(view.readUInt32LE(offset + 4)).toBe(padding === 0 ? 0 : (0x80 | padding) * 2 ** 24);
    const end = offset + 8 + bytes + padding;
    expect(view.subarray(end - padding, end).every((byte) => byte === 0)).toBe(true);
    if (at + 1 < records.length) expect(records[at + 1]?.offset).toBe(end);
    paddings.add(padding);
  }
  expect([...paddings].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a segment with the metadata of another member is refused, checksums or not", () => {
  const first = new RecordEncoder(0);
  first.crc();
  first.metadata(Buffer.from("one member"));
  first.snapshot(0, 0, undefined);
  const second = new RecordEncoder(first.chain);
  second.crc();
  second.metadata(Buffer.from("another"));
  const disk = new SimDisk();
  disk.placeFile(FIRST, first.view());
  const path = `${WAL_DIRECTORY}/${segmentName(1, 1)}`;
  disk.placeFile(path, second.view());
  expect(() => Wal.open(disk, WAL_DIRECTORY, START, SMALL)).toThrow(
    `wal: ${path} at offset 16 (record 2): the metadata differs from what earlier segments hold`,
  );
});

test("a torn tail does not hide the snapshot to start from", () => {
  const { disk, wal } = newLog();
  wal.append({ term: 1, vote: 7n, commit: 2 }, sampleEntries(1, 3));
  wal.saveSnapshot(2, 1, EMPTY_CONF_STATE);
  wal.append(undefined, [sampleEntry(3, { bytes: 700 })]);
  wal.close();
  const { path, start } = lastRecord(disk);
  const torn = withFile(disk, path, disk.readFile(path).subarray(0, start + 50));
  expect(lastValidSnapshot(torn, WAL_DIRECTORY)).toMatchObject({ index: 2, term: 1 });
  const mark = { index: 2, term: 1 };
  expect(Wal.open(torn, WAL_DIRECTORY, mark, SMALL)).toMatchObject({
    entries: [],
    repaired: { offset: start, bytesCut: 50 },
  });
});

test("what is uncommitted belongs to the log", () => {
  const { disk, wal } = newLog();
  wal.append({ term: 1, vote: 7n, commit: 1 }, sampleEntries(1, 6));
  wal.close();
  const { entries, hardState } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
  expect([entries.length, hardState.commit]).toEqual([5, 1]);
});
