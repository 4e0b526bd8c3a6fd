// SPDX-License-Identifier: Apache-2.0
//
// What a Disk promises, checked on the real one and on its simulated twin.

import fs from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { SimDisk } from "../../test/harness/sim-disk.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { sampleEntries } from "../../test/harness/wal-builder.ts";
import type { Disk } from "../base/contracts/disk.ts";
import { listSegments, readLog, Wal } from "../core/wal/index.ts";
import { NodeDisk } from "./node-disk.ts";

const SUBJECTS: readonly { name: string; make: () => { disk: Disk; root: string } }[] = [
  { name: "the real disk", make: () => ({ disk: new NodeDisk(), root: tempDir() }) },
  {
    name: "the simulated disk",
    make: () => {
      const disk = new SimDisk();
      disk.makeDirectory("/root");
      return { disk, root: "/root" };
    },
  },
];

describe.each(SUBJECTS)("$name", ({ make }) => {
  test("reads what was written, short at the end, zeros where nothing was written", () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    file.write(Uint8Array.of(1, 2, 3), 4);
    expect(file.size()).toBe(7);
    expect([...file.read(0, 100)]).toEqual([0, 0, 0, 0, 1, 2, 3]);
    expect([...file.read(6, 10)]).toEqual([3]);
    expect([...file.read(50, 10)]).toEqual([]);
    file.close();
  });

  test("reads into memory of the caller and leaves the rest of it alone", () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    file.write(Uint8Array.of(1, 2, 3, 4), 0);
    const target = new Uint8Array(3).fill(9);
    expect(file.readInto(target, 1)).toBe(3);
    expect([...target]).toEqual([2, 3, 4]);
    expect(file.readInto(target, 3)).toBe(1);
    expect([...target]).toEqual([4, 3, 4]);
    expect(file.readInto(target, 4)).toBe(0);
    file.close();
  });

  test("keeps nothing of the bytes handed to a write", () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    const bytes = Buffer.from([1, 2, 3]);
    file.write(bytes, 0);
    bytes.fill(9);
    expect([...file.read(0, 3)]).toEqual([1, 2, 3]);
    file.close();
  });

  test("truncates to shorter and to longer, with zeros", async () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    file.write(new Uint8Array(10).fill(7), 0);
    file.truncate(4);
    file.truncate(8);
    expect([...file.read(0, 20)]).toEqual([7, 7, 7, 7, 0, 0, 0, 0]);
    await file.datasync();
    file.datasyncNow();
    file.close();
  });

  test("fills a range with zeros and touches nothing else", async () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    const size = 3 << 20;
    file.write(new Uint8Array(size).fill(7), 0);
    await file.fillZeros(1000, size - 2000);
    const bytes = file.read(0, size + 1);
    expect(bytes).toHaveLength(size);
    const sevens = [bytes.subarray(0, 1000), bytes.subarray(size - 1000)];
    for (const part of sevens) expect(part.every((byte) => byte === 7)).toBe(true);
    expect(bytes.subarray(1000, size - 1000).every((byte) => byte === 0)).toBe(true);
    file.close();
  });

  test("lets what is in flight finish when a file is closed meanwhile", async () => {
    const { disk, root } = make();
    const file = disk.open(`${root}/a`, "create");
    file.write(Uint8Array.of(1), 0);
    const sync = file.datasync();
    file.close();
    await sync;
    expect(() => file.size()).toThrow("closed file");
  });

  test("opens, creates and refuses as the mode says", () => {
    const { disk, root } = make();
    const path = `${root}/a`;
    for (const mode of ["read", "write"] as const) {
      expect(() => disk.open(path, mode)).toThrow(
        expect.objectContaining({ code: "ENOENT", path }),
      );
    }
    const created = disk.open(path, "create-exclusive");
    created.write(Uint8Array.of(1, 2), 0);
    created.close();
    expect(() => disk.open(path, "create-exclusive")).toThrow(
      expect.objectContaining({ code: "EEXIST", operation: "open" }),
    );
    const kept = disk.open(path, "write");
    expect(kept.size()).toBe(2);
    kept.close();
    const emptied = disk.open(path, "create");
    expect(emptied.size()).toBe(0);
    emptied.close();
    expect(() => disk.open(`${root}/none/a`, "create")).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
  });

  test("lists names in byte order, and nothing for a directory that is not there", () => {
    const { disk, root } = make();
    for (const name of ["b", "a", "B", "a0"]) disk.open(`${root}/${name}`, "create").close();
    disk.makeDirectory(`${root}/c/d`, 0o700);
    expect(disk.list(root)).toEqual(["B", "a", "a0", "b", "c"]);
    expect(disk.list(`${root}/c`)).toEqual(["d"]);
    expect(disk.list(`${root}/none`)).toEqual([]);
  });

  test("renames files over others and directories with their content, and removes", async () => {
    const { disk, root } = make();
    const write = (path: string, byte: number) => {
      const file = disk.open(path, "create");
      file.write(Uint8Array.of(byte), 0);
      file.close();
    };
    write(`${root}/a`, 1);
    write(`${root}/b`, 2);
    disk.rename(`${root}/a`, `${root}/b`);
    expect(disk.list(root)).toEqual(["b"]);
    expect(disk.stat(`${root}/a`)).toBeUndefined();
    disk.makeDirectory(`${root}/x.tmp`, 0o700);
    write(`${root}/x.tmp/f`, 3);
    disk.syncDirectory(`${root}/x.tmp`);
    disk.rename(`${root}/x.tmp`, `${root}/x`);
    await disk.syncDirectoryAside(root);
    const moved = disk.open(`${root}/x/f`, "read");
    expect([...moved.read(0, 9)]).toEqual([3]);
    moved.close();
    expect(disk.stat(`${root}/x`)).toMatchObject({ isDirectory: true });
    expect(disk.stat(`${root}/x/f`)).toMatchObject({ isDirectory: false, size: 1 });
    disk.removeFile(`${root}/b`);
    disk.removeTree(`${root}/x`);
    disk.removeTree(`${root}/never-there`);
    expect(disk.list(root)).toEqual([]);
    expect(() => disk.removeFile(`${root}/b`)).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });

  test("carries a log through cuts, a purge and a reopening", async () => {
    const { disk, root } = make();
    const directory = `${root}/wal`;
    const options = { segmentBytes: 64 << 10 };
    const wal = Wal.create(disk, directory, Buffer.from("metadata"), options);
    for (let first = 1; first <= 500; first += 10) {
      wal.append(
        { term: 1, vote: 7n, commit: first },
        sampleEntries(first, first + 10, { bytes: 700 }),
      );
      await wal.sync();
    }
    wal.close();
    expect(listSegments(disk, directory).length).toBeGreaterThan(4);
    expect(disk.list(directory).every((name) => name.endsWith(".wal"))).toBe(true);
    const opened = Wal.open(disk, directory, { index: 0, term: 0 }, options);
    expect(opened.entries.map(({ index }) => index)).toEqual(
      Array.from({ length: 500 }, (_, at) => at + 1),
    );
    opened.wal.releaseTo(500);
    opened.wal.append(undefined, sampleEntries(501, 503));
    opened.wal.syncNow();
    expect(opened.wal.purge(3).length).toBeGreaterThan(1);
    expect(await opened.wal.purgeAside(2)).toHaveLength(1);
    opened.wal.close();
    expect(listSegments(disk, directory)).toHaveLength(2);
    expect(() => readLog(disk, directory)).toThrow("begins with");
  });
});

test("the real disk gives new files and directories to their owner alone", () => {
  const root = tempDir();
  const disk = new NodeDisk();
  disk.makeDirectory(`${root}/member/wal`, 0o700);
  disk.open(`${root}/member/wal/a`, "create").close();
  expect(disk.stat(`${root}/member`)?.mode).toBe(0o700);
  expect(disk.stat(`${root}/member/wal/a`)?.mode).toBe(0o600);
});

test("errors of the real disk name operation, path and cause", () => {
  const disk = new NodeDisk();
  expect(() => disk.open("/nowhere/at/all", "read")).toThrow(
    /^open \/nowhere\/at\/all: ENOENT: no such file/,
  );
});

test("a directory that cannot be made is told with the system's reason, not Node's", () => {
  const disk = new NodeDisk();
  const make = vi.spyOn(fs, "mkdirSync").mockImplementation((path, options) => {
    // Node says so of several directories on a file system that is read-only.
    const isDeep = typeof options === "object" && options?.recursive === true;
    const code = isDeep ? "ENOENT" : "EROFS";
    throw Object.assign(new Error(`${code}: mkdir ${String(path)}`), { code });
  });
  onTestFinished(() => make.mockRestore());
  const path = `${tmpdir()}/etcdx-none/a/b`;
  expect(() => disk.makeDirectory(path, 0o700)).toThrow(`mkdir ${path}: EROFS`);
});
