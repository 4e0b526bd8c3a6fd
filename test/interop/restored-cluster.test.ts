// SPDX-License-Identifier: Apache-2.0
//
// A cluster of three, with authentication enabled, restored member by member into directories of
// ours, which no server of this version serves, and exported: genuine etcd forms the cluster of
// them, with the IDs that genuine etcdutl gives it, and knows its users.

import { join } from "node:path";
import { expect, test } from "vitest";
import { AuthService, ClusterService, MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { readLog } from "../../src/core/wal/index.ts";
import { dataPaths, decodeMetadata } from "../../src/member/index.ts";
import { checkDirectory } from "../../src/offline/index.ts";
import { NodeDisk } from "../../src/platform/node-disk.ts";
import { freePort } from "../harness/free-port.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { genuineCommand, type ServerCommand } from "../harness/server-command.ts";
import { type Ports, ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { isThorough } from "../harness/thorough.ts";
import { genuineEtcdutl, genuineProgram, runEtcdutl } from "./etcdutl-process.ts";
import { runEtcdx } from "./etcdx-process.ts";
import { fillRich } from "./rich-state.ts";
import { fill } from "./visible-state.ts";

const etcd = genuineCommand();
const etcdutl = genuineEtcdutl() ?? "";
const etcdctl = genuineProgram("etcdctl") ?? "";
const isHere = isThorough && etcd !== undefined && etcdutl !== "" && etcdctl !== "";
if (!isHere) console.log("restored-cluster: not thorough, or genuine etcd is missing; left out");

const genuine = etcd as ServerCommand;
const disk = new NodeDisk();
const TIMEOUT_MS = 180_000;
const ROOT = { name: "root", password: "secret" };

async function run(...words: string[]): Promise<void> {
  const { status, stderr } = await runEtcdx(words);
  expect(status, stderr).toBe(0);
}

/** A snapshot of genuine etcd with users, and its HashKV. */
async function protectedSnapshot(path: string): Promise<number> {
  const server = await ServerProcess.start(genuine);
  const client = new GrpcClient(server.endpoint);
  try {
    await fillRich(server);
    await fill(server);
    const { hash } = await client.unary(MaintenanceService.hashKV, {});
    await client.unary(AuthService.authEnable, {});
    const user = `${ROOT.name}:${ROOT.password}`;
    const words = ["--endpoints", server.endpoint, "--user", user, "snapshot", "save", path];
    const { status, stderr } = runEtcdutl(etcdctl, words);
    expect(status, stderr).toBe(0);
    return hash;
  } finally {
    client.close();
    await server.dispose();
  }
}

interface Place {
  readonly name: string;
  readonly ports: Ports;
  readonly url: string;
}

async function placeOf(name: string): Promise<Place> {
  const ports = { client: await freePort(), peer: await freePort() };
  return { name, ports, url: `http://127.0.0.1:${ports.peer}` };
}

function clusterFlags({ name, url }: Place, all: readonly Place[]): string[] {
  const cluster = all.map((place) => `${place.name}=${place.url}`).join();
  return [
    `--name=${name}`,
    `--initial-cluster=${cluster}`,
    `--initial-advertise-peer-urls=${url}`,
    "--initial-cluster-token=three",
  ];
}

function identityIn(dataDir: string): unknown {
  const { metadata } = readLog(disk, dataPaths(dataDir, undefined).wal, { index: 3, term: 1 });
  return decodeMetadata(metadata ?? new Uint8Array(0));
}

/** What a user of the cluster is told by one of its members. */
async function stateOf(server: ServerProcess): Promise<unknown> {
  const client = new GrpcClient(server.endpoint);
  try {
    const { token } = await client.unary(AuthService.authenticate, ROOT);
    const call = { metadata: { token } };
    const { users } = await client.unary(AuthService.userList, {}, call);
    const { members } = await client.unary(ClusterService.memberList, {}, call);
    const { hash } = await client.unary(MaintenanceService.hashKV, {}, call);
    return { users, members: members.map(({ name, peerURLs }) => [name, peerURLs]), hash };
  } finally {
    client.close();
  }
}

test.runIf(isHere)(
  "three members with users, restored and exported, are a cluster of genuine etcd",
  async () => {
    const dir = tempDir();
    const snapshot = join(dir, "s.db");
    const hash = await protectedSnapshot(snapshot);
    const places = await Promise.all(["a", "b", "c"].map(placeOf));
    for (const place of places) {
      const at = (kind: string): string => join(dir, `${place.name}.${kind}`);
      const words = ["snapshot", "restore", snapshot, ...clusterFlags(place, places)];
      await run("util", ...words, "--data-dir", at("own"));
      const { status, stderr } = runEtcdutl(etcdutl, [...words, "--data-dir", at("genuine")]);
      expect(status, stderr).toBe(0);
      expect(identityIn(at("own"))).toEqual(identityIn(at("genuine")));
      const { findings } = await checkDirectory({ disk, dataDir: at("own"), walDir: "" });
      expect(findings.list).toEqual([]);
      await run("util", "export", "--data-dir", at("own"), "--to", at("exported"));
    }
    const servers = await Promise.all(
      places.map((place) => {
        const dataDir = join(dir, `${place.name}.exported`);
        const args = [...clusterFlags(place, places), "--log-level=info"];
        return ServerProcess.begin(genuine, { dataDir, ports: place.ports, args });
      }),
    );
    try {
      // They say so when they have found a leader; who asks without a name is told nothing.
      for (const server of servers) await server.logged("ready to serve client requests");
      const members = places.map(({ name, url }) => [name, [url]]);
      for (const server of servers) {
        expect(await stateOf(server)).toEqual({
          users: expect.arrayContaining(["root"]),
          members: expect.arrayContaining(members),
          hash,
        });
      }
    } finally {
      for (const server of servers) await server.dispose();
    }
  },
  TIMEOUT_MS,
);
