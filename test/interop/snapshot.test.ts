// SPDX-License-Identifier: Apache-2.0
//
// Snapshots of our server, taken by genuine etcdctl while writes go on, and what genuine etcdutl and
// etcd make of them.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KVService, LeaseService, MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { freePort } from "../harness/free-port.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import { etcdxCommand, genuineCommand } from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";
import { foreignEtcdctls } from "./etcdctl-process.ts";
import { genuineEtcdutl, runEtcdutl } from "./etcdutl-process.ts";

const etcdx = etcdxCommand();
const etcd = genuineCommand();
const etcdutl = genuineEtcdutl();
const etcdctls = foreignEtcdctls();
if (etcd === undefined) console.log("snapshot: genuine etcd 3.7.1 is missing, left out");

const everything = { key: new Uint8Array(1), rangeEnd: new Uint8Array(1) };
const lease = 77n;

function save(program: string, endpoint: string, path: string): Promise<number | null> {
  const words = ["--endpoints", endpoint, "snapshot", "save", path];
  const child = spawn(program, words, {
    stdio: "ignore",
    env: { ...process.env, ETCDCTL_API: "3" },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Puts until told to stop; gives the revisions and keys of all of them. */
async function writer(client: GrpcClient, isOver: () => boolean): Promise<Map<string, number>> {
  const written = new Map<string, number>();
  for (let at = 0; !isOver(); at++) {
    const key = `under-load/${at}`;
    const value = Buffer.alloc(2000, at % 256);
    const { header } = await client.unary(KVService.put, { key: Buffer.from(key), value });
    written.set(key, header?.revision ?? 0);
  }
  return written;
}

async function contents(server: ServerProcess, revision: number): Promise<unknown> {
  const client = new GrpcClient(server.endpoint);
  try {
    const { kvs } = await client.unary(KVService.range, { ...everything, revision });
    const { hash } = await client.unary(MaintenanceService.hashKV, { revision });
    const { keys } = await client.unary(LeaseService.leaseTimeToLive, { ID: lease, keys: true });
    // Etcd gives the keys of a lease in any order.
    return { kvs, hash, keys: keys.map(String).sort() };
  } finally {
    client.close();
  }
}

test.runIf(etcdx !== undefined && etcd !== undefined && etcdutl !== undefined).each(etcdctls)(
  "$name saves a snapshot under load that genuine etcd restores",
  async (program) => {
    if (etcdx === undefined || etcd === undefined || etcdutl === undefined) return;
    const server = await ServerProcess.start(etcdx);
    const client = new GrpcClient(server.endpoint);
    const dir = tempDir();
    const path = join(dir, "snapshot.db");
    try {
      await client.unary(LeaseService.leaseGrant, { ID: lease, TTL: 3600 });
      for (let at = 0; at < 500; at++) {
        const value = Buffer.alloc((at * 97) % 5000, 0x62);
        const key = Buffer.from(`key/${at % 90}`);
        await client.unary(KVService.put, { key, value, lease: at % 9 === 0 ? lease : 0n });
      }
      let isOver = false;
      const writing = writer(client, () => isOver);
      const status = await save(program.path, server.endpoint, path);
      isOver = true;
      const written = await writing;
      expect(status).toBe(0);
      const { stdout } = runEtcdutl(etcdutl, ["snapshot", "status", path, "-w=json"]);
      const { revision }: { revision: number } = JSON.parse(stdout);
      expect([...written.values()].length).toBeGreaterThan(0);
      const expected = await contents(server, revision);

      const [port, peer] = [await freePort(), await freePort()];
      const restored = join(dir, "restored");
      const url = `http://127.0.0.1:${peer}`;
      const outcome = runEtcdutl(etcdutl, [
        ...["snapshot", "restore", path, "--data-dir", restored, "--name=m1"],
        ...[`--initial-cluster=m1=${url}`, `--initial-advertise-peer-urls=${url}`],
      ]);
      expect(outcome.status, outcome.stderr).toBe(0);
      const ports = { client: port, peer };
      const genuine = await ServerProcess.start(etcd, { dataDir: restored, ports });
      expect(await contents(genuine, revision)).toEqual(expected);
      await genuine.kill("SIGTERM");
      // And back: the directory that genuine etcd has run on is ours again.
      const ours = await ServerProcess.start(etcdx, { dataDir: restored, ports });
      expect(await contents(ours, revision)).toEqual(expected);
      await ours.kill("SIGTERM");
    } finally {
      client.close();
      await server.dispose();
    }
  },
);
