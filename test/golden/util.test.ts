// SPDX-License-Identifier: Apache-2.0
//
// The offline program beside genuine etcdutl: output, errors and exit codes byte for byte, on
// copies of the same files. The wording of help is our own. Genuine hashkv writes into what it
// reads; ours leaves every file as it is.

import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { genuineEtcdutl } from "../interop/etcdutl-process.ts";
import { type Outcome, runOther, runOwn } from "./run-ctl.ts";

const etcdutl = genuineEtcdutl();
if (etcdutl === undefined) console.log("util: genuine etcdutl 3.7.1 is missing, left out");

const fixture = (version: string): string =>
  join(import.meta.dirname, `../fixtures/etcd-${version}/snapshot.db`);

let directory = "";
let own = "";
let theirs = "";

beforeEach(() => {
  directory = tempDir();
  [own, theirs] = [join(directory, "own"), join(directory, "theirs")];
  for (const folder of [own, theirs]) {
    mkdirSync(folder);
    copyFileSync(fixture("3.7.1"), join(folder, "new.db"));
    copyFileSync(fixture("3.4.23"), join(folder, "old.db"));
  }
});

/** Words that name a file get its folder in front; it is taken off the output again. */
async function run(
  folder: string,
  words: readonly string[],
  start: (words: readonly string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const placed = words.map((word) => (word.endsWith(".db") ? join(folder, word) : word));
  const { code, stdout, stderr } = await start(placed);
  const strip = (text: string) => text.replaceAll(`${folder}/`, "");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}

const ours = (words: readonly string[]) => run(own, words, (placed) => runOwn(utilProgram, placed));
const genuine = (words: readonly string[]) =>
  run(theirs, words, (placed) => runOther([etcdutl ?? ""], placed));

/** Usage is worded differently; what stands around it is not. */
function withoutUsage(outcome: Outcome): Outcome {
  const stderr = outcome.stderr.replace(/^Usage:\n[\s\S]*\n\n(?=Error: )/m, "<usage>\n");
  return { ...outcome, stderr };
}

const ANSWERS: readonly string[] = ["new.db", "old.db"].flatMap((file) =>
  ["simple", "fields", "json", "table"].flatMap((format) => [
    `snapshot status ${file} -w ${format}`,
    `hashkv ${file} -w ${format}`,
  ]),
);

const OTHERS: readonly string[] = [
  "version",
  "version more words -w nothing",
  "snap stat new.db",
  "hashkv new.db --rev 25",
  "hashkv new.db --rev=20 -w json",
  "hashkv new.db --rev 19",
  "hashkv new.db --rev 36",
  "hashkv new.db --rev -5",
  "hashkv old.db --rev 13",
  "snapshot status new.db -w protobuf",
  "snapshot status new.db -w nothing",
  "snapshot status missing.db",
  "snapshot status missing.db -w nothing",
  "snapshot status",
  "snapshot status new.db old.db",
  "snapshot status new.db --timeout 0s",
  "hashkv new.db -w protobuf",
  "hashkv new.db -w nothing",
  "hashkv missing.db",
  "hashkv missing.db -w nothing",
  "nothing",
  "snapshott",
];

const MISUSES: readonly string[] = [
  "hashkv",
  "hashkv new.db old.db",
  "hashkv new.db --rev x",
  "completion",
  "completion nothing",
  "completion bash zsh",
  "snapshot status new.db --nothing",
  "snapshot status new.db --timeout x",
];

describe.runIf(etcdutl !== undefined)("beside genuine etcdutl", () => {
  test.each([...ANSWERS, ...OTHERS])("%s", async (line) => {
    const words = line.split(" ");
    expect(await ours(words)).toEqual(await genuine(words));
  });

  // These commands are our own.
  test.each(["|", "snap|", "snapshot |", "hashkv --|", "hashkv -|", "-|", "completion |", "-w |"])(
    "completion offers the same behind %s",
    async (line) => {
      const words = ["__completeNoDesc", ...line.slice(0, -1).split(" ")];
      const [mine, other] = [await ours(words), await genuine(words)];
      const ofBoth = (text: string) => text.replace(/^(?:check|db|export|wal)\n/gm, "");
      expect(ofBoth(mine.stdout)).toBe(ofBoth(other.stdout));
      expect([mine.code, mine.stderr]).toEqual([other.code, other.stderr]);
    },
  );

  test.each(MISUSES)("%s is misused", async (line) => {
    const words = line.split(" ");
    const outcome = withoutUsage(await ours(words));
    expect(outcome.stderr).toContain("<usage>");
    expect(outcome).toEqual(withoutUsage(await genuine(words)));
  });
});

test("what is only read is left as it is", async () => {
  const sum = () =>
    createHash("sha256")
      .update(readFileSync(join(own, "new.db")))
      .digest("hex");
  const before = sum();
  for (const line of ["hashkv new.db", "snapshot status new.db", "db get-hash new.db"]) {
    expect((await ours(line.split(" "))).code).toBe(0);
  }
  expect(sum()).toBe(before);
});

describe("a look into a database", () => {
  const lines = async (line: string): Promise<readonly string[]> => {
    const outcome = await ours(line.split(" "));
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    return outcome.stdout.split("\n").slice(0, -1);
  };

  test("lists the buckets, of a file or of a data directory", async () => {
    const buckets = "alarm auth authRoles authUsers cluster key lease members members_removed meta";
    expect(await lines("db list-bucket new.db")).toEqual(buckets.split(" "));
    mkdirSync(join(own, "member/snap"), { recursive: true });
    copyFileSync(fixture("3.7.1"), join(own, "member/snap/db"));
    const outcome = await ours(["db", "list-bucket", own]);
    expect(outcome.stdout.split("\n").slice(0, -1)).toEqual(buckets.split(" "));
  });

  test("shows a bucket from its end, raw or decoded, as much of it as is wanted", async () => {
    const rows = await lines("db iterate-bucket new.db key --decode");
    expect(rows.length).toBe(23);
    expect(rows[0]).toBe(
      "rev={Revision:{Main:35 Sub:0} tombstone:false}, " +
        'value=[key "tail2" | val "2" | created 35 | mod 35 | ver 1]',
    );
    expect(await lines("db iterate-bucket new.db key --decode --limit 2")).toEqual(
      rows.slice(0, 2),
    );
    expect(await lines("db iterate-bucket new.db lease --decode")).toEqual([
      "lease ID=41caa1fafa2f7b09, TTL=6000s, remaining TTL=0s",
    ]);
    expect(await lines("db iterate-bucket old.db cluster")).toEqual([
      'key="clusterVersion", value="3.4.0"',
    ]);
    expect(await lines("db iterate-bucket new.db alarm")).toEqual([]);
  });

  test("shows revisions page by page, from a revision on", async () => {
    const live = new Set(await lines("db iterate-bucket new.db key --decode"));
    const scanned = await lines("db scan-keys new.db 0");
    const rows = scanned.map((line) => line.replace(/^pageID=\d+, index=\d+\/\d+, /, ""));
    expect(rows.every((row) => row.startsWith("rev={Revision:{Main:"))).toBe(true);
    expect([...live].filter((row) => !rows.includes(row))).toEqual([]);
    const late = await lines("db scan-keys new.db 34");
    expect(late.length).toBeGreaterThan(1);
    expect(late.every((line) => /Main:3[45] /.test(line))).toBe(true);
    const misused = await ours("db scan-keys new.db x".split(" "));
    expect([misused.code, misused.stdout]).toEqual([1, ""]);
    expect(misused.stderr).toContain('parsing "x": invalid syntax');
  });

  test("tells the hash that the server told", async () => {
    const [path, hash] = await lines("db get-hash old.db");
    expect([path, hash]).toEqual(["db path: old.db", "Hash: 4134931458"]);
  });

  test("refuses a bucket that is not there, naming those that are", async () => {
    const outcome = await ours("db iterate-bucket new.db keys".split(" "));
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(/^Error: new\.db has no bucket "keys"; it has alarm, auth, /);
  });
});

describe("a file that is no sound database", () => {
  const READS = ["snapshot status x.db", "hashkv x.db", "db list-bucket x.db"];

  async function errors(bytes: Uint8Array | undefined): Promise<readonly string[]> {
    if (bytes !== undefined) writeFileSync(join(own, "x.db"), bytes);
    const found: string[] = [];
    for (const line of READS) {
      const outcome = await ours(line.split(" "));
      expect(outcome).toMatchObject({ code: 1, stdout: "" });
      found.push(outcome.stderr);
    }
    return [...new Set(found)];
  }

  test("is refused with file, cause and advice", async () => {
    const bytes = readFileSync(fixture("3.7.1"));
    expect(await errors(undefined)).toEqual(["Error: stat x.db: no such file or directory\n"]);
    expect(await errors(new Uint8Array(0))).toEqual([
      "Error: invalid database: x.db: the file is empty; use another copy of it\n",
    ]);
    expect(await errors(bytes.subarray(0, 20_000))).toEqual([
      "Error: invalid database: x.db: the file is cut short: 20000 bytes instead of at least " +
        "57344; use another copy of it\n",
    ]);
    const [text, ...more] = await errors(bytes.subarray(5000, 50_000));
    expect(more).toEqual([]);
    expect(text).toMatch(/^Error: invalid database: x\.db: is no database: meta page 0 has no/);
  });

  test("has all that is wrong listed by snapshot status", async () => {
    const bytes = readFileSync(fixture("3.7.1"));
    bytes.fill(0, 4096 * 10, 4096 * 11);
    writeFileSync(join(own, "x.db"), bytes);
    expect(await ours(["snapshot", "status", "x.db"])).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "Error: snapshot file integrity check failed. 1 errors found.\n" +
        "page 10: does not carry its own number\n",
    });
  });

  test("is refused when it is a directory, or may not be read", async () => {
    mkdirSync(join(own, "folder.db"));
    const outcome = await ours(["snapshot", "status", "folder.db"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^Error: invalid database: folder\.db is a directory; name/);
    chmodSync(join(own, "new.db"), 0);
    const closed = await ours(["hashkv", "new.db"]);
    // Root may read everything.
    if (process.getuid?.() === 0) expect(closed.code).toBe(0);
    else expect(closed.stderr).toBe("Error: open new.db: permission denied\n");
  });
});
