// SPDX-License-Identifier: Apache-2.0
//
// What is known about a store before it is opened; the file is read and never changed.

import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../test/harness/temp-dir.ts";
import { type Backend, openLmdbBackend } from "../../core/backend/index.ts";
import { ClusterMembership } from "../../core/membership/index.ts";
import { NodeDisk } from "../../platform/node-disk.ts";
import { checkStore } from "./check-store.ts";
import { DataDirError, type DataPaths, dataPaths } from "./data-dir.ts";

const PAGE_BYTES = 4096;
const KIND_AT = 18;
const BRANCH = 1;
const disk = new NodeDisk();

async function writtenStore(write: (backend: Backend) => void): Promise<DataPaths> {
  const paths = dataPaths(tempDir(), undefined);
  disk.makeDirectory(paths.store, 0o700);
  const backend = await openLmdbBackend(paths.store);
  write(backend);
  await backend.commit();
  await backend.close();
  return paths;
}

const rowsOf = (rows: number) => (backend: Backend) => {
  for (let row = 0; row < rows; row++) {
    backend.put("meta", Buffer.from(`row ${row}`), Buffer.alloc(300));
  }
};

function addMembers(backend: Backend, names: readonly string[]): void {
  const membership = new ClusterMembership(backend);
  for (const [at, name] of names.entries()) {
    const peerUrls = [`http://${name}:2380`];
    const member = { id: BigInt(at + 1), peerUrls, isLearner: false, name, clientUrls: [] };
    membership.change({ kind: "add", member });
  }
}

/** Why a start is refused; undefined when it is not. The file stays as it is. */
function refusal(paths: DataPaths): string | undefined {
  const before = readFileSync(paths.storeFile, "latin1");
  try {
    checkStore(disk, paths);
    return undefined;
  } catch (error) {
    if (!(error instanceof DataDirError)) throw error;
    expect(readFileSync(paths.storeFile, "latin1") === before).toBe(true);
    expect(error.message).not.toContain("\n");
    return error.message;
  }
}

test.each([0, 1, 1000])("a store of %d rows passes", async (rows) => {
  expect(refusal(await writtenStore(rowsOf(rows)))).toBeUndefined();
});

test("a missing and an empty file are a store to be", () => {
  const paths = dataPaths(tempDir(), undefined);
  expect(() => checkStore(disk, paths)).not.toThrow();
  disk.makeDirectory(dirname(paths.storeFile), 0o700);
  writeFileSync(paths.storeFile, "");
  expect(refusal(paths)).toBeUndefined();
});

test("other bytes, a lost end and damaged pages are told with file, page, cause and fix", async () => {
  const paths = await writtenStore(rowsOf(1000));
  const path = paths.storeFile;
  const whole = readFileSync(path);
  const told = (page: string, problem: string): string =>
    `the store ${path} is damaged: page ${page}: ${problem}; restore the whole data directory from ` +
    `a copy or a snapshot (etcdx util check --data-dir ${paths.data} lists all that is wrong)`;
  for (const text of ["short", "x".repeat(20_000)]) {
    writeFileSync(path, text);
    expect(refusal(paths)).toBe(told("0", "does not begin a store of this program"));
  }
  writeFileSync(path, whole);
  truncateSync(path, 8192);
  expect(refusal(paths)).toMatch(/page \d+: is beyond the end of the file, which has 8192 bytes; /);
  truncateSync(path, PAGE_BYTES);
  truncateSync(path, statSync(path).size * 2);
  expect(refusal(paths)).toBe(told("1", "is no meta page"));
  const branch = Array.from({ length: whole.length / PAGE_BYTES }, (_, page) => page).findLast(
    (page) => page > 1 && whole.readUInt16LE(page * PAGE_BYTES + KIND_AT) === BRANCH,
  );
  const at = (branch ?? 0) * PAGE_BYTES;
  writeFileSync(path, Buffer.from(whole).fill(0, at, at + PAGE_BYTES));
  expect(refusal(paths)).toBe(told(String(branch), "does not carry its own number"));
});

test("a file that is a directory is told", () => {
  const paths = dataPaths(tempDir(), undefined);
  disk.makeDirectory(paths.storeFile, 0o700);
  const start = `cannot open the store ${paths.storeFile} (`;
  expect(() => checkStore(disk, paths)).toThrow(start);
});

test.each([
  [
    "several members",
    (backend: Backend) => addMembers(backend, ["a", "b", "c"]),
    "is that of a cluster of 3 members",
  ],
  [
    "authentication",
    (backend: Backend) => {
      addMembers(backend, ["a"]);
      backend.put("auth", Buffer.from("authEnabled"), Uint8Array.of(1));
    },
    "has authentication enabled",
  ],
])("what this version does not serve is told with the ways on: %s", async (_, write, problem) => {
  const paths = await writtenStore(write);
  expect(refusal(paths)).toBe(
    `data directory ${paths.data} ${problem}, which is not supported yet; start a release of etcdx ` +
      "that has it, or make a directory for Go etcd with etcdx util export " +
      `--data-dir ${paths.data} --to <directory>`,
  );
});

test("one member, and authentication that was disabled, are served", async () => {
  const paths = await writtenStore((backend) => {
    addMembers(backend, ["a"]);
    backend.put("auth", Buffer.from("authEnabled"), Uint8Array.of(0));
  });
  expect(refusal(paths)).toBeUndefined();
});
