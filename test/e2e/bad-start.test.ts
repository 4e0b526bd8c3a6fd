// SPDX-License-Identifier: Apache-2.0
//
// What a start refuses, what it repairs, what it says, and what is on disk afterwards.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LmdbEnvironment } from "../../src/core/backend/lmdb.ts";
import {
  type RestoreRequest,
  restoredMembers,
  restoreSnapshot,
} from "../../src/offline/restore.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { freePort } from "../harness/free-port.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import {
  clientOf,
  filesOf,
  freshDataDir,
  lastRecordOf,
  ownServer,
  put,
  putMany,
  startIn,
  storedKeys,
  storeFile,
  walDirectory,
} from "./members.ts";

const PUTS = 20;
const isRoot = process.getuid?.() === 0;

/** What the last line of a server that refused to start gives as the reason. */
async function refusalIn(
  dataDir: string,
  ports?: { client: number; peer: number },
): Promise<string> {
  const options = ports === undefined ? { dataDir } : { dataDir, ports };
  const server = await ServerProcess.runToEnd(ownServer(), options);
  expect(await server.exited()).toEqual({ code: 1, signal: null });
  const last: unknown = JSON.parse(server.log.trim().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ level: "fatal", msg: "discovery failed" });
  return String(Reflect.get(Object(last), "error"));
}

/** A data directory of a member that was stopped after some puts. */
async function usedDataDir(args: readonly string[] = [], mayStop?: string): Promise<string> {
  const dataDir = freshDataDir();
  const server = await startIn(dataDir, { args });
  await putMany(clientOf(server), "key", PUTS);
  if (mayStop !== undefined) await server.logged(mayStop);
  await server.kill("SIGTERM");
  return dataDir;
}

const withSnapshots = ["--snapshot-count=5", "--log-level=info"];
const snapshotSaved = "saved snapshot to disk";

async function expectAllKeys(server: ServerProcess): Promise<void> {
  expect((await storedKeys(clientOf(server))).size).toBe(PUTS);
}

describe("a start is refused with cause and fix when", () => {
  test("another process has the port, and then nothing is written", async () => {
    const first = await startIn(freshDataDir());
    const dataDir = freshDataDir();
    const { client } = first.ports;
    const reason = await refusalIn(dataDir, { client, peer: await freePort() });
    expect(reason).toBe(
      `cannot listen on http://127.0.0.1:${client}: the address is in use: ` +
        "stop the process that has it, or choose another one",
    );
    expect(existsSync(dataDir)).toBe(false);
  });

  test("another process has the data directory, and that one goes on", async () => {
    const dataDir = freshDataDir();
    const first = await startIn(dataDir);
    const client = clientOf(first);
    await put(client, "before");
    expect(await refusalIn(dataDir)).toBe(
      `data directory ${dataDir}/member is in use by process ${first.pid}; ` +
        "stop that process, or start this one with another --data-dir",
    );
    await put(client, "after");
    expect(await storedKeys(client)).toEqual(new Set(["before", "after"]));
  });

  test("a file stands in the place of the data directory", async () => {
    const path = join(tempDir(), "file");
    writeFileSync(path, "mine");
    expect(await refusalIn(path)).toBe(`${path} is not a directory; give --data-dir another path`);
    expect(readFileSync(path, "utf8")).toBe("mine");
  });

  // The superuser may write everywhere, so that there is nothing to refuse.
  test.skipIf(isRoot)("the data directory cannot be written", async () => {
    const dataDir = tempDir();
    chmodSync(dataDir, 0o500);
    expect(await refusalIn(dataDir)).toBe(
      `cannot write into ${dataDir}/member (EACCES); make it writable for this user or give ` +
        "--data-dir another directory",
    );
  });

  test("a database of Go etcd without its log, which stays as it was", async () => {
    const dataDir = tempDir();
    const db = join(dataDir, "member/snap/db");
    mkdirSync(join(dataDir, "member/snap"), { recursive: true });
    writeFileSync(db, "bolt");
    expect(await refusalIn(dataDir)).toBe(
      `data directory ${dataDir} holds a database of Go etcd but no log in ` +
        `${join(dataDir, "member/wal")}; give --wal-dir as it was given to Go etcd, or restore ` +
        "the data directory from a snapshot",
    );
    expect(filesOf(join(dataDir, "member/snap"))).toEqual(
      new Map([["db", Buffer.from("bolt").toString("hex")]]),
    );
  });

  test("a byte of the log is not what was written, and the log stays as it is", async () => {
    const dataDir = await usedDataDir();
    const { path, offset } = lastRecordOf(dataDir);
    const bytes = readFileSync(path);
    const at = offset >> 1;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
    writeFileSync(path, bytes);
    const before = filesOf(walDirectory(dataDir));
    const reason = await refusalIn(dataDir);
    expect(reason).toMatch(/^wal: .* at offset \d+ \(record \d+\): /);
    expect(reason).toContain(path);
    expect(reason).toContain("check the disk, then restore this file from a copy");
    expect(filesOf(walDirectory(dataDir))).toEqual(before);
  });

  test("the store is gone and the log does not reach back to its beginning", async () => {
    const dataDir = await usedDataDir(withSnapshots, snapshotSaved);
    rmSync(join(storeFile(dataDir), ".."), { recursive: true });
    const before = filesOf(walDirectory(dataDir));
    const reason = await refusalIn(dataDir);
    expect(reason).toMatch(/ends at entry 0, but the log in .* starts after entry \d+; /);
    expect(reason).toMatch(/restore both from the same backup$/);
    expect(filesOf(walDirectory(dataDir))).toEqual(before);
  });

  test("the store is newer than the log", async () => {
    const dataDir = await usedDataDir();
    const wal = walDirectory(dataDir);
    const older = join(tempDir(), "wal");
    cpSync(wal, older, { recursive: true });
    const server = await startIn(dataDir);
    await putMany(clientOf(server), "more", PUTS);
    await server.kill("SIGTERM");
    rmSync(wal, { recursive: true });
    cpSync(older, wal, { recursive: true });
    const reason = await refusalIn(dataDir);
    expect(reason).toMatch(
      /has applied entry \d+, but the log in .* ends at entry \d+; the log was/,
    );
    expect(reason).toMatch(/lost or replaced: restore both from the same backup$/);
  });

  test("the log is gone and the store is not", async () => {
    const dataDir = await usedDataDir();
    rmSync(walDirectory(dataDir), { recursive: true });
    expect(await refusalIn(dataDir)).toBe(
      `data directory ${dataDir} holds a store but no log in ${walDirectory(dataDir)}; ` +
        "restore the log or start with an empty data directory",
    );
    expect(existsSync(walDirectory(dataDir))).toBe(false);
  });

  test("the store is no store, or cut off", async () => {
    const dataDir = await usedDataDir();
    const path = storeFile(dataDir);
    truncateSync(path, 8192);
    expect(await refusalIn(dataDir)).toMatch(
      /^the store .*data\.mdb is damaged: page \d+: is beyond the end of the file, .* 8192 bytes; /,
    );
    writeFileSync(path, "not an LMDB file ".repeat(1000));
    expect(await refusalIn(dataDir)).toBe(
      `the store ${path} is damaged: page 0: does not begin a store of this program; restore the ` +
        `whole data directory from a copy or a snapshot (etcdx util check --data-dir ${dataDir} ` +
        "lists all that is wrong)",
    );
    expect(readFileSync(path, "latin1")).toMatch(/^not an LMDB file/);
  });

  test("it was restored as one of several members, and then nothing is changed", async () => {
    const dataDir = freshDataDir();
    const names = ["m1", "m2", "m3"];
    const urls = await Promise.all(names.map(async () => `http://127.0.0.1:${await freePort()}`));
    const request: RestoreRequest = {
      snapshot: join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db"),
      ...{ dataDir, walDir: "", format: "etcdx", name: "m1", token: "t" },
      initialCluster: names.map((name, at) => `${name}=${urls[at]}`).join(),
      advertisePeerUrls: urls[0] ?? "",
      ...{ skipsHashCheck: false, bumpRevision: 0 },
    };
    const outside = { report: () => {}, note: () => {}, signal: new AbortController().signal };
    await restoreSnapshot(new NodeDisk(), request, await restoredMembers(request), outside);
    const directories = [walDirectory(dataDir), dirname(storeFile(dataDir))];
    const before = directories.map(filesOf);
    expect(await refusalIn(dataDir)).toBe(
      `data directory ${dataDir} is that of a cluster of 3 members, which is not supported yet; ` +
        "start a release of etcdx that has it, or make a directory for Go etcd with etcdx util " +
        `export --data-dir ${dataDir} --to <directory>`,
    );
    expect(directories.map(filesOf)).toEqual(before);
  });

  test("a later version of the program has laid out the store, which stays as it was", async () => {
    const dataDir = freshDataDir();
    const store = dirname(storeFile(dataDir));
    mkdirSync(store, { recursive: true });
    await new LmdbEnvironment(store, 2).close();
    const before = readFileSync(storeFile(dataDir));
    expect(await refusalIn(dataDir)).toBe(
      `the store ${storeFile(dataDir)} is of a later version: it has layout 2, and this version ` +
        "knows none after 1: start the version that wrote it, or a later one",
    );
    // The pages of the rows; the package notes in the first ones which state is flushed.
    expect(readFileSync(storeFile(dataDir)).subarray(8192)).toEqual(before.subarray(8192));
  });

  test.skipIf(isRoot)("the store may not be read", async () => {
    const dataDir = await usedDataDir();
    const path = storeFile(dataDir);
    chmodSync(path, 0);
    expect(await refusalIn(dataDir)).toContain(path);
  });
});

describe("a start goes on with everything when", () => {
  test("a crash has torn the record that was being written", async () => {
    const dataDir = await usedDataDir();
    const { path, offset } = lastRecordOf(dataDir);
    const bytes = readFileSync(path);
    const frame = bytes.subarray(offset);
    // The beginning of one more record, as long as the last one, and then the end of the file.
    const length = 8 + Number(frame.readBigUInt64LE(0) & 0xff_ffff_ffff_ffffn);
    const end = offset + Math.ceil(length / 8) * 8;
    frame.copy(bytes, end, 0, length - 4);
    writeFileSync(path, bytes);
    truncateSync(path, end + length - 4);
    const server = await startIn(dataDir);
    await expectAllKeys(server);
    const repair = server.log.split("\n").find((line) => line.includes("repaired the end"));
    expect(JSON.parse(repair ?? "{}")).toMatchObject({
      level: "warn",
      msg: "repaired the end of the log, torn by a crash",
      file: path,
      backup: `${path}.broken`,
      offset: end,
    });
    expect(statSync(`${path}.broken`).size).toBe(end + length - 4);
    await put(clientOf(server), "goes on");
  });

  test("the store is gone and the log begins at the beginning", async () => {
    const dataDir = await usedDataDir();
    rmSync(join(storeFile(dataDir), ".."), { recursive: true });
    await expectAllKeys(await startIn(dataDir));
  });

  test("it has recorded snapshots", async () => {
    const dataDir = await usedDataDir(withSnapshots, snapshotSaved);
    await expectAllKeys(await startIn(dataDir));
  });
});

test("nobody else may read the data", async () => {
  const dataDir = await usedDataDir();
  const store = join(storeFile(dataDir), "..");
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
  const directories = [dataDir, join(dataDir, "member"), walDirectory(dataDir), store];
  expect(directories.map(mode)).toEqual(["700", "700", "700", "700"]);
  expect([...filesOf(store).keys()].map((name) => mode(join(store, name)))).toEqual(["600", "600"]);
  const segments = [...filesOf(walDirectory(dataDir)).keys()].filter((n) => n.endsWith(".wal"));
  for (const name of segments) expect(mode(join(walDirectory(dataDir), name))).toBe("600");
});
