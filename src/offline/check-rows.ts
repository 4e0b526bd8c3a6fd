// SPDX-License-Identifier: Apache-2.0

import { Role, User } from "../api/gen/authpb.ts";
import { AlarmMember } from "../api/gen/etcdserverpb.ts";
import { Lease } from "../api/gen/leasepb.ts";
import { compareBytes } from "../base/bytes.ts";
import { WireError } from "../base/wire-reader.ts";
import type { EtcdTable } from "../core/backend/index.ts";
import type { StoreRows } from "./check-store.ts";
import { type Findings, REMEDY_RESTORE } from "./finding.ts";

/** Says what is wrong with a row; undefined when it is as it should be. May throw `WireError`. */
type RowRule = (key: Uint8Array, value: Uint8Array) => string | undefined;

/** Checks the rows of leases, users, roles and alarms; gives the IDs of the leases. */
export function checkRows(store: StoreRows, findings: Findings): ReadonlySet<bigint> {
  const leases = new Set<bigint>();
  const roles = new Set<string>();
  const users = new Map<string, readonly string[]>();
  eachRow(store, findings, "lease", (key, value) => checkLease(key, value, leases));
  eachRow(store, findings, "authRoles", (key, value) => checkRole(key, value, roles));
  eachRow(store, findings, "authUsers", (key, value) => checkUser(key, value, users));
  eachRow(store, findings, "alarm", (key) => {
    const { memberID, alarm } = AlarmMember.decode(key);
    return memberID === 0n || alarm === 0 ? "names no member or no alarm" : undefined;
  });
  checkAuth(store, roles, users, findings);
  return leases;
}

function eachRow(store: StoreRows, findings: Findings, table: EtcdTable, rule: RowRule): void {
  store.each(table, (key, value) => {
    let problem: string | undefined;
    try {
      problem = rule(key, value);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      problem = `does not parse (${error.message})`;
    }
    if (problem === undefined) return undefined;
    const name = Buffer.from(key).toString("hex");
    findings.error(store.path, `the row ${name} of ${table} ${problem}`, REMEDY_RESTORE);
    return undefined;
  });
}

function checkLease(key: Uint8Array, value: Uint8Array, leases: Set<bigint>): string | undefined {
  if (key.length !== 8) return `has a key of ${key.length} bytes, not 8`;
  const id = new DataView(key.buffer, key.byteOffset, 8).getBigInt64(0);
  const lease = Lease.decode(value);
  leases.add(id);
  if (lease.ID !== id) return `is of the lease ${lease.ID.toString(16)}`;
  return lease.TTL > 0 ? undefined : `has a time to live of ${lease.TTL}`;
}

const text = new TextDecoder();

function checkRole(key: Uint8Array, value: Uint8Array, roles: Set<string>): string | undefined {
  roles.add(text.decode(key));
  const { name } = Role.decode(value);
  return compareBytes(name, key) === 0 ? undefined : `is of the role ${text.decode(name)}`;
}

function checkUser(
  key: Uint8Array,
  value: Uint8Array,
  users: Map<string, readonly string[]>,
): string | undefined {
  const user = User.decode(value);
  users.set(text.decode(key), user.roles);
  const isSame = compareBytes(user.name, key) === 0;
  return isSame ? undefined : `is of the user ${text.decode(user.name)}`;
}

const AUTH_ENABLED = new TextEncoder().encode("authEnabled");
const AUTH_REVISION = new TextEncoder().encode("authRevision");

function checkAuth(
  store: StoreRows,
  roles: ReadonlySet<string>,
  users: ReadonlyMap<string, readonly string[]>,
  findings: Findings,
): void {
  const { path } = store;
  for (const [user, granted] of users) {
    // The role root may be granted without existing: etcd knows what it allows.
    for (const role of granted.filter((name) => name !== "root" && !roles.has(name))) {
      const problem = `the user ${user} has the role ${role}, which does not exist`;
      findings.warning(path, problem, "add the role, or revoke it, once the member runs");
    }
  }
  const revision = store.get("auth", AUTH_REVISION);
  if (revision !== undefined && revision.length !== 8) {
    findings.error(path, `auth/authRevision has ${revision.length} bytes, not 8`, REMEDY_RESTORE);
  }
  if (store.get("auth", AUTH_ENABLED)?.[0] !== 1) return;
  if (users.get("root")?.includes("root") === true) return;
  const problem = "authentication is enabled, but there is no user root with the role root";
  findings.error(path, problem, `nobody can administer it: ${REMEDY_RESTORE}`);
}
