// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { DiskError, type DiskFile } from "../../base/contracts/disk.ts";
import type { LogFields, Logger } from "../../base/contracts/logger.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import { DataDirError, dataPaths, prepareDataDir, prepareStore } from "./data-dir.ts";

class Recorder implements Logger {
  readonly lines: { readonly message: string; readonly fields: LogFields }[] = [];
  enabled(): boolean {
    return true;
  }
  log(_level: string, _caller: string, message: string, fields: LogFields = {}): void {
    this.lines.push({ message, fields });
  }
}

function prepare(dataDir: string, disk = new NodeDisk()): Recorder {
  const logger = new Recorder();
  prepareDataDir(disk, dataPaths(dataDir, undefined), logger);
  prepareStore(disk, dataPaths(dataDir, undefined), logger);
  return logger;
}

test("paths are absolute, and the log may lie elsewhere", () => {
  const paths = dataPaths("/d", undefined);
  expect([paths.wal, paths.storeFile]).toEqual([
    "/d/member/wal",
    "/d/member/snap/store.lmdb/data.mdb",
  ]);
  expect(dataPaths("relative", "/w")).toMatchObject({
    data: join(process.cwd(), "relative"),
    wal: "/w",
  });
});

test("directories are made for this user only, and nothing stays of the probes", () => {
  const dataDir = join(tempDir(), "new");
  expect(prepare(dataDir).lines).toEqual([]);
  const paths = dataPaths(dataDir, undefined);
  for (const path of [paths.data, paths.member, paths.snap, paths.store]) {
    expect(statSync(path).mode & 0o777).toBe(0o700);
  }
  expect(readdirSync(paths.store)).toEqual([]);
  expect(readdirSync(dataDir)).toEqual(["member"]);
});

test("a directory that others may read is used, with etcd's warning", () => {
  const dataDir = join(tempDir(), "open");
  mkdirSync(dataDir, { mode: 0o755 });
  const [line] = prepare(dataDir).lines;
  expect(line?.message).toBe("check file permission");
  expect(line?.fields["error"]).toContain(
    `directory "${dataDir}" exist, but the permission is "755"`,
  );
});

test("files that do not belong there are named and left alone", () => {
  const dataDir = tempDir();
  writeFileSync(join(dataDir, "notes.txt"), "mine");
  const [line] = prepare(dataDir).lines;
  expect(line?.message).toBe("found invalid file under data directory");
  expect(line?.fields["filenames"]).toEqual(["notes.txt"]);
  expect(readdirSync(dataDir)).toContain("notes.txt");
});

test.each([
  [["proxy"], "that of a v2 proxy"],
  [["proxy", "member"], "that of a member and a v2 proxy"],
])("a directory with %j is refused", (names, text) => {
  const dataDir = tempDir();
  for (const name of names) mkdirSync(join(dataDir, name));
  expect(() => prepare(dataDir)).toThrow(text);
});

test("a log directory of its own is looked at too", () => {
  const walDir = join(tempDir(), "log");
  const paths = dataPaths(tempDir(), walDir);
  prepareDataDir(new NodeDisk(), paths, new Recorder());
  expect(existsSync(walDir)).toBe(false);
  writeFileSync(walDir, "");
  expect(() => prepareDataDir(new NodeDisk(), paths, new Recorder())).toThrow(
    `${walDir} is not a directory; give --wal-dir another path`,
  );
});

test("a directory that cannot be written is named with the system's reason and the fix", () => {
  class ReadOnlyDisk extends NodeDisk {
    override open(path: string): DiskFile {
      const cause = Object.assign(new Error("read-only file system"), { code: "EROFS" });
      throw new DiskError("open", path, cause);
    }
  }
  const dataDir = tempDir();
  expect(() => prepare(dataDir, new ReadOnlyDisk())).toThrow(
    new DataDirError(
      `cannot write into ${dataDir} (EROFS); the file system is read-only: mount it for writing ` +
        "or give --data-dir another directory",
    ),
  );
});

test("a path that leads nowhere is named with what is wrong with it", () => {
  const root = tempDir();
  writeFileSync(join(root, "file"), "");
  symlinkSync(join(root, "nowhere"), join(root, "dangling"));
  symlinkSync(join(root, "loop"), join(root, "loop"));
  const refusal = (name: string) => () => prepare(join(root, name), new NodeDisk());
  expect(refusal("file/sub")).toThrow("(ENOTDIR); a part of the path is a file: move that away or");
  expect(refusal("dangling")).toThrow("a link on the path leads nowhere: remove it or give --data");
  expect(refusal("loop")).toThrow(/ELOOP: .*; give --data-dir another path$/);
});
