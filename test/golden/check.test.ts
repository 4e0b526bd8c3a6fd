// SPDX-License-Identifier: Apache-2.0

/** What `check` prints about data directories of both kinds, sound and damaged. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { openLmdbBackend } from "../../src/core/backend/index.ts";
import { FileLock } from "../../src/platform/file-lock.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { genuineEtcdutl } from "../interop/etcdutl-process.ts";
import { goDirectory, laggingDirectory, ownDirectory } from "./member-directory.ts";
import { type Outcome, runOther, runOwn } from "./run-ctl.ts";

const WAL = "member/wal/0000000000000000-0000000000000000.wal";
const STORE = "member/snap/store.lmdb/data.mdb";
const RESTORE =
  "restore the whole data directory from one copy or a snapshot, or remove the member and add it " +
  "again with an empty data directory";

async function check(directory: string, ...more: string[]): Promise<Outcome> {
  const words = ["check", "--data-dir", directory, ...more];
  const { code, stdout, stderr } = await runOwn(utilProgram, words);
  const strip = (text: string): string => text.replaceAll(`${directory}/`, "");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}

/** The findings alone; what else is printed tells the log, the store and their number. */
async function errors(directory: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await check(directory);
  expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
  return stdout.split("\n").filter((line) => line.startsWith("error: "));
}

function sums(directory: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    hash.update(name);
    if (statSync(join(directory, name)).isFile()) hash.update(readFileSync(join(directory, name)));
  }
  return hash.digest("hex");
}

describe("a sound directory", () => {
  test("of Go etcd", async () => {
    expect(await check(goDirectory("3.4.23"))).toEqual({
      code: 0,
      stdout:
        "member/wal: 1 segment, 63 records, entries 1 to 30, commit 30\n" +
        "member/snap/db: applied up to entry 27, 15 rows of keys, revision 16\nclean\n",
      stderr: "",
    });
  });

  test("of etcdx, which is not changed by it", async () => {
    const directory = await ownDirectory();
    const before = sums(directory);
    expect(await check(directory)).toEqual({
      code: 0,
      stdout:
        "member/wal: 1 segment, 63 records, entries 1 to 30, commit 30\n" +
        `${STORE}: applied up to entry 27, 15 rows of keys, revision 16\nclean\n`,
      stderr: "",
    });
    expect(sums(directory)).toBe(before);
  });

  test("of etcdx whose key index is behind its rows, as after a crash", async () => {
    expect((await check(await laggingDirectory())).stdout).toMatch(
      /, 2 rows of keys, .*\nclean\n$/,
    );
  });

  test("as JSON, with a warning: a .snap file that Go etcd would look for is missing", async () => {
    const { code, stdout } = await check(goDirectory("3.7.1"), "-w", "json");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [
        { severity: "warning", problem: expect.stringMatching(/at entry 42 and term 2$/) },
      ],
      errors: 0,
      warnings: 1,
      wal: { segments: 1, records: 124, lastIndex: 59, member: "4f8256cd80bf41ca" },
      store: { consistentIndex: 54, storageVersion: "3.7.0", revision: 35, compactRevision: 20 },
    });
  });
});

const etcdutl = genuineEtcdutl();

test.runIf(etcdutl !== undefined)(
  "a directory that genuine etcdutl restored is sound",
  async () => {
    // Its raft configuration is still that of the old cluster.
    const directory = join(tempDir(), "restored");
    const snapshot = join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db");
    const words = ["snapshot", "restore", snapshot, "--data-dir", directory];
    expect(await runOther([etcdutl ?? ""], words)).toMatchObject({ code: 0 });
    expect(await check(directory)).toEqual({
      code: 0,
      stdout:
        "member/wal: 1 segment, 6 records, entries 1 to 1, commit 1\n" +
        "member/snap/db: applied up to entry 1, 23 rows of keys, revision 35\nclean\n",
      stderr: "",
    });
  },
);

describe("files that do not belong together", () => {
  test("a log that ends before the store", async () => {
    const directory = await ownDirectory();
    truncateSync(join(directory, WAL), 2312);
    expect(await errors(directory)).toEqual([
      `error: ${STORE}: it holds the effects of entry 27, but the log in member/wal ends at ` +
        `entry 23; the log was lost or replaced, and acknowledged writes with it: ${RESTORE}`,
    ]);
  });

  test("a store that is older than the snapshot", async () => {
    const index = "\0\0\0\0\0\0\0\u0003";
    expect(await errors(goDirectory("3.4.23", { meta: { consistent_index: index } }))).toEqual([
      "error: member/snap/db: it ends at entry 3, but members start from the snapshot at entry " +
        `21; the store is older than the rest: ${RESTORE}`,
    ]);
  });

  test("a store whose last entry has another term in the log", async () => {
    const [error = ""] = await errors(
      goDirectory("3.7.1", { meta: { term: "\0\0\0\0\0\0\0\u0007" } }),
    );
    expect(error).toContain(
      "it says that entry 54 has term 7, the log says 2; store and log are of",
    );
  });

  test("members that the log has not added, and such as raft does not count", async () => {
    const row = '{"id":1,"peerURLs":["http://a"]}';
    const found = await errors(goDirectory("3.7.1", { members: { "1": row } }));
    expect(found.map((line) => line.split(": ")[2]?.split(";")[0])).toEqual([
      "the member 1 has a row, but raft does not count it (meta/confState)",
      "the member 1 is in the store, but the log has not added it or removed it",
    ]);
    const own = "4f8256cd80bf41ca";
    const [unknown] = await errors(goDirectory("3.7.1", { members: { [own]: undefined } }));
    expect(unknown).toContain(`raft counts the member ${own}, of which there is no row`);
  });
});

describe("rows that cannot be right", () => {
  const cases: readonly (readonly [string, Parameters<typeof goDirectory>[1], string])[] = [
    [
      "a lease that does not parse",
      { lease: { "\0\0\0\0\0\0\0\u0001": "\xff" } },
      "the row 0000000000000001 of lease does not parse",
    ],
    [
      "a lease under another ID",
      { lease: { "\0\0\0\0\0\0\0\u0001": "\u0008\u0002\u0010\u0003" } },
      "the row 0000000000000001 of lease is of the lease 2",
    ],
    [
      "a role under another name",
      { authRoles: { other: "\n\u0001r" } },
      "the row 6f74686572 of authRoles is of the role r",
    ],
    [
      "authentication without root",
      { auth: { authEnabled: "\u0001" }, authUsers: { root: undefined } },
      "authentication is enabled, but there is no user root",
    ],
    ["a key that is no revision", { key: { "\0\0": "" } }, "the key 0000 in key is no revision"],
    [
      "a revision that holds another",
      {
        key: {
          "\0\0\0\0\0\0\0\u0063_\0\0\0\0\0\0\0\0": "\n\u0001k\u0010\u0002\u0018\u0002 \u0001",
        },
      },
      "revision 99_0 says that it is revision 2",
    ],
    [
      "a compaction that was never asked for",
      { meta: { finishedCompactRev: "\0\0\0\0\0\0\0\u0063_\0\0\0\0\0\0\0\0" } },
      "compaction 99 is finished, but the last one asked for is 20",
    ],
    [
      "an index of the wrong size",
      { meta: { consistent_index: "\0" } },
      "meta/consistent_index has 1 bytes, not 8",
    ],
  ];

  test.each(cases)("%s", async (_case, edits, problem) => {
    const found = await errors(goDirectory("3.7.1", edits));
    expect(found.join("\n")).toContain(`error: member/snap/db: ${problem}`);
  });

  test("a key index that lacks a key, or has one that is not there", async () => {
    const directory = await ownDirectory();
    const backend = await openLmdbBackend(join(directory, "member/snap/store.lmdb"));
    const heads: { key: Uint8Array; row: Uint8Array }[] = [];
    const copy = Uint8Array.prototype.slice;
    backend.scan("head", new Uint8Array(0), undefined, (keys, start, keyEnd, rows, at, end) => {
      heads.push({ key: copy.call(keys, start, keyEnd), row: copy.call(rows, at, end) });
      return true;
    });
    const [first, second] = heads;
    if (first === undefined || second === undefined) throw new Error("the index has no rows");
    backend.delete("head", first.key, "present");
    backend.put("head", second.key, first.row, "present");
    backend.setConsistentIndex(27, 2);
    backend.wantIndex();
    await backend.commit();
    await backend.close();
    const problems = (await errors(directory)).join("\n");
    expect(problems).toMatch(/the index does not know revision \d+_\d+/);
  });
});

describe("what cannot be read", () => {
  test("a store that is cut off, or none", async () => {
    const directory = await ownDirectory();
    truncateSync(join(directory, STORE), 20_000);
    expect((await errors(directory)).join("\n")).toMatch(
      /data\.mdb: .*page \d+: is (?:beyond|named)/,
    );
    writeFileSync(join(directory, STORE), "nothing of the kind");
    expect((await errors(directory)).join("\n")).toContain(
      "does not begin a store of this program",
    );
    rmSync(join(directory, "member/snap/store.lmdb"), { recursive: true });
    expect((await errors(directory)).join("\n")).toContain(
      "error: member/snap: there is no store: neither store.lmdb of etcdx nor db of Go etcd",
    );
  });

  test("a database page of zeros", async () => {
    const directory = goDirectory("3.7.1");
    const path = join(directory, "member/snap/db");
    writeFileSync(path, readFileSync(path).fill(0, 4096 * 4, 4096 * 5));
    expect((await errors(directory)).join("\n")).toMatch(/member\/snap\/db: page 4 /);
  });

  test("a directory without a log, and one that is no data directory", async () => {
    const directory = goDirectory("3.4.23");
    rmSync(join(directory, "member/wal"), { recursive: true });
    expect((await errors(directory)).join("\n")).toContain(
      "error: member/wal: does not exist; name the directory of a log that does",
    );
    rmSync(join(directory, "member"), { recursive: true });
    const outcome = await check(directory);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^Error: member is no directory, .*; name the data directory of a member/,
    );
  });

  test("a directory that a process has", async () => {
    const directory = goDirectory("3.4.23");
    const lock = await FileLock.acquire(join(directory, "member"));
    const outcome = await check(directory);
    await lock.release();
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/^Error: member is in use by process \d+, and what it writes/);
  });
});
