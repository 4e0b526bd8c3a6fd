// SPDX-License-Identifier: Apache-2.0
//
// Snapshots saved by our client program beside genuine etcdctl, from one genuine server: files,
// output, log lines and exit codes.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { type Outcome, runCtl, runOther } from "./run-ctl.ts";

const etcdctl = join(import.meta.dirname, "../interop/bin/etcdctl");
const etcd = genuineCommand();
const isHere = etcd !== undefined && existsSync(etcdctl);
if (!isHere) console.log("snapshot-save: left out, test/interop/bin is not built");

function mask({ code, stdout, stderr }: Outcome, folder: string): Outcome {
  const masked = stderr
    .replace(/"ts":"[^"]*"/g, '"ts":"<time>"')
    .replace(/"took":"[^"]*"/g, '"took":"<time>"')
    .replace(/,"stacktrace":"[^"]*"/g, "")
    // Ours has no connection to tell of when the deadline has passed before there was one.
    .replace(
      /latest balancer error: connection error: .*refused\\""/g,
      'context deadline exceeded"',
    );
  const strip = (text: string): string => text.replaceAll(`${folder}/`, "");
  return { code, stdout: strip(stdout), stderr: strip(masked) };
}

describe.skipIf(!isHere)("snapshot save beside genuine etcdctl", () => {
  let server: ServerProcess;

  beforeAll(async () => {
    if (etcd === undefined) throw new Error("genuine etcd is missing");
    server = await ServerProcess.start(etcd);
    await runOther([etcdctl, "--endpoints", server.endpoint], ["put", "a", "b"]);
  });
  afterAll(() => server.dispose());

  /** Runs both in a folder each; words that begin with a dot are paths there. */
  async function runBoth(line: string): Promise<{ ours: string; outcomes: [Outcome, Outcome] }> {
    const words = (folder: string): string[] =>
      line.split(" ").map((word) => {
        const placed = word.startsWith("./") ? join(folder, word.slice(2)) : word;
        return placed.replace("@", server.endpoint);
      });
    const folders = [tempDir(), tempDir()] as const;
    for (const folder of folders) {
      mkdirSync(join(folder, "folder"));
      writeFileSync(join(folder, "left.db.part"), "of an earlier attempt");
    }
    const [ours, theirs] = folders;
    return {
      ours,
      outcomes: [
        mask(await runCtl(words(ours)), ours),
        mask(await runOther([etcdctl], words(theirs)), theirs),
      ],
    };
  }

  test.each([
    "snapshot save ./a.db --endpoints @",
    "snapshot save ./a.db --endpoints @ --max-recv-bytes 5",
    "snapshot save ./left.db --endpoints @",
    "snapshot save ./a.db --endpoints @ -w json",
    "snapshot save ./a.db --endpoints @ --command-timeout 10s",
    "snapshot save --endpoints @",
    "snapshot save ./a.db ./b.db --endpoints @",
    "snapshot save ./a.db --endpoints @,127.0.0.1:1",
    "snapshot save ./missing/a.db --endpoints @",
    "snapshot save ./folder --endpoints @",
    "snapshot save ./a.db --endpoints @ -w nothing",
    "snapshot save ./a.db --endpoints @ --command-timeout 1ns",
    "snapshot save ./a.db --endpoints 127.0.0.1:1 --command-timeout 300ms",
  ])("%s", async (line) => {
    const { ours, outcomes } = await runBoth(line);
    expect(outcomes[0]).toEqual(outcomes[1]);
    const parts = readdirSync(ours).filter((name) => name.endsWith(".part"));
    const isUsed = line.includes("left.db");
    expect(parts).toEqual(isUsed ? [] : ["left.db.part"]);
  });

  test("the file is the member's database with its hash, for nobody else to read", async () => {
    const path = join(tempDir(), "a.db");
    const { code } = await runCtl(["--endpoints", server.endpoint, "snapshot", "save", path]);
    expect(code).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path).length % 512).toBe(32);
  });

  test("a file that is there is replaced only by a whole one", async () => {
    const path = join(tempDir(), "a.db");
    writeFileSync(path, "the old one");
    const words = ["--endpoints", server.endpoint, "snapshot", "save", path];
    expect((await runCtl([...words, "--command-timeout", "1ns"])).code).toBe(5);
    expect(readFileSync(path, "utf8")).toBe("the old one");
    expect((await runCtl(words)).code).toBe(0);
    expect(readFileSync(path).length % 512).toBe(32);
  });
});
