// SPDX-License-Identifier: Apache-2.0

import { describe, expect, test } from "vitest";
import type { SimDisk } from "../../../test/harness/sim-disk.ts";
import {
  buildWal,
  lastRecord,
  sampleEntry,
  WAL_DIRECTORY,
  withFile,
} from "../../../test/harness/wal-builder.ts";
import { listRecords, type OpenedWal, readLog, Wal, WalError } from "./index.ts";

const START = { index: 0, term: 0 };
const OPTIONS = { segmentBytes: 8192 };

function open(disk: SimDisk): OpenedWal {
  return Wal.open(disk, WAL_DIRECTORY, START, OPTIONS);
}

function openError(disk: SimDisk): WalError {
  try {
    open(disk);
  } catch (error) {
    if (error instanceof WalError) return error;
    throw error;
  }
  throw new Error("the log was opened");
}

/** A log whose last record is an entry of `bytes` bytes. */
function endingInEntry(bytes: number): SimDisk {
  const disk = buildWal(2, OPTIONS);
  const { wal } = open(disk);
  wal.append(undefined, [sampleEntry(3, { bytes })]);
  wal.close();
  return disk;
}

describe("a torn tail", () => {
  test("that no room is left to copy is told with file and fix, and stays as it is", () => {
    const disk = endingInEntry(1200);
    const { path, end } = lastRecord(disk);
    const torn = withFile(disk, path, disk.readFile(path).subarray(0, end - 3));
    torn.fail({ operation: "write", code: "ENOSPC" });
    expect(() => open(torn)).toThrow(
      /could not be cut off: write .*\.broken: ENOSPC.*; see to the disk \(room for a copy/,
    );
    expect(torn.readFile(path)).toHaveLength(end - 3);
  });

  test("is cut off wherever the file ends inside the last record", () => {
    const disk = endingInEntry(1200);
    const { path, start, end } = lastRecord(disk);
    const bytes = disk.readFile(path);
    for (let cut = start + 1; cut < end; cut += cut < start + 40 || cut > end - 40 ? 1 : 7) {
      const torn = withFile(disk, path, bytes.subarray(0, cut));
      const { entries, repaired, wal } = open(torn);
      expect(entries, `cut at ${cut}`).toHaveLength(2);
      expect(repaired).toMatchObject({ file: path, offset: start, bytesCut: cut - start });
      expect(torn.readFile(`${path}.broken`)).toEqual(new Uint8Array(bytes.subarray(0, cut)));
      wal.append(undefined, [sampleEntry(3), sampleEntry(4)]);
      wal.close();
      expect(readLog(torn, WAL_DIRECTORY).entries).toHaveLength(4);
      expect(open(torn).repaired).toBeUndefined();
    }
  });

  test("is cut off when any of its sectors was never written", () => {
    const disk = endingInEntry(3000);
    const { path, start, end } = lastRecord(disk);
    const bytes = disk.readFile(path);
    for (let sector = Math.ceil(start / 512); sector * 512 < end; sector++) {
      const torn = new Uint8Array(bytes).fill(0, sector * 512, (sector + 1) * 512);
      const { entries, repaired } = open(withFile(disk, path, torn));
      expect(entries).toHaveLength(2);
      expect(repaired?.offset).toBe(start);
    }
  });

  test("needs no repair when not even the record's first sector was written", () => {
    const disk = endingInEntry(3000);
    const { path, start } = lastRecord(disk);
    const sectorEnd = Math.ceil((start + 1) / 512) * 512;
    const torn = disk.readFile(path).fill(0, start, sectorEnd);
    const damaged = withFile(disk, path, torn);
    const { entries, repaired, wal } = open(damaged);
    expect(entries).toHaveLength(2);
    expect(repaired).toBeUndefined();
    wal.close();
    const rest = damaged.readFile(path).subarray(start);
    expect(rest.every((byte) => byte === 0)).toBe(true);
  });

  test("is refused, and the file left alone, when it was relied upon", () => {
    const disk = endingInEntry(1200);
    const { path, start, end } = lastRecord(disk);
    const bytes = disk.readFile(path).subarray(0, end - 400);
    const torn = withFile(disk, path, bytes);
    const held = { ...OPTIONS, heldIndex: 3 };
    expect(() => Wal.open(torn, WAL_DIRECTORY, START, held)).toThrow(
      new RegExp(
        `^wal: ${path} at offset ${start} \\(record \\d+\\): .* entry 3 was committed, and .* ends at entry 2; `,
      ),
    );
    expect(torn.list(WAL_DIRECTORY)).toHaveLength(1);
    expect(Buffer.compare(torn.readFile(path), bytes)).toBe(0);
    expect(
      Wal.open(torn, WAL_DIRECTORY, START, { ...OPTIONS, heldIndex: 2 }).repaired,
    ).toBeDefined();
  });

  test("is refused when the log itself says that more was committed", () => {
    const disk = buildWal(2, OPTIONS);
    const { wal } = open(disk);
    wal.append({ term: 1, vote: 7n, commit: 4 }, []);
    wal.append(undefined, [sampleEntry(3, { bytes: 900 })]);
    wal.close();
    const { path, end } = lastRecord(disk);
    const torn = withFile(disk, path, disk.readFile(path).subarray(0, end - 400));
    expect(openError(torn)).toMatchObject({ code: "corrupt", file: path });
    expect(torn.list(WAL_DIRECTORY)).toHaveLength(1);
  });

  test("is no error for a reader, which changes nothing", () => {
    const disk = endingInEntry(300);
    const { path, end } = lastRecord(disk);
    const torn = withFile(disk, path, disk.readFile(path).subarray(0, end - 9));
    expect(readLog(torn, WAL_DIRECTORY).entries).toHaveLength(2);
    expect(torn.list(WAL_DIRECTORY)).toHaveLength(1);
  });

  test("is refused in a segment that others follow", () => {
    const disk = buildWal(40, { ...OPTIONS, bytes: 1000 });
    const names = disk.list(WAL_DIRECTORY);
    expect(names.length).toBeGreaterThan(3);
    const path = `${WAL_DIRECTORY}/${names[1]}`;
    const bytes = disk.readFile(path);
    const error = openError(withFile(disk, path, bytes.subarray(0, bytes.length - 20)));
    expect(error).toMatchObject({ code: "corrupt", file: path });
    expect(error.offset).toBeGreaterThan(7000);
  });
});

describe("a changed byte", () => {
  test("anywhere is refused with file, offset and record, or changes nothing that is read", () => {
    const disk = buildWal(12, OPTIONS);
    const { path, end } = lastRecord(disk);
    const bytes = disk.readFile(path);
    const intact = open(withFile(disk, path, bytes));
    const offsets = listRecords(disk, WAL_DIRECTORY).map(({ offset }) => offset);
    const harmless: string[] = [];
    for (let at = 0; at < end; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = new Uint8Array(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        const damaged = withFile(disk, path, flipped);
        try {
          const { entries, hardState, repaired, metadata } = open(damaged);
          expect(repaired, `bit ${bit} of byte ${at} was taken for a torn tail`).toBeUndefined();
          expect({ entries, hardState, metadata }).toEqual({
            entries: intact.entries,
            hardState: intact.hardState,
            metadata: intact.metadata,
          });
          harmless.push(`${at}.${bit}`);
        } catch (error) {
          if (!(error instanceof WalError)) throw error;
          expect(error.file).toBe(path);
          // A wrong checksum to start from shows in the record after it.
          expect(error.offset).toBeLessThanOrEqual(Math.max(at, 16));
          const record = offsets.indexOf(error.offset ?? -1) + 1;
          expect(record).toBeGreaterThan(0);
          expect(error.message).toContain(`${path} at offset ${error.offset} (record ${record})`);
          expect(error.message).toContain("restore this file from a copy");
        }
      }
    }
    // Only padding and the checksum's bits beyond 32 may change: at most 8 bytes per record.
    expect(harmless.length).toBeLessThan(listRecords(disk, WAL_DIRECTORY).length * 8 * 8);
  });

  test("in a length is not taken for the end of the log", () => {
    const disk = buildWal(12, OPTIONS);
    const { path } = lastRecord(disk);
    const bytes = disk.readFile(path);
    const frame = listRecords(disk, WAL_DIRECTORY)[5]?.offset ?? 0;
    for (const [byte, value] of [
      [0, 0xf8],
      [2, 0x01],
      [5, 0x10],
    ] as const) {
      const flipped = new Uint8Array(bytes);
      flipped[frame + byte] = value | (byte === 0 ? (flipped[frame] ?? 0) & 7 : 0);
      const error = openError(withFile(disk, path, flipped));
      expect(error).toMatchObject({ code: "corrupt", file: path, offset: frame });
    }
  });
});

describe("segments that do not fit together", () => {
  const disk = buildWal(40, { ...OPTIONS, bytes: 1000 });
  const names = disk.list(WAL_DIRECTORY);

  test("are refused when one is missing", () => {
    const copy = withFile(disk, "", new Uint8Array());
    copy.removeFile(`${WAL_DIRECTORY}/${names[2]}`);
    const error = openError(copy);
    expect(error.code).toBe("segments-missing");
    expect(error.file).toBe(`${WAL_DIRECTORY}/${names[3]}`);
  });

  test("are refused when one comes from another log", () => {
    const other = buildWal(40, { ...OPTIONS, bytes: 1020 });
    const path = `${WAL_DIRECTORY}/${names[1]}`;
    const error = openError(withFile(disk, path, other.readFile(path)));
    expect(error).toMatchObject({ code: "corrupt", file: path, offset: 0 });
  });

  test("are refused when the first entries are gone", () => {
    const copy = withFile(disk, "", new Uint8Array());
    copy.removeFile(`${WAL_DIRECTORY}/${names[0]}`);
    expect(openError(copy)).toMatchObject({ code: "not-found", file: WAL_DIRECTORY });
  });

  test("are refused when the start has no snapshot record, or one of another term", () => {
    expect(() => Wal.open(disk, WAL_DIRECTORY, { index: 3, term: 1 }, OPTIONS)).toThrow(
      "there should be a record of the snapshot at index 3, term 1",
    );
    expect(() => Wal.open(disk, WAL_DIRECTORY, { index: 0, term: 9 }, OPTIONS)).toThrow(
      "the snapshot at 0 should have term 9, not 0",
    );
  });
});
