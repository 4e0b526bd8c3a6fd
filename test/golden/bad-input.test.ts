// SPDX-License-Identifier: Apache-2.0
//
// The offline program on files that are missing, cut, damaged, of another kind or in use: one line
// of error with file, cause and fix, the exit code of etcdutl, and no file that was changed or made.

import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { FileLock } from "../../src/platform/file-lock.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { goDirectory, ownDirectory } from "./member-directory.ts";
import { runOwn } from "./run-ctl.ts";

const PAGE_BYTES = 4096;
const SEGMENT = "member/wal/0000000000000000-0000000000000000.wal";
const LATER_SEGMENT = "member/wal/0000000000000002-0000000000000020.wal";
const SNAP = "member/snap/0000000000000002-0000000000000015.snap";
const DATABASE = "member/snap/db";
const STORE = "member/snap/store.lmdb/data.mdb";
const isRoot = process.getuid?.() === 0;
const snapshot = readFileSync(join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db"));
const DATABASE_BYTES = snapshot.length - 32;

/** Every file and directory below, with the bytes of files. */
function stateOf(root: string): Map<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return new Map(
    names.map((name) => {
      const path = join(root, name);
      return [name, statSync(path).isFile() ? readFileSync(path, "latin1") : "directory"];
    }),
  );
}

interface Refused {
  readonly code: number | null;
  /** What is said, without the temporary directory; findings are on standard output. */
  readonly text: string;
}

/** Runs a command that must fail, and leave everything below `root` as it is. */
async function refused(root: string, line: string): Promise<Refused> {
  const before = stateOf(root);
  const { code, stdout, stderr } = await runOwn(utilProgram, line.split(" "));
  expect(stateOf(root)).toEqual(before);
  expect(code).not.toBe(0);
  // Lines of the log, as etcdutl has them, say what was begun.
  const errors = stderr.split("\n").filter((each) => each !== "" && !/^\d{4}-/.test(each));
  expect(errors.join("\n")).not.toMatch(/^\s+at |\[object/m);
  if (code === 1) expect(errors).toHaveLength(1);
  return { code, text: `${stdout}${errors.join("\n")}`.replaceAll(`${root}/`, "") };
}

function changed(bytes: Uint8Array, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}

function edit(path: string, change: (bytes: Buffer) => void): void {
  writeFileSync(path, changed(readFileSync(path), change));
}

function flip(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
}

function asDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
}

function asFile(path: string): void {
  rmSync(path, { recursive: true, force: true });
  writeFileSync(path, "no directory");
}

describe("a snapshot or database file", () => {
  const READS = [
    "snapshot status",
    "hashkv",
    "db list-bucket",
    "db iterate-bucket FILE key",
    "db scan-keys FILE 0",
    "db get-hash",
  ];
  const zeroed = changed(snapshot, (bytes) => bytes.fill(0, 0, 2 * PAGE_BYTES));
  const flippedMetas = changed(snapshot, (bytes) => {
    for (const page of [0, 1]) flip(bytes, page * PAGE_BYTES + 48);
  });
  const cases: readonly (readonly [string, Uint8Array | "directory" | undefined, RegExp])[] = [
    ["that is missing", undefined, /^Error: stat x\.db: no such file or directory$/],
    ["that is empty", new Uint8Array(0), /^Error: .*: x\.db: the file is empty; use another copy/],
    [
      "that is cut in its first page",
      snapshot.subarray(0, 100),
      /^Error: .*: x\.db: .*; use another copy/,
    ],
    [
      "that is cut in the middle",
      snapshot.subarray(0, 20_000),
      /^Error: .*: x\.db: the file is cut short: 20000 bytes instead of at least \d+; use another/,
    ],
    [
      "that lacks one byte",
      snapshot.subarray(0, DATABASE_BYTES - 1),
      /^Error: .*: x\.db: the file is cut short: .*; use another copy/,
    ],
    ["whose metas are zeros", zeroed, /^Error: .*: x\.db: is no database: .*; use another copy/],
    ["whose metas have flipped bits", flippedMetas, /^Error: .*: x\.db: .*; use another copy/],
    [
      "that is something else",
      Buffer.from("no database ".repeat(5000)),
      /^Error: .*: x\.db: is no database: .*; use another copy/,
    ],
    ["that is a directory", "directory", /^Error: .*: x\.db is a directory; name the database/],
  ];

  test.each(cases)("%s is told by all that read it", async (_case, content, text) => {
    const root = tempDir();
    const path = join(root, "x.db");
    if (content === "directory") mkdirSync(path);
    else if (content !== undefined) writeFileSync(path, content);
    for (const read of READS) {
      const line = read.includes("FILE") ? read.replace("FILE", path) : `${read} ${path}`;
      const { code, text: said } = await refused(root, line);
      expect(code).toBe(1);
      expect(said, line).toMatch(text);
    }
  });

  const unhashed: typeof cases = [
    [
      "with a wrong hash",
      changed(snapshot, (bytes) => flip(bytes, DATABASE_BYTES + 3)),
      /^Error: expected sha256 \[/,
    ],
    ["that is missing", undefined, /^Error: open x\.db: no such file or directory$/],
    ["that is a directory", "directory", /^Error: read x\.db: is a directory$/],
  ];

  test.each(unhashed)("%s becomes no data directory", async (_case, content, text) => {
    const root = tempDir();
    const path = join(root, "x.db");
    if (content === "directory") mkdirSync(path);
    else if (content !== undefined) writeFileSync(path, content);
    const line = `snapshot restore ${path} --data-dir ${root}/restored --format=go`;
    const { code, text: said } = await refused(root, line);
    expect(code).toBe(1);
    expect(said).toMatch(text);
  });

  test("becomes no data directory where something is", async () => {
    const root = tempDir();
    writeFileSync(join(root, "x.db"), snapshot);
    mkdirSync(join(root, "taken/mine"), { recursive: true });
    const line = `snapshot restore ${root}/x.db --data-dir ${root}/taken`;
    const { code, text } = await refused(root, line);
    expect(code).toBe(1);
    expect(text).toMatch(
      /^Error: data-dir "taken" not empty or could not be read$|taken" not empty/,
    );
  });

  test.skipIf(isRoot)("that this user may not read is told", async () => {
    const root = tempDir();
    const path = join(root, "x.db");
    writeFileSync(path, snapshot);
    chmodSync(path, 0);
    const { stderr } = await runOwn(utilProgram, ["snapshot", "status", path]);
    expect(stderr).toBe(`Error: open ${path}: permission denied\n`);
  });
});

/** What each command has to say; those that are not named may go on. */
type Expected = Readonly<Record<string, readonly [code: number, text: RegExp]>>;
type Case = readonly [name: string, harm: (directory: string) => void, expected: Expected];

const COMMANDS: Readonly<Record<string, string>> = {
  defrag: "defrag --data-dir DIR",
  migrate: "migrate --data-dir DIR --target-version 3.6",
  check: "check --data-dir DIR",
  dump: "wal dump --data-dir DIR",
  verify: "wal verify --data-dir DIR",
  repair: "wal repair --data-dir DIR --apply",
  export: "export --data-dir DIR --to DIR.exported",
  buckets: "db list-bucket DIR",
};

async function expectRefusals(directory: string, [, harm, expected]: Case): Promise<void> {
  const root = tempDir();
  const copy = join(root, "d");
  cpSync(directory, copy, { recursive: true });
  harm(copy);
  for (const [name, [code, text]] of Object.entries(expected)) {
    const line = (COMMANDS[name] ?? "").replaceAll("DIR", copy);
    const said = await refused(root, line);
    expect(said.text, name).toMatch(text);
    expect(said.code, name).toBe(code);
  }
}

/** The same answer from all commands that read the log. */
function log(verdict: RegExp, dump: RegExp = verdict): Expected {
  return { check: [3, verdict], verify: [3, verdict], repair: [3, verdict], dump: [1, dump] };
}

const NO_DATABASE = /d\/member\/snap\/db: (no such file or|not a) directory/;
const NO_DIRECTORY = /^Error: d (does not exist|is a file); name a data directory/;
const noDirectory: Expected = {
  ...{ defrag: [1, NO_DATABASE], migrate: [1, NO_DATABASE], buckets: [1, NO_DATABASE] },
  ...{ check: [1, NO_DIRECTORY], dump: [1, NO_DIRECTORY], verify: [1, NO_DIRECTORY] },
  ...{
    repair: [1, NO_DIRECTORY],
    export: [1, /d is no directory; give --data-dir that of a member/],
  },
};
const NO_LOG = /d\/member\/wal (does not exist|is a file|holds no log).*; /;
const noLog: Expected = {
  check: [3, /^error: d\/member\/wal: (does not exist|is a file|holds no log)/],
  ...{ dump: [1, NO_LOG], verify: [1, NO_LOG], repair: [1, NO_LOG] },
};

describe("a data directory of Go etcd", () => {
  const at = (name: string, harm: (path: string) => void) => (directory: string) =>
    harm(join(directory, name));
  // A defragmentation has a thread of its own, which takes its time; one of them has to do.
  const database = (text: RegExp): Expected => ({
    migrate: [1, text],
    check: [3, text],
    buckets: [1, text],
  });
  const cases: readonly Case[] = [
    ["that is missing", (d) => rmSync(d, { recursive: true }), noDirectory],
    ["that is a file", asFile, noDirectory],
    ["whose log is missing", at("member/wal", (wal) => rmSync(wal, { recursive: true })), noLog],
    ["whose log is empty of files", at(SEGMENT, (file) => rmSync(file)), noLog],
    [
      "with a file where its log should be",
      at("member/wal", asFile),
      { ...noLog, defrag: [1, /list .*member\/wal: not a directory/] },
    ],
    [
      "with an empty segment",
      at(SEGMENT, (file) => truncateSync(file, 0)),
      log(/0\.wal: the file is empty; .*restore this file/, /0\.wal: the file holds no record; /),
    ],
    [
      "with a directory for a segment",
      at(SEGMENT, asDirectory),
      log(
        /0\.wal: it cannot be read: it is a directory where a file belongs; put/,
        /0\.wal: it is/,
      ),
    ],
    [
      "with a flipped bit in its log",
      at(SEGMENT, (file) => edit(file, (bytes) => flip(bytes, 600))),
      log(/0\.wal at offset 568 \(record 11\): the checksum should be \d+, not \d+; .*restore/),
    ],
    [
      "with a record of zeros in its log",
      at(SEGMENT, (file) => edit(file, (bytes) => bytes.fill(0, 568, 640))),
      log(/0\.wal at offset 568 \(record 11\): a length of 0 should be .*; .*restore/),
    ],
    [
      "with a gap in its log",
      (d) => cpSync(join(d, SEGMENT), join(d, LATER_SEGMENT)),
      log(/20\.wal: the segment before it should have number 1, .*; put the missing files back/),
    ],
    [
      "whose log begins behind its snapshot",
      (d) => renameSync(join(d, SEGMENT), join(d, LATER_SEGMENT)),
      {
        check: [
          3,
          /member\/wal: the log should reach back to the snapshot at entry \d+, but begins/,
        ],
        verify: [3, /should reach back/],
      },
    ],
    [
      "whose .snap file is newer than its log",
      at(SEGMENT, (file) => truncateSync(file, 1000)),
      {
        check: [3, /15\.snap: .*newer than the log/],
        verify: [3, /15\.snap: .*newer than the log/],
        repair: [3, /15\.snap holds what entry 21 has done/],
      },
    ],
    [
      "whose .snap file is damaged",
      at(SNAP, (file) => edit(file, (bytes) => flip(bytes, 500))),
      {
        check: [3, /15\.snap: its checksum should be \d+, not \d+; .*restore the file from a copy/],
        verify: [3, /15\.snap: its checksum/],
      },
    ],
    [
      "whose database is missing",
      at(DATABASE, (file) => rmSync(file)),
      { ...noDirectoryOfDatabase(), check: [3, /d\/member\/snap: there is no store.*; restore/] },
    ],
    [
      "whose database is empty",
      at(DATABASE, (file) => truncateSync(file, 0)),
      database(/d\/member\/snap\/db: the file is empty; /),
    ],
    [
      "whose database is cut off",
      at(DATABASE, (file) => truncateSync(file, 9000)),
      {
        ...database(/snap\/db: the file is cut short: 9000 bytes instead of at least \d+; /),
        defrag: [1, /Failed to defragment .*snap\/db: the file is cut short: 9000 bytes .*; use/],
      },
    ],
    [
      "whose database is something else",
      at(DATABASE, (file) => writeFileSync(file, "no database ".repeat(3000))),
      database(/d\/member\/snap\/db: is no database: .*; /),
    ],
    [
      "with a directory for its database",
      at(DATABASE, asDirectory),
      database(/d\/member\/snap\/db(: it cannot be read: it)? is a directory/),
    ],
    [
      "that is exported",
      () => {},
      { export: [1, /d is a data directory of Go etcd already: d\/member\/snap\/db/] },
    ],
  ];

  function noDirectoryOfDatabase(): Expected {
    return { defrag: [1, NO_DATABASE], migrate: [1, NO_DATABASE], buckets: [1, /no such file/] };
  }

  test.each(cases)("%s", async (...row) => {
    await expectRefusals(goDirectory("3.4.23"), row);
  });

  test("whose database is older than its snapshot, and one of a later version", async () => {
    const older = goDirectory("3.4.23", { meta: { consistent_index: "\0\0\0\0\0\0\0\u0003" } });
    await expectRefusals(older, [
      "",
      () => {},
      {
        check: [3, /snap\/db: it ends at entry 3, but members start from the snapshot at entry 21/],
      },
    ]);
    const newer = goDirectory("3.7.1", { meta: { storageVersion: "3.9.0" } });
    const text = /version "3\.9\.0" is not supported|cannot create migration plan/;
    await expectRefusals(newer, ["", () => {}, { migrate: [1, text] }]);
  });
});

const DAMAGED = /store\.lmdb\/data\.mdb is damaged: .*page \d+: .*; `util check` lists .*restore/;

describe("a data directory of etcdx", () => {
  const store = (text: RegExp): Expected => ({
    ...{ defrag: [1, text], migrate: [1, text] },
    check: [3, /^error: d\/member\/snap\/store\.lmdb\/data\.mdb: .*; restore/],
  });
  const at = (harm: (path: string) => void) => (directory: string) => harm(join(directory, STORE));
  const exported = (text: RegExp): Expected => ({ export: [1, text] });
  const cases: readonly Case[] = [
    [
      "whose store is cut off",
      at((file) => truncateSync(file, 9000)),
      store(
        /data\.mdb is damaged: page \d+: is beyond the end of the file, .* 9000 bytes; .*restore/,
      ),
    ],
    [
      "whose store is something else",
      at((file) => writeFileSync(file, "no store ".repeat(3000))),
      store(/data\.mdb is damaged: page 0: does not begin a store of this program; .*restore the/),
    ],
    [
      "whose store has pages of zeros",
      at((file) => edit(file, zeroLeaves)),
      { ...store(DAMAGED), export: [1, DAMAGED] },
    ],
    [
      "whose log has a flipped bit",
      (d) => edit(join(d, SEGMENT), (bytes) => flip(bytes, 600)),
      exported(
        /^Error: wal: d\/member\/wal\/0{16}-0{16}\.wal at offset 568 \(record 11\): .*restore/,
      ),
    ],
    [
      "whose log has a gap",
      (d) => cpSync(join(d, SEGMENT), join(d, LATER_SEGMENT)),
      exported(
        /^Error: wal: d\/member\/wal\/.*20\.wal: the segment before it should have number 1/,
      ),
    ],
    [
      "whose log is missing",
      (d) => rmSync(join(d, "member/wal"), { recursive: true }),
      {
        ...exported(/^Error: no log in d\/member\/wal; give --wal-dir/),
        migrate: [1, /d\/member\/wal: no such file or directory/],
      },
    ],
  ];

  test.each(cases)("%s", async (...row) => expectRefusals(await ownDirectory(), row));

  test.skipIf(isRoot)("that this user may not write", async () => {
    const root = tempDir();
    const copy = join(root, "d");
    cpSync(await ownDirectory(), copy, { recursive: true });
    chmodSync(join(copy, "member"), 0o500);
    for (const name of ["defrag", "migrate", "export"]) {
      const { code, text } = await refused(root, (COMMANDS[name] ?? "").replaceAll("DIR", copy));
      expect(code).toBe(1);
      expect(text).toMatch(/lock d\/member: permission denied; run this as the user/);
    }
    chmodSync(join(copy, "member"), 0o700);
  });

  test("that a process has", async () => {
    const root = tempDir();
    const copy = join(root, "d");
    cpSync(await ownDirectory(), copy, { recursive: true });
    const lock = await FileLock.acquire(join(copy, "member"));
    try {
      for (const name of ["export", "check", "verify", "repair"]) {
        const { code, text } = await refusedBeside(root, COMMANDS[name] ?? "", copy);
        expect(code).toBe(1);
        expect(text).toMatch(new RegExp(`^Error: .*in use by process ${process.pid}.*; `));
      }
    } finally {
      await lock.release();
    }
  });
});

/** Leaves of trees, at which LMDB would end the process. */
function zeroLeaves(bytes: Buffer): void {
  for (let page = 2 * PAGE_BYTES; page < bytes.length; page += PAGE_BYTES) {
    if (bytes.readUInt16LE(page + 18) === 2) bytes.fill(0, page, page + PAGE_BYTES);
  }
}

/** A socket lies in the directory meanwhile, which has no bytes to compare. */
async function refusedBeside(root: string, line: string, directory: string): Promise<Refused> {
  const { code, stdout, stderr } = await runOwn(
    utilProgram,
    line.replaceAll("DIR", directory).split(" "),
  );
  const errors = stderr.split("\n").filter((each) => each !== "" && !/^\d{4}-/.test(each));
  expect(errors).toHaveLength(1);
  expect(readdirSync(root)).toEqual(["d"]);
  return { code, text: `${stdout}${errors.join("\n")}` };
}
