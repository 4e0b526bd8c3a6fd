// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Fault, FaultyDisk } from "../../test/harness/faulty-disk.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { sampleOf } from "../../test/harness/thorough.ts";
import { dataPaths } from "../member/index.ts";
import { FileLock } from "../platform/file-lock.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { OfflineError } from "./errors.ts";
import { exportMember } from "./export.ts";
import { buildExported } from "./export-build.ts";
import { restoredMembers, restoreSnapshot } from "./restore.ts";
import { describeFailure } from "./spelling.ts";

const disk = new NodeDisk();
const outside = { report: () => {}, note: () => {}, signal: new AbortController().signal };
const snapshot = join(import.meta.dirname, "../../test/fixtures/etcd-3.7.1/snapshot.db");

async function restored(dataDir: string, format: "etcdx" | "go"): Promise<void> {
  const request = {
    ...{ snapshot, dataDir, walDir: "", format, name: "default", token: "t" },
    initialCluster: "default=http://localhost:2380",
    advertisePeerUrls: "http://localhost:2380",
    ...{ skipsHashCheck: false, bumpRevision: 0 },
  };
  await restoreSnapshot(disk, request, await restoredMembers(request), outside);
}

/** Tries an export in a folder that must then hold what it held before. */
async function refusal(folder: string, changes: { dataDir?: string; target?: string } = {}) {
  const [dataDir, target] = [join(folder, "member"), join(folder, "target")];
  const before = readdirSync(folder);
  const request = { dataDir, target, walDir: "", storageVersion: "3.7", ...changes } as const;
  const error: unknown = await exportMember(disk, request, outside).catch(
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(OfflineError);
  expect(readdirSync(folder)).toEqual(before);
  return String(error);
}

test("an export refuses what is no member of ours, each with its cause", async () => {
  const folder = tempDir();
  expect(await refusal(folder)).toContain("member is no directory");
  mkdirSync(join(folder, "member"));
  expect(await refusal(folder)).toContain("holds no store of etcdx");
  await restored(join(folder, "go"), "go");
  const dataDir = join(folder, "go");
  expect(await refusal(folder, { dataDir })).toContain("is a data directory of Go etcd already");
});

test("an export refuses a target that holds something, and a member that is in use", async () => {
  const folder = tempDir();
  const member = join(folder, "member");
  await restored(member, "etcdx");
  expect(await refusal(folder, { target: member })).toContain("exists and is not empty");
  const lock = await FileLock.acquire(join(member, "member"));
  expect(await refusal(folder)).toContain(`in use by process ${process.pid}`);
  await lock.release();
});

test("an export refuses a store that is cut short or none at all", async () => {
  const folder = tempDir();
  const store = join(folder, "member/member/snap/store.lmdb/data.mdb");
  await restored(join(folder, "member"), "etcdx");
  truncateSync(store, 9000);
  expect(await refusal(folder)).toContain("is beyond the end of the file, which has 9000 bytes");
  writeFileSync(store, "no store");
  expect(await refusal(folder)).toContain("page 0: does not begin a store of this program");
});

test.each(
  sampleOf(
    [
      ["write", 0],
      ["write", 4],
      ["datasync", 0],
      ["datasync", 2],
    ] as const,
    2,
  ),
)("a full disk ends an export with one error (%s after %i)", async (operation, after) => {
  const folder = tempDir();
  const from = dataPaths(join(folder, "member"), undefined);
  await restored(from.data, "etcdx");
  const paths = dataPaths(join(folder, "target"), undefined);
  const fault: Fault = { operation, pathPart: "target", after, code: "ENOSPC" };
  const order = { from, paths, storageVersion: "3.7" } as const;
  const problem: unknown = await buildExported(new FaultyDisk(disk, fault), order, () => {}).catch(
    (cause: unknown) => describeFailure(cause, []),
  );
  expect(problem).toBeInstanceOf(OfflineError);
  expect(String(problem)).toMatch(/target.*: no space left on device; make room and try again$/);
});
