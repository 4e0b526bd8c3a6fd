// SPDX-License-Identifier: Apache-2.0
//
// Commands that are only asked to read leave everything as it is: every file's bytes, mode and
// times, and what is in every directory, of sound members and of damaged ones.

import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { utilProgram } from "../../src/commands/util/index.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { sampleOf } from "../harness/thorough.ts";
import { type Outcome, runOwn } from "./run-ctl.ts";

/** A restore and some sixty commands. */
const TIMEOUT_MS = 120_000;

const fixtures = join(import.meta.dirname, "../fixtures");

interface Look {
  /** Reads every file; without, times stand for that: nobody sets back that of the last change. */
  readonly hasBytes: boolean;
  /** Locking a member changes the time of its directory, and LMDB's table of who has it open. */
  readonly isLocked?: boolean;
}

/** Path to what must not change. */
function everything(root: string, { hasBytes, isLocked = false }: Look): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    const { mode, ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
    const facts = [mode, ino, mtimeNs, ctimeNs];
    if (isLocked && path.endsWith("/lock.mdb")) return;
    if (lstatSync(path).isDirectory()) {
      found.set(path, isLocked ? String(mode) : facts.join(" "));
      for (const name of readdirSync(path).sort()) visit(join(path, name));
      return;
    }
    const bytes = hasBytes ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
    found.set(path, [...facts, size, bytes].join(" "));
  };
  visit(root);
  return found;
}

const run = (folder: string, line: string): Promise<Outcome> =>
  runOwn(
    utilProgram,
    line.split(" ").map((word) => word.replace("DIR", folder)),
  );

/** A folder with a snapshot, a member of Go etcd and one of ours. */
async function makeFolder(version: string): Promise<string> {
  const folder = tempDir();
  const fixture = join(fixtures, `etcd-${version}`);
  cpSync(join(fixture, "snapshot.db"), join(folder, "snapshot.db"));
  cpSync(join(fixture, "member"), join(folder, "go/member"), { recursive: true });
  cpSync(join(fixture, "snapshot.db"), join(folder, "go/member/snap/db"));
  const line = "snapshot restore DIR/snapshot.db --data-dir DIR/own";
  expect((await run(folder, line)).code).toBe(0);
  return folder;
}

const formats = ["simple", "json", "table", "fields", "protobuf"];
const OF_FILES = formats.flatMap((format) => [
  `snapshot status DIR/snapshot.db -w ${format}`,
  `hashkv DIR/snapshot.db -w ${format}`,
]);
const OF_MEMBERS = ["go", "own"].flatMap((member) => [
  `db list-bucket DIR/${member}`,
  `db iterate-bucket DIR/${member} key --decode`,
  `db iterate-bucket DIR/${member} nothing`,
  `db scan-keys DIR/${member} 0`,
  `db get-hash DIR/${member}`,
  `wal dump --data-dir DIR/${member}`,
  `wal dump --data-dir DIR/${member} -w json`,
  `wal dump --wal-dir DIR/${member}/member/wal`,
  `wal verify --data-dir DIR/${member}`,
  `wal verify --wal-dir DIR/${member}/member/wal`,
  `wal repair --data-dir DIR/${member}`,
  `check --data-dir DIR/${member}`,
  `check --data-dir DIR/${member} -w json`,
]);
const READS = [
  ...OF_FILES,
  ...OF_MEMBERS,
  "hashkv DIR/go/member/snap/db",
  "snapshot status DIR/go/member/snap/db",
  "db get-hash DIR/snapshot.db",
  // Misused, or about what is not there.
  "snapshot status DIR/own",
  "hashkv DIR/own/member/snap/store.lmdb/data.mdb",
  "hashkv DIR/missing",
  "db list-bucket DIR/missing",
  "check --data-dir DIR/missing",
  "wal verify --data-dir DIR/missing",
  "export --data-dir DIR/go --to DIR/target",
  "snapshot restore DIR/snapshot.db --data-dir DIR/own",
  "version",
  "completion bash",
];

async function expectUnchanged(folder: string): Promise<void> {
  const bytes = everything(folder, { hasBytes: true });
  const before = everything(folder, { hasBytes: false });
  for (const line of sampleOf(READS, 6)) {
    const { stderr } = await run(folder, line);
    expect(stderr, line).not.toContain("    at ");
    expect(everything(folder, { hasBytes: false }), line).toEqual(before);
  }
  expect(everything(folder, { hasBytes: true })).toEqual(bytes);
}

test.each(["3.7.1", "3.4.23"])(
  "of etcd %s and of a member made of it",
  async (version) => {
    await expectUnchanged(await makeFolder(version));
  },
  TIMEOUT_MS,
);

test(
  "of a torn log, a damaged database and a store that is cut short",
  async () => {
    const folder = await makeFolder("3.7.1");
    const wal = join(folder, "go/member/wal");
    const [segment = ""] = readdirSync(wal).filter((name) => name.endsWith(".wal"));
    const path = join(wal, segment);
    appendFileSync(path, Buffer.from("0c00000000000084", "hex"));
    const database = readFileSync(join(folder, "snapshot.db"));
    database.fill(0, 4096 * 10, 4096 * 11);
    writeFileSync(join(folder, "snapshot.db"), database);
    const store = join(folder, "own/member/snap/store.lmdb/data.mdb");
    truncateSync(store, lstatSync(store).size - 4096);
    await expectUnchanged(folder);
  },
  TIMEOUT_MS,
);

test("a restore leaves its snapshot, an export its member", async () => {
  const folder = await makeFolder("3.7.1");
  const sources = ["own", "snapshot.db"].map((name) => join(folder, name));
  const look = { hasBytes: true, isLocked: true };
  const all = () => sources.flatMap((path) => [...everything(path, look)]);
  const before = all();
  for (const line of [
    "export --data-dir DIR/own --to DIR/exported",
    "export --data-dir DIR/own --to DIR/exported",
    "snapshot restore DIR/snapshot.db --data-dir DIR/again",
    "snapshot restore DIR/snapshot.db --data-dir DIR/again-go --format go",
  ]) {
    await run(folder, line);
    expect(all(), line).toEqual(before);
  }
  expect(readdirSync(folder).sort()).toEqual([
    ...["again", "again-go", "exported", "go", "own", "snapshot.db"],
  ]);
});
