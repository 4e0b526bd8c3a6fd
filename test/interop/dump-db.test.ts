// SPDX-License-Identifier: Apache-2.0
//
// `util db` beside genuine etcd-dump-db: the same words, output byte for byte, over the fixtures
// and over a database that genuine etcd has just written; and our own store beside the database
// that is made of the same snapshot. Genuine `hash` writes into what it reads, so it gets copies.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { FileLock } from "../../src/platform/file-lock.ts";
import { runOwn } from "../golden/run-ctl.ts";
import { genuineCommand, type ServerCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineProgram } from "./etcdutl-process.ts";
import { fillRich } from "./rich-state.ts";

const dumpDb = genuineProgram("etcd-dump-db");
const etcd = genuineCommand();
if (dumpDb === undefined) console.log("dump-db: genuine etcd-dump-db is missing, left out");

const BUCKETS = "alarm auth authRoles authUsers cluster key lease members members_removed meta";
const COMMANDS = [
  "list-bucket",
  "hash",
  ...["0", "1", "12", "35", "1000000"].map((from) => `scan-keys ${from}`),
  ...BUCKETS.split(" ").flatMap((bucket) =>
    ["", " --decode", " --limit=2", " --limit=1 --decode"].map(
      (flags) => `iterate-bucket ${bucket}${flags}`,
    ),
  ),
];

/** The file goes behind the command's name. */
function words(command: string, path: string): string[] {
  const [name = "", ...rest] = command.split(" ");
  return [name, path, ...rest];
}

/** The text form of messages has one space or two, as the build of the program has it. */
const comparable = (text: string) => text.replaceAll("  ", " ");

function genuine(command: string, path: string): string {
  const copy = join(tempDir(), "copy.db");
  copyFileSync(path, copy);
  const options = { encoding: "latin1", maxBuffer: 64 << 20 } as const;
  const { stdout, stderr, status } = spawnSync(dumpDb ?? "", words(command, copy), options);
  expect(status).toBe(0);
  // It tells of free pages that hold the rest of a large row; when they are freed is a matter of time.
  expect(stderr).toMatch(/^(?:Reading page \d+ failed: unexpected page id: .*\n)*$/);
  return comparable(stdout.replaceAll(copy, "FILE"));
}

async function ours(command: string, path: string): Promise<string> {
  const all = words(command.replace(/^hash/, "get-hash"), path);
  const { code, stdout, stderr } = await runOwn(utilProgram, ["db", ...all]);
  expect([code, stderr]).toEqual([0, ""]);
  return comparable(stdout.replaceAll(path, "FILE"));
}

const fixture = (version: string) =>
  join(import.meta.dirname, `../fixtures/etcd-${version}/snapshot.db`);

async function expectSame(path: string): Promise<void> {
  for (const command of COMMANDS) {
    expect(await ours(command, path), command).toBe(genuine(command, path));
  }
}

describe.runIf(dumpDb !== undefined)("beside genuine etcd-dump-db", () => {
  test.each(["3.7.1", "3.4.23"])("the snapshot of etcd %s", async (version) => {
    await expectSame(fixture(version));
  });

  test.runIf(etcd !== undefined && isThorough)(
    "users, leases and keys that are hard to print",
    async () => {
      const server = await ServerProcess.start(etcd as ServerCommand, { dataDir: tempDir() });
      await fillRich(server);
      await server.kill("SIGTERM");
      await expectSame(join(server.dataDir, "member/snap/db"));
    },
  );
});

test("our own store tells what the database tells that is made of the same snapshot", async () => {
  const dir = tempDir();
  for (const format of ["go", "etcdx"]) {
    const words = ["snapshot", "restore", fixture("3.7.1"), "--data-dir", join(dir, format)];
    expect((await runOwn(utilProgram, [...words, "--format", format])).code).toBe(0);
  }
  // What is in free pages, and where, depends on who wrote them.
  const rows = (text: string): readonly string[] => [
    ...new Set(
      text
        .split("\n")
        .map((line) => line.replace(/^pageID=\d+, index=\d+\/\d+, |^db path: .*/, ""))
        .sort(),
    ),
  ];
  for (const command of COMMANDS) {
    const own = await ours(command, join(dir, "etcdx"));
    const go = await ours(command, join(dir, "go"));
    const isAnywhere = command.startsWith("scan-keys") || command === "hash";
    if (isAnywhere) expect(rows(own), command).toEqual(rows(go));
    else expect(own, command).toBe(go);
  }
  for (const path of ["member/snap/store.lmdb", "member/snap/store.lmdb/data.mdb"]) {
    expect(await ours("iterate-bucket lease --decode", join(dir, "etcdx", path))).toContain("TTL=");
  }
});

test("our own store is not read while a process has it", async () => {
  const dir = tempDir();
  const words = ["snapshot", "restore", fixture("3.7.1"), "--data-dir", join(dir, "m1")];
  expect((await runOwn(utilProgram, words)).code).toBe(0);
  const lock = await FileLock.acquire(join(dir, "m1/member"));
  const list = ["db", "list-bucket", join(dir, "m1"), "--timeout"];
  const refused = await runOwn(utilProgram, [...list, "60ms"]);
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  expect(refused.stderr).toMatch(/timeout: .*data\.mdb is locked by process \d+.*; stop it first/);
  const waiting = runOwn(utilProgram, [...list, "0s"]);
  await lock.release();
  expect((await waiting).code).toBe(0);
});

test("a damaged store of our own is refused with page and cause", async () => {
  const dir = tempDir();
  const words = ["snapshot", "restore", fixture("3.7.1"), "--data-dir", join(dir, "m1")];
  expect((await runOwn(utilProgram, words)).code).toBe(0);
  const path = join(dir, "m1/member/snap/store.lmdb/data.mdb");
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, 2 * 4096));
  const outcome = await runOwn(utilProgram, ["db", "get-hash", path]);
  expect([outcome.code, outcome.stdout]).toEqual([1, ""]);
  expect(outcome.stderr).toMatch(/^Error: invalid store: .*data\.mdb: page \d+: .*; use another/);
  expect(outcome.stderr.split("\n").length).toBe(2);
});
