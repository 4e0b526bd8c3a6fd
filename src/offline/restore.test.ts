// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Fault, FaultyDisk } from "../../test/harness/faulty-disk.ts";
import { SeededRandom } from "../../test/harness/seeded-random.ts";
import { tempDir } from "../../test/harness/temp-dir.ts";
import { openLmdbBackend } from "../core/backend/index.ts";
import { BoltReader, checkBolt } from "../core/bolt/index.ts";
import { lastValidSnapshot } from "../core/wal/index.ts";
import { dataPaths } from "../member/index.ts";
import { NodeDisk } from "../platform/node-disk.ts";
import { type buildAside, StoppedError } from "./build.ts";
import { OfflineError } from "./errors.ts";
import { checkTargets, type RestoreRequest, restoredMembers, restoreSnapshot } from "./restore.ts";
import { buildRestored } from "./restore-build.ts";

const fixture = readFileSync(
  new URL("../../test/fixtures/etcd-3.7.1/snapshot.db", import.meta.url),
);
const DATABASE_BYTES = 57_344;
const disk = new NodeDisk();
const outside = { report: () => {}, note: () => {}, signal: new AbortController().signal };

function requestIn(folder: string, changes: Partial<RestoreRequest> = {}): RestoreRequest {
  return {
    snapshot: join(folder, "snapshot.db"),
    dataDir: join(folder, "restored"),
    walDir: "",
    format: "go",
    name: "default",
    initialCluster: "default=http://localhost:2380",
    token: "etcd-cluster",
    advertisePeerUrls: "http://localhost:2380",
    skipsHashCheck: false,
    bumpRevision: 0,
    ...changes,
  };
}

/** Builds in this thread, on a disk that may fail. */
function buildOn(target: NodeDisk | FaultyDisk): typeof buildAside {
  return async (order) => {
    if (order.kind === "restore")
      await buildRestored(target, order, { progress: () => {}, note: () => {} });
  };
}

/** Restores bytes; gives the error's text, undefined when it worked. */
async function attempt(
  bytes: Uint8Array,
  changes: Partial<RestoreRequest> = {},
  build = buildOn(disk),
): Promise<{ folder: string; problem: string | undefined }> {
  const folder = tempDir();
  const request = requestIn(folder, changes);
  writeFileSync(request.snapshot, bytes);
  let problem: string | undefined;
  try {
    const members = await restoredMembers(request);
    checkTargets(disk, request);
    await restoreSnapshot(disk, request, members, outside, build);
  } catch (error) {
    if (!(error instanceof OfflineError)) throw error;
    problem = error.message.replaceAll(`${folder}/`, "");
  }
  expect(readFileSync(request.snapshot).equals(bytes)).toBe(true);
  return { folder, problem };
}

/** The error of a restore that must leave nothing but its source. */
async function refusal(
  bytes: Uint8Array,
  changes: Partial<RestoreRequest> = {},
  build = buildOn(disk),
): Promise<string> {
  const { folder, problem } = await attempt(bytes, changes, build);
  expect(readdirSync(folder)).toEqual(["snapshot.db"]);
  expect(problem).toBeDefined();
  expect(problem).not.toContain("\n");
  return problem ?? "";
}

const both = ["go", "etcdx"] as const;

test.each(both)("a snapshot becomes a whole directory in format %s", async (format) => {
  const { folder, problem } = await attempt(fixture, { format });
  expect(problem).toBeUndefined();
  expect(readdirSync(folder)).toEqual(["restored", "snapshot.db"]);
  const paths = dataPaths(join(folder, "restored"), undefined);
  expect(lastValidSnapshot(disk, paths.wal)).toMatchObject({ index: 1, term: 1 });
  if (format === "go") {
    const reader = new BoltReader(disk.open(paths.goDatabase, "read"));
    expect(checkBolt(reader).findings).toEqual([]);
  } else {
    const backend = await openLmdbBackend(paths.store);
    expect(backend.boundary).toEqual({ consistentIndex: 1, term: 1 });
    expect(backend.committedRows("members")).toBe(1);
    await backend.close();
  }
});

test.each(both)("a hash that is wrong or missing is told in etcd's words (%s)", async (format) => {
  const wrong = Buffer.from(fixture);
  wrong[DATABASE_BYTES + 3] = (wrong[DATABASE_BYTES + 3] ?? 0) ^ 1;
  expect(await refusal(wrong, { format })).toMatch(
    /^expected sha256 \[\d+( \d+){31}\], got \[\d+( \d+){31}\]$/,
  );
  const missing = "snapshot missing hash but --skip-hash-check=false";
  expect(await refusal(fixture.subarray(0, DATABASE_BYTES), { format })).toBe(missing);
  expect(await refusal(new Uint8Array(0), { format })).toBe(missing);
});

test.each(both)("a flipped bit anywhere is found by the hash (%s)", async (format) => {
  const random = new SeededRandom(6);
  for (let flip = 0; flip < (format === "go" ? 30 : 8); flip++) {
    const bytes = Buffer.from(fixture);
    const at = random.intBelow(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.intBelow(8));
    expect(await refusal(bytes, { format })).toMatch(/^expected sha256/);
  }
});

test.each(both)("without the hash, a cut file is no database (%s)", async (format) => {
  for (const size of [0, 16, 4095, 4096, 8192, 20_000, 40_960, DATABASE_BYTES - 4096]) {
    const cut = fixture.subarray(0, size);
    const problem = await refusal(cut, { format, skipsHashCheck: true });
    expect(problem).toMatch(/^invalid database: snapshot\.db/);
  }
});

test("a full disk ends a restore with one error, whichever write it hits", async () => {
  for (const operation of ["write", "datasync"] as const) {
    let after = 0;
    for (; after < 100; after++) {
      const fault: Fault = { operation, pathPart: "restored", after, code: "ENOSPC" };
      const build = buildOn(new FaultyDisk(disk, fault));
      const { folder, problem } = await attempt(fixture, {}, build);
      if (problem === undefined) break;
      expect(problem).toContain("no space left on device; make room and try again");
      expect(readdirSync(folder)).toEqual(["snapshot.db"]);
    }
    expect(after).toBeGreaterThan(3);
    expect(after).toBeLessThan(100);
  }
});

test("targets that hold something are left alone", async () => {
  const folder = tempDir();
  const request = requestIn(folder, { walDir: join(folder, "log") });
  writeFileSync(request.snapshot, fixture);
  mkdirSync(request.dataDir);
  expect(() => checkTargets(disk, request)).not.toThrow();
  mkdirSync(request.walDir);
  expect(() => checkTargets(disk, request)).toThrow(`wal-dir "${request.walDir}" exists`);
  writeFileSync(join(request.dataDir, "mine"), "");
  const text = `data-dir "${request.dataDir}" not empty or could not be read`;
  expect(() => checkTargets(disk, request)).toThrow(text);
});

test("a log directory of its own is placed with the data directory, or neither is", async () => {
  const folder = tempDir();
  const request = requestIn(folder, { walDir: join(folder, "log") });
  writeFileSync(request.snapshot, fixture);
  const members = await restoredMembers(request);
  const build = buildOn(disk);
  const spoiled: typeof buildAside = async (order, world) => {
    await build(order, world);
    mkdirSync(join(request.dataDir, "came meanwhile"), { recursive: true });
  };
  const failing = restoreSnapshot(disk, request, members, outside, spoiled);
  await expect(failing).rejects.toThrow("directory not empty");
  expect(readdirSync(folder)).toEqual(["restored", "snapshot.db"]);
  expect(readdirSync(request.dataDir)).toEqual(["came meanwhile"]);
});

test("what a killed restore left beside is cleared away by the next one", async () => {
  const folder = tempDir();
  const request = requestIn(folder);
  writeFileSync(request.snapshot, fixture);
  mkdirSync(join(folder, "restored.unfinished/restored/member"), { recursive: true });
  writeFileSync(join(folder, "restored.unfinished/restored/member/half"), "");
  const members = await restoredMembers(request);
  await restoreSnapshot(disk, request, members, outside, buildOn(disk));
  expect(readdirSync(folder)).toEqual(["restored", "snapshot.db"]);
  expect(readdirSync(join(folder, "restored/member"))).toEqual(["snap", "wal"]);
});

test("a restore that is stopped leaves nothing", async () => {
  const folder = tempDir();
  const request = requestIn(folder, { format: "etcdx" });
  writeFileSync(request.snapshot, fixture);
  const members = await restoredMembers(request);
  const controller = new AbortController();
  const stopping = restoreSnapshot(disk, request, members, {
    ...outside,
    signal: controller.signal,
  });
  controller.abort();
  await expect(stopping).rejects.toThrow(StoppedError);
  expect(readdirSync(folder)).toEqual(["snapshot.db"]);
});

test("members and URLs are held to etcd's rules, in its words", async () => {
  const problemOf = async (changes: Partial<RestoreRequest>): Promise<string> => {
    const failing = restoredMembers(requestIn("/f", changes));
    return failing.then(
      () => "",
      (error: unknown) => String(error),
    );
  };
  expect(await problemOf({ name: "other" })).toContain(
    `couldn't find local name "other" in the initial cluster configuration`,
  );
  expect(await problemOf({ initialCluster: "a=ftp://x" })).toBe(
    "OfflineError: URL scheme must be http, https, unix, or unixs: ftp://x",
  );
  expect(await problemOf({ advertisePeerUrls: "nope" })).toBe(
    "OfflineError: URL scheme must be http, https, unix, or unixs: nope",
  );
  expect(await problemOf({ initialCluster: "default=http://localhost:2" })).toContain(
    "--initial-cluster has default=http://localhost:2 but missing from",
  );
});
