// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  buildWal,
  sampleEntries,
  sampleEntry,
  WAL_DIRECTORY,
} from "../../../test/harness/wal-builder.ts";
import { EMPTY_CONF_STATE, type Entry, encoded, encodeEntry } from "../raft/index.ts";
import {
  lastValidSnapshot,
  listRecords,
  listSegments,
  RecordType,
  readLog,
  validSnapshotEntries,
  Wal,
  WalError,
} from "./index.ts";

const START = { index: 0, term: 0 };
const SMALL = { segmentBytes: 4096 };

function create(options = SMALL): { disk: SimDisk; wal: Wal } {
  const disk = new SimDisk();
  return { disk, wal: Wal.create(disk, WAL_DIRECTORY, Buffer.from("metadata"), options) };
}

function names(disk: SimDisk): string[] {
  return disk.list(WAL_DIRECTORY);
}

describe("creating a log", () => {
  test("makes one segment of full length and is durable", () => {
    const { disk } = create();
    disk.crash({ seed: 1 });
    expect(names(disk)).toEqual(["0000000000000000-0000000000000000.wal"]);
    expect(disk.readFile(`${WAL_DIRECTORY}/${names(disk)[0]}`)).toHaveLength(4096);
    expect(listRecords(disk, WAL_DIRECTORY).map(({ type }) => type)).toEqual([
      RecordType.crc,
      RecordType.metadata,
      RecordType.snapshot,
    ]);
    expect(disk.list("/m")).toEqual(["wal"]);
  });

  test("leaves a whole log or none when it fails, and can be done again", () => {
    for (const operation of ["open", "truncate", "write", "datasync", "rename"] as const) {
      for (let seed = 0; seed < 10; seed++) {
        const disk = new SimDisk();
        disk.fail({ operation, code: "EIO" });
        expect(() => Wal.create(disk, WAL_DIRECTORY, Buffer.from("a"), SMALL)).toThrow("EIO");
        disk.crash({ seed });
        expect(Wal.exists(disk, WAL_DIRECTORY)).toBe(false);
        Wal.create(disk, WAL_DIRECTORY, Buffer.from("b"), SMALL).close();
        expect(Wal.open(disk, WAL_DIRECTORY, START, SMALL).metadata).toEqual(Uint8Array.of(98));
      }
    }
  });

  test("refuses a directory that holds a log", () => {
    const { disk } = create();
    expect(() => Wal.create(disk, WAL_DIRECTORY, Buffer.from("x"))).toThrow("there is a log");
  });
});

describe("appending", () => {
  test("asks for a sync for entries, a new term or a new vote, not for a new commit", () => {
    const { wal } = create();
    const first = { term: 1, vote: 0n, commit: 0 };
    expect(wal.append(undefined, [])).toEqual({ mustSync: false, bytes: 0 });
    expect(wal.append({ term: 0, vote: 0n, commit: 0 }, []).bytes).toBe(0);
    expect(wal.append(first, []).mustSync).toBe(true);
    expect(wal.append(first, []).mustSync).toBe(false);
    expect(wal.append({ ...first, commit: 5 }, []).mustSync).toBe(false);
    expect(wal.append({ ...first, vote: 3n }, []).mustSync).toBe(true);
    expect(wal.append(undefined, [sampleEntry(1)]).mustSync).toBe(true);
  });

  test("writes each batch with one write", () => {
    const { disk, wal } = create({ segmentBytes: 1 << 20 });
    wal.append(undefined, [sampleEntry(1)]);
    const before = disk.counts.write;
    wal.append({ term: 1, vote: 7n, commit: 40 }, sampleEntries(2, 300));
    expect(disk.counts.write).toBe(before + 1);
    expect(readLog(disk, WAL_DIRECTORY).entries).toHaveLength(299);
  });

  test("replaces entries from the first new index on", () => {
    const { disk, wal } = create();
    wal.append(undefined, sampleEntries(1, 11));
    wal.append(undefined, [sampleEntry(6, { term: 2 }), sampleEntry(7, { term: 2 })]);
    wal.close();
    const { entries } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
    expect(entries.map(({ index, term }) => [index, term])).toEqual([
      ...[1, 2, 3, 4, 5].map((index) => [index, 1]),
      ...[6, 7].map((index) => [index, 2]),
    ]);
  });

  test("refuses to read a log with a hole", () => {
    const { disk, wal } = create();
    wal.append(undefined, [sampleEntry(1), sampleEntry(3)]);
    expect(() => readLog(disk, WAL_DIRECTORY)).toThrow("the entry after 1 should follow, not 3");
  });

  test("takes entries larger than any buffer, and the largest numbers", () => {
    const { disk, wal } = create({ segmentBytes: 1 << 20 });
    const big = sampleEntry(1, { bytes: 12 << 20 });
    const far = { ...sampleEntry(2), type: 2 as const, term: Number.MAX_SAFE_INTEGER };
    const empty = { ...far, type: 0 as const, index: 3, data: new Uint8Array(0) };
    wal.append(undefined, [big]);
    wal.append({ term: 2 ** 40, vote: 2n ** 64n - 1n, commit: 2 ** 33 }, [far, empty]);
    wal.close();
    const log = readLog(disk, WAL_DIRECTORY);
    expect(log.hardState).toEqual({ term: 2 ** 40, vote: 2n ** 64n - 1n, commit: 2 ** 33 });
    expect(log.entries.slice(1)).toEqual([far, empty]);
    expect(Buffer.compare(log.entries[0]?.data ?? Buffer.alloc(0), big.data)).toBe(0);
  });
});

describe("cutting", () => {
  test("goes on in segments named after the next entry, with a chained checksum", () => {
    const disk = buildWal(40, { ...SMALL, bytes: 500 });
    const segments = listSegments(disk, WAL_DIRECTORY);
    expect(segments.length).toBeGreaterThan(4);
    expect(names(disk)).toHaveLength(segments.length);
    for (const [at, segment] of segments.entries()) {
      const path = `${WAL_DIRECTORY}/${segment.name}`;
      const records = listRecords(disk, WAL_DIRECTORY).filter(({ file }) => file === path);
      expect(segment.sequence).toBe(at);
      if (at > 0) {
        expect(records.slice(0, 3).map(({ type }) => type)).toEqual([
          RecordType.crc,
          RecordType.metadata,
          RecordType.state,
        ]);
      }
      const isLast = at === segments.length - 1;
      if (isLast) continue;
      expect(disk.readFile(path).length).toBeLessThan(4096 + 600);
      // The entry in front is the one that the name announces.
      const announced = sampleEntry(Math.max(1, segment.index), { bytes: 500 });
      const front = records.find(({ type }) => type === RecordType.entry);
      expect(Buffer.from(front?.data ?? [])).toEqual(Buffer.from(encoded(encodeEntry, announced)));
    }
    expect(readLog(disk, WAL_DIRECTORY).entries).toHaveLength(40);
  });

  test("beside the caller takes appends meanwhile, durable after the cut", async () => {
    const { disk, wal } = create();
    wal.append({ term: 1, vote: 7n, commit: 0 }, sampleEntries(1, 6, { bytes: 1000 }));
    // Lets the preparation of the next segment, which also syncs, run to its end.
    await new Promise(setImmediate);
    disk.holdSyncs();
    const first = wal.sync();
    while (disk.heldSyncCount === 0) await Promise.resolve();
    wal.append(undefined, sampleEntries(6, 8));
    let isSecondDone = false;
    const second = wal.sync().then(() => {
      isSecondDone = true;
    });
    wal.append(undefined, sampleEntries(8, 9));
    await Promise.resolve();
    expect(isSecondDone).toBe(false);
    disk.releaseSyncs();
    await first;
    await second;
    disk.crash({ seed: 3 });
    const { entries } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
    expect(entries.length).toBeGreaterThanOrEqual(7);
    expect(listSegments(disk, WAL_DIRECTORY).at(-1)?.index).toBe(6);
  });

  test("uses the segment prepared beside, under names that alternate", async () => {
    const { disk, wal } = create({ segmentBytes: 16384 });
    const seen = new Set<string>();
    for (let index = 1; index <= 60; index++) {
      wal.append(undefined, [sampleEntry(index, { bytes: 1000 })]);
      await wal.sync();
      for (const name of names(disk)) if (name.endsWith(".tmp")) seen.add(name);
    }
    expect([...seen]).toEqual(["0.tmp", "1.tmp"]);
    expect(disk.counts.fill).toBeGreaterThan(2);
    wal.close();
    expect(names(disk).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("succeeds when preparing has failed", async () => {
    const { disk, wal } = create({ segmentBytes: 16384 });
    for (let index = 1; index <= 60; index++) {
      disk.fail({ operation: "fill", code: "ENOSPC" });
      wal.append(undefined, [sampleEntry(index, { bytes: 1000 })]);
      await wal.sync();
    }
    expect(listSegments(disk, WAL_DIRECTORY).length).toBeGreaterThan(3);
    expect(readLog(disk, WAL_DIRECTORY).entries).toHaveLength(60);
  });
});

describe("a failing disk", () => {
  test.each(["write", "datasync"] as const)(
    "ends the log at the first failed %s",
    async (operation) => {
      const { disk, wal } = create();
      wal.append(undefined, [sampleEntry(1)]);
      await wal.sync();
      disk.fail({ operation, code: operation === "write" ? "ENOSPC" : "EIO" });
      const go = async () => {
        wal.append(undefined, [sampleEntry(2)]);
        await wal.sync();
      };
      const failure = /a write or a sync failed: DiskError: (write|datasync) .*(ENOSPC|EIO)/;
      await expect(go()).rejects.toThrow(failure);
      expect(() => wal.append(undefined, [sampleEntry(2)])).toThrow(failure);
      expect(() => wal.syncNow()).toThrow(WalError);
      expect(() => wal.saveSnapshot(1, 1, EMPTY_CONF_STATE)).toThrow(WalError);
      await expect(wal.sync()).rejects.toThrow(failure);
      wal.close();
      disk.crash({ seed: 5 });
      expect(Wal.open(disk, WAL_DIRECTORY, START, SMALL).entries).toHaveLength(1);
    },
  );

  test("fails the syncs that wait for a cut", async () => {
    const { disk, wal } = create();
    wal.append(undefined, sampleEntries(1, 6, { bytes: 1000 }));
    disk.fail({ operation: "rename", code: "EIO" });
    const first = wal.sync();
    wal.append(undefined, [sampleEntry(6)]);
    const second = wal.sync();
    await expect(first).rejects.toThrow("EIO");
    await expect(second).rejects.toThrow("EIO");
  });

  test("says what to do, and a closed log says that it is closed", () => {
    const { wal } = create();
    wal.close();
    wal.close();
    expect(() => wal.append(undefined, [sampleEntry(1)])).toThrow("it is closed");
  });
});

describe("snapshots and releases", () => {
  function withSnapshots(): SimDisk {
    const { disk, wal } = create();
    for (let index = 1; index <= 40; index++) {
      wal.append({ term: 1, vote: 7n, commit: index - 1 }, [sampleEntry(index, { bytes: 500 })]);
      if (index % 10 === 0) wal.saveSnapshot(index, 1, { ...EMPTY_CONF_STATE, voters: [7n] });
      wal.syncNow();
    }
    wal.close();
    return disk;
  }

  test("are valid up to the commit index", () => {
    const disk = withSnapshots();
    const marks = validSnapshotEntries(disk, WAL_DIRECTORY).map(({ index }) => index);
    // The record for 40 is there, but the last known commit is 39.
    expect(marks).toEqual([0, 10, 20, 30]);
    expect(lastValidSnapshot(disk, WAL_DIRECTORY)).toMatchObject({
      index: 30,
      term: 1,
      confState: { voters: [7n] },
    });
  });

  test("let a log start after them and name the next segment when they are ahead", () => {
    const disk = withSnapshots();
    const opened = Wal.open(disk, WAL_DIRECTORY, { index: 30, term: 1 }, SMALL);
    expect(opened.entries.map(({ index }) => index)).toEqual([
      31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    ]);
    opened.wal.saveSnapshot(100, 1, EMPTY_CONF_STATE);
    opened.wal.append({ term: 1, vote: 7n, commit: 100 }, []);
    opened.wal.append(undefined, [sampleEntry(101, { bytes: 5000 })]);
    opened.wal.syncNow();
    expect(listSegments(disk, WAL_DIRECTORY).at(-1)?.index).toBe(102);
    opened.wal.close();
    expect(lastValidSnapshot(disk, WAL_DIRECTORY)).toMatchObject({ index: 100 });
    const again = Wal.open(disk, WAL_DIRECTORY, { index: 100, term: 1 }, SMALL);
    expect(again.entries.map(({ index }) => index)).toEqual([101]);
  });

  test("free the segments before the one that reaches back to them, oldest first", () => {
    const disk = withSnapshots();
    const all = listSegments(disk, WAL_DIRECTORY);
    const { wal } = Wal.open(disk, WAL_DIRECTORY, START, SMALL);
    expect(wal.purge(1)).toEqual([]);
    wal.releaseTo(30);
    const kept = all.filter((segment) => segment.index < 30).at(-1);
    expect(wal.purge(0)).toEqual([]);
    const removed = wal.purge(1);
    expect(removed).toEqual(all.slice(0, kept?.sequence).map(({ name }) => name));
    expect(removed.length).toBeGreaterThan(2);
    wal.close();
    const again = Wal.open(disk, WAL_DIRECTORY, { index: 30, term: 1 }, SMALL);
    expect(again.entries).toHaveLength(10);
  });

  test("keep as many segments as asked for", () => {
    const disk = withSnapshots();
    const { wal } = Wal.open(disk, WAL_DIRECTORY, { index: 30, term: 1 }, SMALL);
    const count = listSegments(disk, WAL_DIRECTORY).length;
    expect(wal.purge(count - 1)).toHaveLength(1);
    expect(listSegments(disk, WAL_DIRECTORY)).toHaveLength(count - 1);
  });
});

test("the empty entry that leaves a joint configuration is read back", () => {
  const { disk, wal } = create();
  const leave = { type: 2, term: 1, index: 1, data: new Uint8Array(0) } as const;
  wal.append(undefined, [leave]);
  wal.close();
  expect(Wal.open(disk, WAL_DIRECTORY, START, SMALL).entries).toEqual([leave]);
});

describe("a log that another leader has shortened is read from a snapshot", () => {
  const write = (build: (wal: Wal) => void): Entry[] => {
    const { disk, wal } = create({ segmentBytes: 64 * 1024 });
    build(wal);
    wal.close();
    return [...Wal.open(disk, WAL_DIRECTORY, { index: 6, term: 2 }).entries];
  };
  const first = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => sampleEntry(index));

  test("without what came behind the replaced entries", () => {
    const later = [5, 6].map((index) => sampleEntry(index, { term: 2 }));
    const entries = write((wal) => {
      wal.append(undefined, first);
      wal.append({ term: 2, vote: 0n, commit: 6 }, later);
      wal.saveSnapshot(6, 2, EMPTY_CONF_STATE);
    });
    expect(entries).toEqual([]);
  });

  test("without what a snapshot of the leader has replaced", () => {
    const entries = write((wal) => {
      wal.append(undefined, first);
      wal.saveSnapshot(6, 2, EMPTY_CONF_STATE);
      wal.append({ term: 2, vote: 0n, commit: 6 }, []);
    });
    expect(entries).toEqual([]);
  });

  test("with what stands behind a snapshot of its own", () => {
    const later = [5, 6, 7].map((index) => sampleEntry(index, { term: 2 }));
    const entries = write((wal) => {
      wal.append({ term: 2, vote: 0n, commit: 6 }, [...first.slice(0, 4), ...later]);
      wal.saveSnapshot(6, 2, EMPTY_CONF_STATE);
    });
    expect(entries.map(({ index }) => index)).toEqual([7]);
  });
});
