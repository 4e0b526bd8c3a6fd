// SPDX-License-Identifier: Apache-2.0

/** What `wal dump`, `wal verify` and `wal repair` print, and how they end. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { lockMemberDirectory } from "../../src/platform/data-directory-lock.ts";
import { goDirectory } from "./member-directory.ts";
import { type Outcome, runOwn } from "./run-ctl.ts";

const NAME = "0000000000000000-0000000000000000.wal";
let data = "";
let wal = "";
let file = "";

beforeEach(() => {
  data = goDirectory("3.4.23");
  wal = join(data, "member/wal");
  file = join(wal, NAME);
});

/** Runs a command on the directory, whose name is taken off the output. */
async function run(line: string, directory = data): Promise<Outcome> {
  const words = [...line.split(" "), "--data-dir", directory];
  const { code, stdout, stderr } = await runOwn(utilProgram, words);
  const strip = (text: string): string => text.replaceAll(data, "");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}

async function lines(line: string, directory = data): Promise<readonly string[]> {
  const outcome = await run(line, directory);
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  return outcome.stdout.split("\n").slice(0, -1);
}

describe("wal dump", () => {
  test("names the file and shows a record per line, with secrets masked", async () => {
    const all = await lines("wal dump");
    expect(all).toHaveLength(64);
    expect(all.slice(0, 10)).toEqual([
      `/member/wal/${NAME}:`,
      "0 #1 crc",
      "16 #2 metadata member=4f8256cd80bf41ca cluster=cae4ef2a93f29d1f",
      "56 #3 snapshot index=0 term=0",
      "80 #4 entry index=1 term=1 conf-change id=0 change=add-voter node=4f8256cd80bf41ca " +
        'context={"id":5729237116596994506,"peerURLs":["http://127.0.0.1:31580"],"name":"s1"}',
      "200 #5 state term=1 vote=0 commit=1",
      "224 #6 entry index=2 term=2 empty",
      "248 #7 entry index=3 term=2 v2-request id=41caa1fa0bae5201 method=PUT " +
        'path="/0/members/4f8256cd80bf41ca/attributes" ' +
        'value={"name":"s1","clientURLs":["http://127.0.0.1:31579"]}',
      "416 #8 state term=2 vote=4f8256cd80bf41ca commit=3",
      "448 #9 entry index=4 term=2 v2-request id=41caa1fa0bae5204 method=PUT " +
        'path="/0/version" value=3.4.0',
    ]);
    expect(all[54]).toBe(
      "2488 #54 entry index=26 term=2 auth-user-add id=41caa1fa0bae521c name=u1 password=***",
    );
  });

  test("masks hashed passwords and tokens of later versions, in JSON too", async () => {
    const newer = goDirectory("3.7.1");
    for (const format of ["simple", "json"]) {
      const text = (await lines(`wal dump -w ${format}`, newer)).join("\n");
      expect(text).toContain(format === "json" ? '"hashedPassword":"***"' : "hashedPassword=***");
      expect(text).toContain(format === "json" ? '"simpleToken":"***"' : "simpleToken=***");
      expect(text).not.toMatch(/\$2a|JDJh|password=[^*]|Token=[^*]/);
    }
  });

  test("has bytes whole in JSON, one record per line", async () => {
    const [line = "", ...more] = await lines("wal dump -w json --kind txn");
    expect(more).toEqual([]);
    expect(line).toBe(
      `{"file":"/member/wal/${NAME}","offset":1832,"record":39,"kind":"entry","index":19,` +
        '"term":2,"request":"txn","txn":{"id":4740779653070737941,' +
        '"compare":[{"result":"GREATER","target":"MOD","key":"Zm9v","modRevision":0}],' +
        '"success":[{"requestPut":{"key":"dDE=","value":"MQ=="}},' +
        '{"requestPut":{"key":"dDI=","value":"Mg=="}},' +
        '{"requestDeleteRange":{"key":"azU="}}]}}',
    );
  });

  test("filters by index, term, kind and the beginning of keys", async () => {
    const numbers = async (line: string) =>
      (await lines(`wal dump ${line}`)).slice(1).map((text) => text.split(" ")[1]);
    expect(await numbers("--from 5 --to 7")).toEqual(["#11", "#13", "#15"]);
    expect(await numbers("--term 1")).toEqual(["#4", "#5"]);
    expect(await numbers("--kind snapshot,conf-change")).toEqual(["#3", "#4", "#45", "#58", "#60"]);
    expect(await numbers("--prefix gone/")).toEqual(["#23", "#25"]);
    // A range and a transaction name the keys too.
    expect(await numbers("--prefix k3")).toEqual(["#33", "#41"]);
    expect(await numbers("--prefix k5")).toEqual(["#37", "#39"]);
    expect(await numbers("--kind put --prefix f --from 6")).toEqual(["#13"]);
  });

  test("refuses a kind that there is not, and a format", async () => {
    const outcome = await run("wal dump --kind puts");
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^Error: unknown kind "puts"; there are metadata, entry, state/);
    expect(await run("wal dump -w table")).toEqual({
      code: 4,
      stdout: "",
      stderr: "Error: this command prints only simple and json\n",
    });
  });

  test("shows what stands before a torn end, and says that it is torn", async () => {
    truncateSync(file, 2970);
    const outcome = await run("wal dump --from 29");
    expect(outcome).toEqual({
      code: 0,
      stdout:
        `/member/wal/${NAME}:\n` +
        "2832 #60 entry index=29 term=2 conf-change id=41caa1fa0bae521f change=remove " +
        "node=b2bd99294263c543\n" +
        "2920 #62 entry index=30 term=2 alarm id=41caa1fa0bae5220 action=ACTIVATE memberID=5 " +
        "alarm=CORRUPT\n",
      stderr:
        `Warning: /member/wal/${NAME} at offset 2968 (record 63): the last record is torn: the ` +
        "file ends in a length; a member that starts cuts the record off and goes on\n",
    });
  });

  test("shows what stands before damage, and ends with its place", async () => {
    flip(600);
    const outcome = await run("wal dump --kind put");
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toBe("");
    expect(outcome.stderr).toBe(
      `Error: /member/wal/${NAME} at offset 568 (record 11): the checksum should be 1166307058, ` +
        "not 4240384533; the log was changed after it was written: check the disk, then restore " +
        "this file from a copy, or remove the member and add it again with an empty data " +
        "directory\n",
    );
  });
});

function flip(offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("wal verify", () => {
  test("says what a sound log holds", async () => {
    expect(await lines("wal verify")).toEqual([
      "/member/wal: 1 segment, 63 records, entries 1 to 30, commit 30: clean",
    ]);
    expect(await lines("wal verify -w json")).toEqual([
      '{"findings":[],"errors":0,"warnings":0,"directory":"/member/wal","segments":1,' +
        '"records":63,"firstIndex":1,"lastIndex":30,"term":2,"commit":30,' +
        '"member":"4f8256cd80bf41ca","cluster":"cae4ef2a93f29d1f"}',
    ]);
  });

  test("tells a torn end, which a start cuts off, as a warning", async () => {
    truncateSync(file, 2970);
    const outcome = await run("wal verify");
    expect(outcome).toEqual({
      code: 2,
      stdout:
        `warning: /member/wal/${NAME} at offset 2968 (record 63): the last record is torn, as a ` +
        "crash leaves it: the file ends in a length; a member that starts cuts it off and goes " +
        "on, and `wal repair --apply` does the same\n" +
        "/member/wal: 1 segment, 62 records, entries 1 to 30, commit 29: 0 errors, 1 warning\n",
      stderr: "",
    });
  });

  test("tells damage with file, offset, record, cause and remedy", async () => {
    flip(600);
    const outcome = await run("wal verify");
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(
      /^error: \/member\/wal\/0{16}-0{16}\.wal at offset 568 \(record 11\): the checksum should be 1166307058, not 4240384533; the log was changed after it was written: check the disk, /,
    );
    expect(outcome.stdout).toContain("10 records, entries 1 to 4, commit 4: 1 error");
    const json = JSON.parse((await run("wal verify -w json")).stdout);
    expect(json.findings[0]).toMatchObject({ severity: "error", offset: 568, record: 11 });
  });

  test("tells segments that are missing between others", async () => {
    const second = "0000000000000002-000000000000001f.wal";
    writeFileSync(join(wal, second), readFileSync(file));
    const outcome = await run("wal verify");
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toContain(
      `error: /member/wal/${second}: the segment before it should have number 1, but the one ` +
        `found is ${NAME}; put the missing files back`,
    );
  });

  test("tells .snap files that do not fit: damaged, empty, newer than the log, a directory", async () => {
    const snap = join(data, "member/snap");
    const good = readFileSync(join(snap, "0000000000000002-0000000000000015.snap"));
    const damaged = Uint8Array.from(good, (byte, at) => (at === 100 ? byte ^ 1 : byte));
    writeFileSync(join(snap, "0000000000000002-0000000000000010.snap"), damaged);
    writeFileSync(join(snap, "0000000000000002-0000000000000011.snap"), "");
    mkdirSync(join(snap, "0000000000000002-0000000000000012.snap"));
    const outcome = await run("wal verify");
    expect(outcome.code).toBe(3);
    const found = outcome.stdout
      .split("\n")
      .map((line) => line.replace(/^.*-0{14}(\d\d)\.snap/, "$1"));
    expect(found.slice(0, 3)).toEqual([
      expect.stringMatching(/^12: it cannot be read: it is a directory where a file belongs; /),
      expect.stringMatching(/^11: the file is empty; a member that starts sets it aside as /),
      expect.stringMatching(/^10: its checksum should be \d+, not \d+; a member that starts /),
    ]);
    truncateSync(file, 1000);
    expect((await run("wal verify")).stdout).toMatch(
      /-0{14}15\.snap: it is newer than the log, which ends at entry 9; the log has lost its end/,
    );
  });

  test("refuses what is no log, in one line", async () => {
    const refusal = async (line: string): Promise<string> => {
      const outcome = await runOwn(utilProgram, line.split(" "));
      expect(outcome).toMatchObject({ code: 1, stdout: "" });
      return outcome.stderr.replaceAll(data, "");
    };
    expect(await refusal("wal verify")).toBe(
      "Error: name the data directory with --data-dir, or its log with --wal-dir\n",
    );
    expect(await refusal(`wal verify --data-dir ${data}/none`)).toBe(
      "Error: /none does not exist; name a data directory that does\n",
    );
    expect(await refusal(`wal verify --wal-dir ${file}`)).toBe(
      `Error: /member/wal/${NAME} is a file; name the directory of a log instead\n`,
    );
    expect(await refusal(`wal dump --wal-dir ${data}/member/snap`)).toMatch(
      /^Error: \/member\/snap holds no log: no file there is named <sequence>-<index>\.wal; name /,
    );
    rmSync(file);
    mkdirSync(file);
    expect(await refusal(`wal dump --data-dir ${data}`)).toMatch(
      /^Error: cannot read \/member\/wal\/.*\.wal: it is a directory where a file belongs; put /,
    );
    expect((await run("wal verify")).stdout).toMatch(
      /^error: .*wal: it cannot be read: it is a dir/,
    );
  });

  test("refuses a file that this user may not read", async () => {
    chmodSync(file, 0);
    const outcome = await run("wal dump");
    // Root may read everything.
    if (process.getuid?.() === 0) expect(outcome.code).toBe(0);
    else expect(outcome.stderr).toMatch(/this user may not read it; run this as the user that/);
  });

  test("refuses while a process has the directory, and looks at a log that lies elsewhere", async () => {
    const lock = await lockMemberDirectory({
      memberDirectory: join(data, "member"),
      walDirectory: wal,
    });
    const outcome = await run("wal verify");
    await lock.release();
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^Error: \/member is in use by process \d+, and what it writes /,
    );
    const elsewhere = join(data, "log");
    renameSync(wal, elsewhere);
    expect(await lines(`wal verify --wal-dir ${elsewhere}`)).toEqual([
      "/log: 1 segment, 63 records, entries 1 to 30, commit 30: clean",
    ]);
  });
});

describe("wal repair", () => {
  test("has nothing to do on a sound log", async () => {
    expect(await lines("wal repair")).toEqual(["nothing to repair"]);
    expect(await lines("wal repair --apply -w json")).toEqual(['{"repair":"none"}']);
  });

  test("says what it would do, then does it, and keeps the file as it was", async () => {
    truncateSync(file, 2930);
    const torn = readFileSync(file);
    expect(await run("wal repair")).toEqual({
      code: 2,
      stdout:
        `/member/wal/${NAME} at offset 2920 (record 62): would cut off 10 bytes: the record ` +
        "takes 48 bytes, the file has 10 left\n" +
        `the file as it is would be kept as /member/wal/${NAME}.broken\n` +
        "nothing was changed; repair it with --apply\n",
      stderr: "",
    });
    expect(readFileSync(file).equals(torn)).toBe(true);
    expect(readdirSync(wal)).toEqual([NAME]);
    expect(await run("wal repair --apply")).toEqual({
      code: 0,
      stdout:
        `/member/wal/${NAME} at offset 2920 (record 62): cut off 10 bytes: the record takes 48 ` +
        `bytes, the file has 10 left\nthe file as it was is /member/wal/${NAME}.broken\n`,
      stderr: "",
    });
    expect(readFileSync(file).equals(torn.subarray(0, 2920))).toBe(true);
    expect(readFileSync(`${file}.broken`).equals(torn)).toBe(true);
    expect(await lines("wal verify")).toEqual([
      "/member/wal: 1 segment, 61 records, entries 1 to 29, commit 29: clean",
    ]);
  });

  test("refuses damage, and changes nothing", async () => {
    flip(600);
    const before = readFileSync(file);
    for (const line of ["wal repair", "wal repair --apply"]) {
      const outcome = await run(line);
      expect(outcome.code).toBe(3);
      expect(outcome.stdout).toMatch(/^error: .*at offset 568 \(record 11\): the checksum should/);
      expect(outcome.stderr).toBe(
        "Error: not repaired: 1 error, 0 warnings; nothing was changed\n",
      );
    }
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(wal)).toEqual([NAME]);
  });

  test("refuses to cut a log that the snapshot or the store show to be cut already", async () => {
    truncateSync(file, 2930);
    const torn = readFileSync(file);
    const store = goDirectory("3.4.23", { meta: { consistent_index: "\0\0\0\0\0\0\0\u001e" } });
    writeFileSync(join(store, "member/wal", NAME), torn);
    const outcome = await run("wal repair --apply", store);
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toMatch(
      /^error: .* at offset 2920 \(record 62\): the log ends at entry 29, but .*snap\/db holds what entry 30 has done: what is missing was committed; restore /m,
    );
    truncateSync(file, 1000);
    expect((await run("wal repair")).stdout).toMatch(
      /0{14}15\.snap holds what entry 21 has done: /,
    );
    expect(readdirSync(wal)).toEqual([NAME]);
  });

  test("waits for nobody: a directory in use is refused, and a log alone needs its directory", async () => {
    const lock = await lockMemberDirectory({
      memberDirectory: join(data, "member"),
      walDirectory: wal,
    });
    const outcome = await run("wal repair --apply");
    await lock.release();
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^Error: data directory \/member is in use by process \d+; stop/,
    );
    const alone = join(data, "log");
    renameSync(wal, alone);
    const words = ["wal", "repair", "--apply", "--wal-dir", alone];
    const refused = await runOwn(utilProgram, words);
    expect(refused.stderr).toMatch(/^Error: it cannot be told whether a process uses .*log; name /);
  });
});
