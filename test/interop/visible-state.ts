// SPDX-License-Identifier: Apache-2.0

import {
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
} from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import type { ServerProcess } from "../harness/server-process.ts";

const everything = { key: new Uint8Array(1), rangeEnd: new Uint8Array(1) };
const bytes = (text: string): Uint8Array => Buffer.from(text);
const lease = 0x1234_5678_9abcn;

/** What a client can see, whoever serves it. */
export async function visibleState(
  server: ServerProcess,
  revision: number,
): Promise<Readonly<Record<string, unknown>>> {
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
      leases: leases.map(({ ID }) => ID).sort(),
      // Etcd gives them in any order.
      held: { keys: held.keys.map(String).sort(), granted: held.grantedTTL },
      members,
    };
  } finally {
    client.close();
  }
}

/** Puts, deletes, compactions, a lease with keys; gives the revision compacted to. */
export async function fill(server: ServerProcess): Promise<number> {
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

/** One put more. */
export async function put(server: ServerProcess, key: string): Promise<void> {
  const client = new GrpcClient(server.endpoint);
  await client.unary(KVService.put, { key: bytes(key), value: bytes("after") });
  client.close();
}
