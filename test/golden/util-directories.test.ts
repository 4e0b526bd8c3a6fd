// SPDX-License-Identifier: Apache-2.0
//
// `etcdutl defrag` and `migrate` beside genuine ones, on copies of the same data directories:
// output, errors, exit codes and what the databases hold afterwards. Of the log, what bbolt says
// and the traces of stacks are left out, and times; sizes differ, since our writer packs pages
// differently.

import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { WireWriter } from "../../src/base/wire-writer.ts";
import { utilProgram } from "../../src/commands/util/index.ts";
import { type RequestKind, writeRequest } from "../../src/core/apply/index.ts";
import { openLmdbBackend } from "../../src/core/backend/index.ts";
import { BoltReader } from "../../src/core/bolt/index.ts";
import { databaseStatus, editDatabase, hashKv } from "../../src/core/etcd-db/index.ts";
import { EntryType } from "../../src/core/raft/index.ts";
import { lastValidSnapshot, Wal } from "../../src/core/wal/index.ts";
import { FileLock } from "../../src/platform/file-lock.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineEtcdutl } from "../interop/etcdutl-process.ts";
import { type Outcome, runOther, runOwn } from "./run-ctl.ts";

const etcdutl = genuineEtcdutl();
if (etcdutl === undefined) console.log("util: genuine etcdutl 3.7.1 is missing, left out");

const disk = new NodeDisk();
const fixtures = join(import.meta.dirname, "../fixtures");
const versions = { new: "3.7.1", old: "3.4.23" } as const;

let own = "";
let theirs = "";

/** A stopped member of Go etcd as the fixture's snapshot and log make it. */
function makeMember(directory: string, version: string): void {
  const fixture = join(fixtures, `etcd-${version}`);
  cpSync(join(fixture, "member"), join(directory, "member"), { recursive: true });
  cpSync(join(fixture, "snapshot.db"), join(directory, "member/snap/db"));
}

beforeEach(() => {
  const directory = tempDir();
  [own, theirs] = [join(directory, "own"), join(directory, "theirs")];
  for (const folder of [own, theirs]) {
    for (const [name, version] of Object.entries(versions)) {
      makeMember(join(folder, name), version);
    }
    mkdirSync(join(folder, "empty"));
  }
});

/** Does the same with both copies of a member. */
function withBoth(name: string, change: (directory: string) => void): void {
  for (const folder of [own, theirs]) change(join(folder, name));
}

function read<T>(directory: string, action: (reader: BoltReader) => T): T {
  const file = disk.open(join(directory, "member/snap/db"), "read");
  try {
    return action(new BoltReader(file));
  } finally {
    file.close();
  }
}

const answers = (directory: string) =>
  read(directory, (reader) => {
    const { hash, revision, totalKeys, version } = databaseStatus(reader);
    return { hash, revision, totalKeys, version, kv: hashKv(reader, 0) };
  });

function editMeta(directory: string, rows: Readonly<Record<string, string | undefined>>): void {
  const file = disk.open(join(directory, "member/snap/db"), "write");
  const encoder = new TextEncoder();
  const puts = Object.entries(rows).map(([key, value]) => ({
    key: encoder.encode(key),
    value: value === undefined ? undefined : encoder.encode(value),
  }));
  editDatabase(new BoltReader(file), file, new Map([["meta", { puts }]]));
  file.close();
}

function appendToLog(directory: string, kind: RequestKind, message: Uint8Array): void {
  const path = join(directory, "member/wal");
  const start = lastValidSnapshot(disk, path) ?? { index: 0, term: 0 };
  const { wal, hardState, entries } = Wal.open(disk, path, start);
  const index = (entries.at(-1)?.index ?? start.index) + 1;
  const writer = new WireWriter();
  writeRequest(writer, kind, message, { low: 77, high: 1 });
  const { term } = hardState;
  const entry = { type: EntryType.normal, term, index, data: writer.copy() };
  wal.append({ ...hardState, commit: index }, [entry]);
  wal.syncNow();
  wal.close();
}

const STACK_LINE = /^(?:\t.*|(?:go\.|github\.com|main\.|runtime\.).*)$/;

function comparable(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !line.includes("\tbbolt\t") && !STACK_LINE.test(line))
    .map((line) => line.replace(/^\d{4}-\S+\t/, "<time>\t"))
    .map((line) => line.replace(/("path": "[^"]*"), "current-db-size.*/, "$1}"))
    .join("\n");
}

async function run(
  folder: string,
  line: string,
  start: (words: readonly string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const { code, stdout, stderr } = await start(
    line.split(" ").map((word) => word.replace("DIR", folder)),
  );
  const strip = (text: string) => text.replaceAll(`${folder}/`, "");
  return { code, stdout: strip(stdout), stderr: comparable(strip(stderr)) };
}

const ours = (line: string) => run(own, line, (words) => runOwn(utilProgram, words));
const genuine = (line: string) => run(theirs, line, (words) => runOther([etcdutl ?? ""], words));

/** Usage is worded differently; what stands around it is not. */
function withoutUsage(outcome: Outcome): Outcome {
  const stderr = outcome.stderr.replace(/^Usage:\n[\s\S]*\n\n(?=Error: )/m, "<usage>\n");
  return { ...outcome, stderr };
}

async function expectSame(...lines: readonly string[]): Promise<void> {
  for (const line of lines) expect(await ours(line), line).toEqual(await genuine(line));
  for (const name of Object.keys(versions)) {
    expect(answers(join(own, name))).toEqual(answers(join(theirs, name)));
  }
}

const to = (version: string, name = "new") =>
  `migrate --data-dir DIR/${name} --target-version ${version}`;

describe.runIf(etcdutl !== undefined && isThorough)("beside genuine etcdutl", () => {
  test.each(["new", "old"])("defrag of the member %s", (name) =>
    expectSame(`defrag --data-dir DIR/${name}`, `defrag --data-dir DIR/${name} --timeout 0s`),
  );

  test("defrag of what is no member", () =>
    expectSame("defrag --data-dir DIR/missing", "defrag --data-dir DIR/empty"));

  test.each([
    "defrag",
    "defrag --data-dir",
    "migrate",
    "migrate --data-dir DIR/new",
    "migrate --target-version 3.6",
    "migrate --force",
  ])("%s is misused", async (line) => {
    const outcome = withoutUsage(await ours(line));
    expect(outcome).toEqual(withoutUsage(await genuine(line)));
  });

  test.each(["abc", "3", "3.6.0", "3.", ".6", "3.x", "v3.6", "3.4", "2.9", "3.6-rc", "+3.6"])(
    "migrate to %s, which is no target",
    (version) => expectSame(to(version), to(version, "missing")),
  );

  test("migrate down and up again", () =>
    expectSame(to("3.7"), to("3.6"), to("3.6"), to("3.5"), to("3.5"), to("3.7"), to("03.05")));

  test("migrate to what is not known, and then by force", () =>
    expectSame(
      to("3.8"),
      to("4.0"),
      `${to("3.8")} --force`,
      to("3.8"),
      to("4.0"),
      to("3.5"),
      to("3.10"),
      `${to("3.5")} --force`,
      to("3.6"),
    ));

  test("migrate below what the log needs", async () => {
    const version = new TextEncoder().encode("\n\x053.6.0");
    withBoth("new", (directory) => appendToLog(directory, "downgradeVersionTest", version));
    await expectSame(to("3.5"), to("3.6"), to("3.5"), `${to("3.5")} --force`, to("3.7"));
  });

  test("migrate with entries that every version knows", async () => {
    const version = new TextEncoder().encode("\n\x053.7.0");
    withBoth("new", (directory) => appendToLog(directory, "clusterVersionSet", version));
    await expectSame(to("3.5"));
  });

  test("migrate data whose version is not to be found, or not to be read", async () => {
    await expectSame(to("3.6", "old"), `${to("3.6", "old")} --force`);
    withBoth("new", (directory) => editMeta(directory, { storageVersion: "bogus" }));
    await expectSame(to("3.5"), to("3.6"));
    withBoth("new", (directory) => editMeta(directory, { storageVersion: undefined }));
    await expectSame(to("3.5"), to("3.6"));
    withBoth("new", (directory) => editMeta(directory, { storageVersion: "3.6.4" }));
    await expectSame(to("3.6"), to("3.7"));
  });

  test("migrate without a log", async () => {
    await expectSame(to("3.6", "missing"), to("3.6", "empty"));
    withBoth("new", (directory) => {
      rmSync(join(directory, "member/wal"), { recursive: true });
      mkdirSync(join(directory, "member/wal"));
    });
    await expectSame(to("3.6"), to("3.7"));
    withBoth("new", (directory) => rmSync(join(directory, "member/wal"), { recursive: true }));
    await expectSame(to("3.6"));
  });
});

/** What a store of our own answers. */
async function storeRows(directory: string): Promise<Map<string, string>> {
  const backend = await openLmdbBackend(join(directory, "member/snap/store.lmdb"));
  const rows = new Map<string, string>();
  for (const table of ["key", "meta"] as const) {
    backend.forEach(table, (key, value) => {
      rows.set(
        `${table} ${Buffer.from(key).toString("latin1")}`,
        Buffer.from(value).toString("hex"),
      );
    });
  }
  await backend.close();
  return rows;
}

async function makeOwnMember(directory: string): Promise<void> {
  rmSync(join(directory, "member/snap/db"));
  const backend = await openLmdbBackend(join(directory, "member/snap/store.lmdb"));
  const key = (row: number) => Buffer.from(`row ${String(row).padStart(6, "0")}`);
  for (let row = 0; row < 4000; row++) backend.put("key", key(row), Buffer.alloc(500, "v"));
  backend.put("meta", Buffer.from("storageVersion"), Buffer.from("3.7.0"));
  backend.setConsistentIndex(17, 2);
  await backend.commit();
  for (let row = 0; row < 3000; row++) backend.delete("key", key(row));
  await backend.commit();
  await backend.close();
}

describe("a store of our own", () => {
  test("is defragmented", async () => {
    const member = join(own, "new");
    await makeOwnMember(member);
    const before = await storeRows(member);
    const file = join(member, "member/snap/store.lmdb/data.mdb");
    const size = disk.stat(file)?.size ?? 0;
    const outcome = await ours("defrag --data-dir DIR/new");
    expect(outcome).toMatchObject({ code: 0, stdout: "" });
    expect(outcome.stderr).toContain('"path": "new/member/snap/store.lmdb"');
    expect(disk.stat(file)?.size).toBeLessThan(size / 2);
    expect(await storeRows(member)).toEqual(before);
    expect(disk.list(join(member, "member/snap"))).toEqual([
      "0000000000000002-0000000000000015.snap",
      "store.lmdb",
    ]);
  });

  test("is migrated", async () => {
    await makeOwnMember(join(own, "new"));
    const stored = async () => {
      const row = (await storeRows(join(own, "new"))).get("meta storageVersion");
      return row === undefined ? undefined : Buffer.from(row, "hex").toString();
    };
    expect((await ours(to("3.6"))).stderr).toContain('{"new-storage-version": "3.6.0"}');
    expect(await stored()).toBe("3.6.0");
    expect((await ours(to("3.5"))).code).toBe(0);
    expect(await stored()).toBeUndefined();
    expect((await ours(to("3.5"))).stderr).toContain("storage version up-to-date");
    expect((await ours(to("3.7"))).code).toBe(0);
    expect(await stored()).toBe("3.7.0");
  });

  test("whose head is damaged is refused, and left as it is", async () => {
    const member = join(own, "new");
    await makeOwnMember(member);
    const file = join(member, "member/snap/store.lmdb/data.mdb");
    writeFileSync(file, Buffer.alloc(8192, "x"));
    const outcome = await ours("defrag --data-dir DIR/new");
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/^Error: Failed to defragment etcd data\[new\] \(.*data\.mdb/m);
    expect(outcome.stderr).not.toContain("    at ");
    expect(disk.stat(file)?.size).toBe(8192);
  });
});

describe("a member that cannot be worked on", () => {
  test("is refused while a process has it, when the wait is over", async () => {
    const lock = await FileLock.acquire(join(own, "new/member"));
    for (const line of ["defrag --data-dir DIR/new", to("3.6")]) {
      const outcome = await ours(`${line} --timeout 60ms`);
      expect(outcome).toMatchObject({ code: 1, stdout: "" });
      expect(outcome.stderr).toMatch(/timeout: \S*new\/member\/snap\/db is in use by process \d+/);
    }
    await lock.release();
    expect((await ours("defrag --data-dir DIR/new")).code).toBe(0);
  });

  test("is waited for", async () => {
    const lock = await FileLock.acquire(join(own, "new/member"));
    const working = ours(`${to("3.6")} --timeout 0s`);
    await lock.release();
    expect((await working).code).toBe(0);
  });

  test("keeps its database when that is damaged, without half a copy", async () => {
    const path = join(own, "new/member/snap/db");
    const file = disk.open(path, "write");
    file.write(Buffer.alloc(4096, 0xff), 3 * 4096);
    file.close();
    const before = disk.stat(path)?.size;
    const outcome = await ours("defrag --data-dir DIR/new");
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/Error: Failed to defragment .*\(invalid database: /);
    expect(disk.stat(path)?.size).toBe(before);
    expect(existsSync(`${path}.compacting`)).toBe(false);
  });

  test("loses what an earlier process has left of a copy", async () => {
    const copy = join(own, "new/member/snap/db.compacting");
    appendFileSync(copy, "half of a copy");
    expect((await ours("defrag --data-dir DIR/new")).code).toBe(0);
    expect(existsSync(copy)).toBe(false);
  });
});
