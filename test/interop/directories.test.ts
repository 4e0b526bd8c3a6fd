// SPDX-License-Identifier: Apache-2.0
//
// Data directories made of snapshots and of our own members, and who goes on with them: snapshots
// of genuine etcd restored by us and served by either, ours restored by genuine etcdutl, a
// directory taken over and given back.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KVService, MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { freePort } from "../harness/free-port.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { etcdxCommand, genuineCommand, type ServerCommand } from "../harness/server-command.ts";
import { type Ports, ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineEtcdutl, runEtcdutl } from "./etcdutl-process.ts";
import { runEtcdx } from "./etcdx-process.ts";
import { fill, put, visibleState } from "./visible-state.ts";

const etcdx = etcdxCommand();
const etcd = genuineCommand();
const etcdutl = genuineEtcdutl() ?? "";
/** A step of CI takes all; `npm test` leaves directories to `takeover.test.ts`. */
const isHere = isThorough && etcdx !== undefined && etcd !== undefined && etcdutl !== "";
if (!isHere) console.log("directories: not thorough, or genuine etcd 3.7.1 is missing; left out");

/** Each starts a handful of servers and programs. */
const TIMEOUT_MS = 120_000;

const ours = etcdx as ServerCommand;
const genuine = etcd as ServerCommand;

async function run(...words: string[]): Promise<void> {
  const { status, stderr } = await runEtcdx(words);
  expect(status, stderr).toBe(0);
}

async function freePorts(): Promise<Ports> {
  return { client: await freePort(), peer: await freePort() };
}

function restoreWords(snapshot: string, dataDir: string, { peer }: Ports): string[] {
  const url = `http://127.0.0.1:${peer}`;
  return [
    ...["snapshot", "restore", snapshot, "--data-dir", dataDir, "--name=m1"],
    ...[`--initial-cluster=m1=${url}`, `--initial-advertise-peer-urls=${url}`],
  ];
}

/** What a server makes of a data directory: everything a client sees, and a write on top. */
async function servedState(
  command: ServerCommand,
  dataDir: string,
  ports: Ports,
  revision: number,
): Promise<unknown> {
  const server = await ServerProcess.start(command, { dataDir, ports });
  try {
    const before = await visibleState(server, revision);
    await put(server, "after the restore");
    return { before, after: await visibleState(server, revision) };
  } finally {
    await server.kill("SIGTERM");
  }
}

test.runIf(isHere)(
  "a snapshot of genuine etcd is restored for us and for genuine etcd, with equal answers",
  async () => {
    const dir = tempDir();
    const snapshot = join(dir, "theirs.db");
    const server = await ServerProcess.start(genuine);
    const revision = await fill(server);
    await run("ctl", "--endpoints", server.endpoint, "snapshot", "save", snapshot);
    await server.dispose();

    const ports = await freePorts();
    const places = ["genuine", "go", "etcdx"].map((name) => join(dir, name));
    const [theirs = "", go = "", own = ""] = places;
    const { status, stderr } = runEtcdutl(etcdutl, restoreWords(snapshot, theirs, ports));
    expect(status, stderr).toBe(0);
    await run("util", ...restoreWords(snapshot, go, ports), "--format=go");
    await run("util", ...restoreWords(snapshot, own, ports));
    const expected = await servedState(genuine, theirs, ports, revision);
    expect(await servedState(genuine, go, ports, revision)).toEqual(expected);
    expect(await servedState(ours, own, ports, revision)).toEqual(expected);
  },
  TIMEOUT_MS,
);

test.runIf(isHere)(
  "a snapshot of ours is restored by genuine etcdutl and by us, with equal answers",
  async () => {
    const dir = tempDir();
    const snapshot = join(dir, "ours.db");
    const server = await ServerProcess.start(ours);
    const revision = await fill(server);
    await run("ctl", "--endpoints", server.endpoint, "snapshot", "save", snapshot);
    await server.dispose();

    const ports = await freePorts();
    const [theirs, own] = [join(dir, "theirs"), join(dir, "own")];
    const { status, stderr } = runEtcdutl(etcdutl, restoreWords(snapshot, theirs, ports));
    expect(status, stderr).toBe(0);
    await run("util", ...restoreWords(snapshot, own, ports), "--wal-dir", join(dir, "log"));
    const expected = await servedState(genuine, theirs, ports, revision);
    const args = { dataDir: own, ports, args: ["--wal-dir", join(dir, "log")] };
    const restored = await ServerProcess.start(ours, args);
    const before = await visibleState(restored, revision);
    await put(restored, "after the restore");
    const after = await visibleState(restored, revision);
    expect({ before, after }).toEqual(expected);
    await restored.kill("SIGTERM");
  },
  TIMEOUT_MS,
);

/** What watchers and readers of before the restore are told behind a raised revision. */
async function raisedState(
  command: ServerCommand,
  dataDir: string,
  ports: Ports,
): Promise<unknown> {
  const server = await ServerProcess.start(command, { dataDir, ports });
  const client = new GrpcClient(server.endpoint);
  try {
    const everything = { key: new Uint8Array(1), rangeEnd: new Uint8Array(1) };
    const { kvs, header } = await client.unary(KVService.range, everything);
    const raised = header?.revision ?? 0;
    const old = await Promise.all(
      [raised - 1, raised, raised + 1, 5].map((revision) =>
        client.unary(KVService.range, { ...everything, revision }).then(
          (answer) => answer.kvs.length,
          (error: unknown) => String(error),
        ),
      ),
    );
    await put(server, "above the raised revision");
    const hash = await client.unary(MaintenanceService.hashKV, {});
    return { kvs, raised, old, hash: hash.hash, compacted: hash.compactRevision };
  } finally {
    client.close();
    await server.kill("SIGTERM");
  }
}

test.runIf(isHere)(
  "a raised revision behaves as after genuine etcdutl",
  async () => {
    const dir = tempDir();
    const snapshot = join(import.meta.dirname, "../fixtures/etcd-3.7.1/snapshot.db");
    const ports = await freePorts();
    const raise = ["--bump-revision=1000000", "--mark-compacted"];
    const [theirs, go, own] = [join(dir, "theirs"), join(dir, "go"), join(dir, "own")];
    const { status, stderr } = runEtcdutl(etcdutl, [
      ...restoreWords(snapshot, theirs, ports),
      ...raise,
    ]);
    expect(status, stderr).toBe(0);
    await run("util", ...restoreWords(snapshot, go, ports), ...raise, "--format=go");
    await run("util", ...restoreWords(snapshot, own, ports), ...raise);
    const expected = await raisedState(genuine, theirs, ports);
    expect(await raisedState(genuine, go, ports)).toEqual(expected);
    expect(await raisedState(ours, own, ports)).toEqual(expected);
  },
  TIMEOUT_MS,
);

const endings = [
  { signal: "SIGTERM", flag: "", version: "3.6" },
  { signal: "SIGTERM", flag: "--snapshot-count=50", version: "3.7" },
  { signal: "SIGKILL", flag: "", version: "3.7" },
  { signal: "SIGKILL", flag: "--snapshot-count=50", version: "3.7" },
] as const;

test.runIf(isHere).for(endings)(
  "taken over, ended by $signal ($flag), exported for $version: genuine etcd has all of it",
  { timeout: TIMEOUT_MS },
  async ({ signal, flag, version }) => {
    const dataDir = tempDir();
    const args = flag === "" ? [] : [flag];
    const before = await ServerProcess.start(genuine, { dataDir, args });
    const { ports } = before;
    const revision = await fill(before);
    const first = await visibleState(before, revision);
    await before.kill("SIGTERM");

    const taken = await ServerProcess.start(ours, { dataDir, ports, args });
    expect(await visibleState(taken, revision)).toEqual(first);
    for (let at = 0; at < 120; at++) await put(taken, `ours/${at % 30}`);
    const expected = await visibleState(taken, revision);
    await taken.kill(signal);

    const back = join(tempDir(), "back");
    const words = ["util", "export", "--data-dir", dataDir, "--to", back];
    await run(...words, `--storage-version=${version}`);
    expect(readdirSync(join(back, "member/snap"))).toContain("db");
    const given = await ServerProcess.start(genuine, { dataDir: back, ports, args });
    expect(await visibleState(given, revision)).toEqual(expected);
    await put(given, "theirs again");
    const last = await visibleState(given, revision);
    await given.kill("SIGTERM");

    const again = await ServerProcess.start(ours, { dataDir: back, ports, args });
    expect(await visibleState(again, revision)).toEqual(last);
    await again.kill("SIGTERM");
  },
);
