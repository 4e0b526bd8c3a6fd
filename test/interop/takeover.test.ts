// SPDX-License-Identifier: Apache-2.0
//
// Data directories of genuine etcd, stopped or killed, that our server goes on with in place.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
} from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import {
  distributionCommand,
  etcdxCommand,
  genuineCommand,
  type ServerCommand,
} from "../harness/server-command.ts";
import { ServerProcess } from "../harness/server-process.ts";
import { tempDir } from "../harness/temp-dir.ts";

const etcdx = etcdxCommand();
const programs = [genuineCommand(), distributionCommand()].filter((each) => each !== undefined);
const isHere = etcdx !== undefined && programs.length > 0;
if (!isHere) console.log("takeover: no genuine etcd here, left out");

const everything = { key: new Uint8Array(1), rangeEnd: new Uint8Array(1) };
const bytes = (text: string): Uint8Array => Buffer.from(text);
const lease = 0x1234_5678_9abcn;

/** What a client can see, whoever serves it. */
async function visibleState(server: ServerProcess, revision: number): Promise<unknown> {
  const client = new GrpcClient(server.endpoint);
  try {
    const { kvs, count, header } = await client.unary(KVService.range, everything);
    const old = await client.unary(KVService.range, { ...everything, revision });
    const compacted = await client
      .unary(KVService.range, { ...everything, revision: revision - 1 })
      .then(String, String);
    const hash = await client.unary(MaintenanceService.hashKV, {});
    const { leases } = await client.unary(LeaseService.leaseLeases, {});
    const held = await client.unary(LeaseService.leaseTimeToLive, { ID: lease, keys: true });
    const { members } = await client.unary(ClusterService.memberList, {});
    return {
      pairs: kvs,
      count,
      old: old.kvs,
      compacted,
      revision: header?.revision,
      cluster: header?.clusterId,
      member: header?.memberId,
      hash: { hash: hash.hash, compacted: hash.compactRevision },
      leases,
      // Etcd gives them in any order.
      held: { keys: held.keys.map(String).sort(), granted: held.grantedTTL },
      members,
    };
  } finally {
    client.close();
  }
}

/** Puts, deletes, a compaction, a lease with keys; gives the revision compacted to. */
async function fill(server: ServerProcess): Promise<number> {
  const client = new GrpcClient(server.endpoint);
  try {
    await client.unary(LeaseService.leaseGrant, { ID: lease, TTL: 3600 });
    for (let at = 0; at < 300; at++) {
      const key = bytes(`key/${at % 70}`);
      if (at % 11 === 7) await client.unary(KVService.deleteRange, { key });
      else {
        const value = bytes("v".repeat((at * 37) % 3000));
        await client.unary(KVService.put, { key, value, lease: at % 5 === 0 ? lease : 0n });
      }
      if (at === 200) {
        const answer = await client.unary(KVService.put, { key: bytes("here"), value: bytes("1") });
        const revision = answer.header?.revision ?? 0;
        await client.unary(KVService.compact, { revision, physical: true });
      }
    }
    const { header } = await client.unary(KVService.range, { key: bytes("here") });
    const revision = (header?.revision ?? 0) - 20;
    await client.unary(KVService.compact, { revision, physical: true });
    return revision;
  } finally {
    client.close();
  }
}

async function put(server: ServerProcess, key: string): Promise<void> {
  const client = new GrpcClient(server.endpoint);
  await client.unary(KVService.put, { key: bytes(key), value: bytes("after") });
  client.close();
}

const cases = programs.flatMap((program) =>
  (["SIGTERM", "SIGKILL"] as const).flatMap((signal) =>
    [undefined, "--snapshot-count=50"].map((flag) => ({ program, signal, flag })),
  ),
);

test.runIf(isHere).for(cases)(
  "$program.name ended by $signal ($flag) is taken over with all it had",
  async ({ program, signal, flag }: (typeof cases)[number]) => {
    const dataDir = tempDir();
    const args = flag === undefined ? [] : [flag];
    const before = await ServerProcess.start(program, { dataDir, args });
    const { ports } = before;
    const revision = await fill(before);
    const expected = await visibleState(before, revision);
    await before.kill(signal);
    // What a crash in the middle of an earlier attempt leaves behind.
    const snap = join(dataDir, "member/snap");
    mkdirSync(join(snap, "store.lmdb.importing"));
    writeFileSync(join(snap, "store.lmdb.importing/data.mdb"), "half of a store");

    const ours = await start(dataDir, ports);
    expect(await visibleState(ours, revision)).toEqual(expected);
    expect(readdirSync(snap)).toContain("db.imported");
    expect(existsSync(join(snap, "db"))).toBe(false);
    await put(ours, "ours");
    const changed = await visibleState(ours, revision);
    await ours.kill("SIGKILL");

    const again = await start(dataDir, ports);
    expect(await visibleState(again, revision)).toEqual(changed);
    await again.kill("SIGTERM");
  },
);

async function start(dataDir: string, ports: ServerProcess["ports"]): Promise<ServerProcess> {
  return ServerProcess.start(etcdx as ServerCommand, { dataDir, ports });
}
