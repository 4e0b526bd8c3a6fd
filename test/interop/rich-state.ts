// SPDX-License-Identifier: Apache-2.0

import {
  AuthService,
  KVService,
  LeaseService,
  MaintenanceService,
} from "../../src/api/gen/etcdserverpb.ts";
import { GrpcClient } from "../harness/grpc-client.ts";
import type { ServerProcess } from "../harness/server-process.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Keys that are hard to print. */
const KEYS = ["\u0000", "\u00ff\u00fe", 'a "quoted"\\key', "\u00c3\u00bc", "tab\there\n", "plain"];

/** Leases whose time is fixed by the test that uses them, in seconds. */
export const LEASE_TTLS: ReadonlyMap<bigint, number> = new Map([
  [7n, 3600],
  [0x7fff_ffff_ffff_fff1n, 100_000],
]);

/** Users, roles of every kind, leases with keys, keys that are hard to print, deletions. */
export async function fillRich(server: ServerProcess): Promise<void> {
  const client = new GrpcClient(server.endpoint);
  try {
    for (const [ID, TTL] of LEASE_TTLS) await client.unary(LeaseService.leaseGrant, { ID, TTL });
    for (const [at, key] of KEYS.entries()) {
      const lease = at % 2 === 0 ? 7n : 0n;
      const put = { key: bytes(key), value: bytes(`${key}=${"v".repeat(at * 900)}`), lease };
      await client.unary(KVService.put, put);
      await client.unary(KVService.put, { ...put, value: bytes("") });
    }
    await client.unary(KVService.deleteRange, { key: bytes("plain") });
    const { header } = await client.unary(KVService.put, { key: bytes("last"), value: bytes("1") });
    const revision = (header?.revision ?? 0) - 3;
    await client.unary(KVService.compact, { revision, physical: true });
    await fillAuth(client);
  } finally {
    client.close();
  }
}

async function fillAuth(client: GrpcClient): Promise<void> {
  for (const name of ["root", "reader", "writer"]) {
    await client.unary(AuthService.roleAdd, { name });
  }
  const permissions = [
    { name: "reader", perm: { permType: 0, key: bytes("a"), rangeEnd: bytes("b") } },
    {
      name: "reader",
      perm: { permType: 0, key: bytes("\u00ff\u0001'\""), rangeEnd: bytes("\u0000") },
    },
    { name: "writer", perm: { permType: 1, key: bytes("\u00c3\u00bc"), rangeEnd: bytes("") } },
    { name: "writer", perm: { permType: 2, key: bytes("\u0000"), rangeEnd: bytes("\u0000") } },
  ] as const;
  for (const permission of permissions) {
    await client.unary(AuthService.roleGrantPermission, permission);
  }
  await client.unary(AuthService.userAdd, { name: "root", password: "secret" });
  await client.unary(AuthService.userAdd, { name: "ann\t\u00fc", password: "another" });
  await client.unary(AuthService.userAdd, { name: "cn", options: { noPassword: true } });
  for (const [user, role] of [
    ["root", "root"],
    ["ann\t\u00fc", "writer"],
    ["ann\t\u00fc", "reader"],
  ] as const) {
    await client.unary(AuthService.userGrantRole, { user, role });
  }
}

/** Users, roles and what is left of leases, as the operators see them; `hash` is over all buckets. */
export async function richState(server: ServerProcess): Promise<{
  readonly state: Readonly<Record<string, unknown>>;
  readonly secondsLeft: readonly number[];
}> {
  const client = new GrpcClient(server.endpoint);
  try {
    const { users } = await client.unary(AuthService.userList, {});
    const { roles } = await client.unary(AuthService.roleList, {});
    const granted = [];
    for (const name of users) granted.push(await client.unary(AuthService.userGet, { name }));
    const allowed = [];
    for (const role of roles) allowed.push(await client.unary(AuthService.roleGet, { role }));
    const held = [];
    const secondsLeft = [];
    for (const ID of LEASE_TTLS.keys()) {
      const lease = await client.unary(LeaseService.leaseTimeToLive, { ID, keys: true });
      held.push({ ID, granted: lease.grantedTTL, keys: lease.keys.map(String).sort() });
      secondsLeft.push(lease.TTL);
    }
    const { enabled, authRevision } = await client.unary(AuthService.authStatus, {});
    const { hash, compactRevision } = await client.unary(MaintenanceService.hashKV, {});
    const { hash: whole } = await client.unary(MaintenanceService.hash, {});
    const state = {
      ...{ users, roles, held, enabled, authRevision, hash, compactRevision, whole },
      granted: granted.map(({ roles: names }) => names),
      allowed: allowed.map(({ perm }) => perm),
    };
    return { state, secondsLeft };
  } finally {
    client.close();
  }
}
