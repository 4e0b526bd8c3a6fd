// SPDX-License-Identifier: Apache-2.0
//
// Restores beside genuine etcdutl: log lines, errors and exit codes byte for byte. Bbolt's own log
// lines are left out; nothing of ours says them.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempDir } from "../harness/temp-dir.ts";
import { genuineEtcdutl } from "../interop/etcdutl-process.ts";
import type { Outcome } from "./run-ctl.ts";

const etcdutl = genuineEtcdutl();
if (etcdutl === undefined) console.log("snapshot-restore: genuine etcdutl is missing, left out");

const program = join(import.meta.dirname, "../../bin/etcdx");
const fixture = join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db");
const DATABASE_BYTES = 57_344;

let folders: { ours: string; theirs: string };

beforeEach(() => {
  folders = { ours: tempDir(), theirs: tempDir() };
  for (const folder of Object.values(folders)) {
    copyFileSync(fixture, join(folder, "s.db"));
    const bytes = readFileSync(fixture);
    writeFileSync(join(folder, "bare.db"), bytes.subarray(0, DATABASE_BYTES));
    bytes[DATABASE_BYTES + 6] = (bytes[DATABASE_BYTES + 6] ?? 0) ^ 1;
    writeFileSync(join(folder, "wrong.db"), bytes);
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "full/inside"), { recursive: true });
    writeFileSync(join(folder, "file"), "");
  }
});

function run(words: readonly string[], cwd: string): Promise<Outcome> {
  const [file = "", ...rest] = words;
  const child = spawn(file, rest, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const collected = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      collected[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...collected }));
  });
}

function mask({ code, stdout, stderr }: Outcome): Outcome {
  const lines = stderr.split("\n").filter((line) => !line.includes("\tbbolt\t"));
  const masked = lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[^\t]*/, "<time>"));
  return { code, stdout, stderr: masked.join("\n") };
}

describe.runIf(etcdutl !== undefined)("snapshot restore beside genuine etcdutl", () => {
  test.each([
    "s.db",
    "s.db --data-dir d",
    "s.db --data-dir empty",
    "s.db --data-dir d --wal-dir w",
    "bare.db --data-dir d --skip-hash-check",
    "s.db --data-dir d --bump-revision 5 --mark-compacted",
    "s.db --data-dir d --name n --initial-cluster m=http://h:1,n=http://localhost:2380,o=http://h:2 --initial-cluster-token t",
    "s.db --data-dir full",
    "s.db --data-dir file",
    "s.db --data-dir d --wal-dir empty",
    "missing.db --data-dir d",
    "empty --data-dir d",
    "bare.db --data-dir d",
    "wrong.db --data-dir d",
    "s.db --data-dir d --name other",
    "s.db --data-dir d --initial-cluster a=http://h:1,default=http://localhost:2",
    "s.db --data-dir d --initial-cluster a=ftp://x",
    "s.db --data-dir d --initial-advertise-peer-urls nope",
    "s.db --data-dir d --bump-revision 5",
    "s.db --data-dir d --mark-compacted",
    "s.db more.db",
    "",
  ])("snapshot restore %s", async (line) => {
    const words = ["snapshot", "restore", ...line.split(" ").filter((word) => word !== "")];
    const [mine, other] = await Promise.all([
      run([process.execPath, program, "util", ...words], folders.ours),
      run([etcdutl ?? "", ...words], folders.theirs),
    ]);
    expect(mask(mine)).toEqual(mask(other));
  });
});
