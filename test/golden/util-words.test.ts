// SPDX-License-Identifier: Apache-2.0
//
// Command lines of etcdutl, sensible and not, beside the genuine program: output, errors and exit
// codes byte for byte, with every flag that it has. Times, bbolt's own lines and traces of stacks
// are left out, and the wording of usage, which is our own. Each line starts from the same files.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { sampleOf } from "../harness/thorough.ts";
import { genuineEtcdutl } from "../interop/etcdutl-process.ts";
import { type Outcome, runOther, runOwn } from "./run-ctl.ts";

const etcdutl = genuineEtcdutl();
if (etcdutl === undefined) console.log("util: genuine etcdutl 3.7.1 is missing, left out");

const fixture = join(import.meta.dirname, "../fixtures/etcd-3.7.1");
const old = join(import.meta.dirname, "../fixtures/etcd-3.4.23/snapshot.db");

const RESTORE = "snapshot restore D/new.db --data-dir D/r";

const LINES: Readonly<Record<string, readonly string[]>> = {
  "snapshot status": [
    "snapshot status",
    "snapshot status D/new.db -w=table --timeout=1s",
    "snapshot status D/new.db -w",
    "snapshot status D/new.db -w SIMPLE",
    "snapshot status D/new.db --write-out=",
    "snapshot status D/bare.db",
    "snapshot status D/flipped.db",
    "snapshot status D/old.db D/new.db -w bogus",
    "snapshot status -w bogus",
  ],
  hashkv: [
    "hashkv D/new.db --write-out=",
    "hashkv D/bare.db -w json",
    "hashkv D/new.db --rev=9223372036854775807",
    "hashkv D/new.db --rev=9223372036854775808",
    "hashkv D/new.db --rev=-9223372036854775808",
    "hashkv D/new.db --rev=-9223372036854775808 -w json",
    "hashkv D/new.db --rev=",
    "hashkv -w bogus",
    "hashkv D/new.db -x",
    "hashkv D/new.db --timeout",
    "hashkv D/new.db --timeout 5",
    "hashkv D/new.db --timeout=-1s",
  ],
  "snapshot restore": [
    "snapshot restore",
    "snapshot restore D/new.db D/old.db",
    `${RESTORE} --bump-revision 5`,
    `${RESTORE} --mark-compacted`,
    `${RESTORE} --bump-revision 0 --mark-compacted`,
    `${RESTORE} --bump-revision -5 --mark-compacted`,
    `${RESTORE} --bump-revision x`,
    `${RESTORE} --bump-revision 5 --mark-compacted`,
    `${RESTORE} --initial-memory-map-size x`,
    `${RESTORE} --initial-memory-map-size 0`,
    `${RESTORE} --initial-memory-map-size=4096`,
    `${RESTORE} --skip-hash-check=maybe`,
    `${RESTORE} -w json`,
    `${RESTORE} -w bogus`,
    `${RESTORE} --nothing`,
    "snapshot restore D/old.db --data-dir D/r",
    "snapshot restore D/bare.db --data-dir D/r",
    "snapshot restore D/bare.db --data-dir D/r --skip-hash-check",
    "snapshot restore D/flipped.db --data-dir D/r",
    "snapshot restore D/short.db --data-dir D/r",
    "snapshot restore D/missing.db --data-dir D/r",
    "snapshot restore D/empty --data-dir D/r",
  ],
  "the cluster of a restore": [
    `${RESTORE} --name m2`,
    `${RESTORE} --name=`,
    `${RESTORE} --initial-cluster bogus`,
    `${RESTORE} --initial-cluster=`,
    `${RESTORE} --initial-cluster default=http://localhost`,
    `${RESTORE} --initial-cluster default=ftp://localhost:2380`,
    `${RESTORE} --initial-cluster default=http://localhost:2380,default=http://localhost:2381`,
    `${RESTORE} --initial-cluster-token=`,
    `${RESTORE} --initial-advertise-peer-urls http://localhost:2381`,
    `${RESTORE} --initial-advertise-peer-urls bogus`,
    `${RESTORE} --initial-advertise-peer-urls=`,
  ],
  "the directories of a restore": [
    "snapshot restore D/new.db --data-dir D/some",
    "snapshot restore D/new.db --data-dir D/empty",
    "snapshot restore D/new.db --data-dir D/file",
    `${RESTORE} --wal-dir D/empty`,
    `${RESTORE} --wal-dir D/w`,
    `${RESTORE} --wal-dir D/file`,
  ],
  "defrag and migrate": [
    "defrag D/new",
    "defrag --data-dir=",
    "defrag --data-dir=D/file",
    "defrag --data-dir=D/file/below",
    "defrag --data-dir=D/missing",
    "defrag --data-dir=D/new --timeout x",
    "migrate --data-dir D/new --target-version=",
    "migrate --data-dir= --target-version=3.6",
    "migrate --data-dir D/file --target-version=3.6",
    "migrate --data-dir D/new --target-version=3.6 --force=bogus",
  ],
  "the rest": [
    "version --bogus",
    "version -w json",
    "completion zsh x",
    "completion powershell --bogus",
    "--bogus",
    "-x",
    "--timeout",
    "-w",
    "verison",
    "defra",
    "hashkvv",
  ],
  "a member": [
    "defrag --data-dir=D/new extra",
    "defrag --data-dir D/new -w json",
    "defrag --data-dir D/new -w bogus",
    "migrate --data-dir D/new --target-version=3.6 extra",
    "migrate --data-dir D/new --target-version=3.6 --force=false",
    "migrate --data-dir D/new --target-version=3.7 -w json",
    "migrate --data-dir D/new --target-version=3.7 -w bogus",
    "migrate --data-dir D/new --target-version=3.7 --timeout=0",
  ],
};

function makeFiles(hasMember: boolean): string {
  const folder = tempDir();
  const put = (name: string, bytes: Uint8Array | string): void =>
    writeFileSync(join(folder, name), bytes);
  const snapshot = readFileSync(join(fixture, "snapshot.db"));
  put("new.db", snapshot);
  put("old.db", readFileSync(old));
  put("bare.db", snapshot.subarray(0, snapshot.length - 32));
  put("short.db", snapshot.subarray(0, 1000));
  const flipped = Buffer.from(snapshot);
  flipped[9000] = (flipped[9000] ?? 0) ^ 1;
  put("flipped.db", flipped);
  put("file", "text");
  for (const name of ["empty", "some"]) mkdirSync(join(folder, name));
  put("some/thing", "");
  if (!hasMember) return folder;
  cpSync(join(fixture, "member"), join(folder, "new/member"), { recursive: true });
  put("new/member/snap/db", snapshot);
  return folder;
}

const STACK_LINE = /^(?:\t.*|(?:go\.|github\.com|main\.|runtime\.).*)$/;

function comparable(text: string, folder: string): string {
  return text
    .replaceAll(folder, "D")
    .split("\n")
    .filter((line) => !line.includes("\tbbolt\t") && !STACK_LINE.test(line))
    .map((line) => line.replace(/^\d{4}-\S+\t/, "<time>\t"))
    .map((line) => line.replace(/("path": "[^"]*"), "current-db-size.*/, "$1}"))
    .join("\n")
    .replace(/^Usage:\n[\s\S]*?\n\n(?=Error: )/m, "<usage>\n");
}

async function outcomeOf(
  line: string,
  hasMember: boolean,
  start: (words: readonly string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = makeFiles(hasMember);
  const words = line.split(" ").map((word) => word.replace("D/", `${folder}/`));
  const { code, stdout, stderr } = await start(words);
  return { code, stdout: comparable(stdout, folder), stderr: comparable(stderr, folder) };
}

const TIMEOUT_MS = 120_000;

describe.runIf(etcdutl !== undefined)("the same words to genuine etcdutl", () => {
  test.each(Object.keys(LINES))(
    "%s",
    async (topic) => {
      for (const line of sampleOf(LINES[topic] ?? [], 4)) {
        const hasMember = topic === "a member";
        const own = await outcomeOf(line, hasMember, (words) => runOwn(utilProgram, words));
        const genuine = await outcomeOf(line, hasMember, (words) =>
          runOther([etcdutl ?? ""], words),
        );
        expect(own, line).toEqual(genuine);
      }
    },
    TIMEOUT_MS,
  );
});
