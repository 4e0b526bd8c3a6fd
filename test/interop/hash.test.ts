// SPDX-License-Identifier: Apache-2.0
// The same writes leave the same hash here and in genuine etcd: what is stored is the same bytes.

import { expect, test } from "vitest";
import { MaintenanceService } from "../../src/api/gen/etcdserverpb.ts";
import { grant, keysOfLease, revoke } from "../conformance/subjects/leases.ts";
import { everything, op } from "../conformance/subjects/requests.ts";
import { Store } from "../conformance/subjects/store.ts";
import { etcdxCommand, genuineCommand } from "../harness/server-command.ts";

const genuine = genuineCommand();
const own = etcdxCommand();
const isHere = genuine !== undefined && own !== undefined;
if (!isHere) console.log("hash: genuine etcd 3.7.1 or our server is missing, left out");

async function write(store: Store): Promise<void> {
  for (let index = 0; index < 60; index += 1) await store.put(`k${index % 13}`, `v${index}`);
  await store.txn({ success: [op.put("t1"), op.put("t2"), op.del("k3"), op.put("t3", "")] });
  await store.del("k5", { rangeEnd: "k8" });
  await store.put(new Uint8Array(3000).fill(0x6b), new Uint8Array(9000).fill(0xff));
}

/** Keys that get leases, move between them, and go with them. */
async function writeLeases(store: Store): Promise<void> {
  for (const id of [1n, 2n, -3n]) await grant(store, 1000, id);
  for (const key of ["l3", "l1", "l2"]) await store.put(key, "v", { lease: 1n });
  await store.put("l4", "v", { lease: -3n });
  await store.put("l2", "w", { lease: 2n });
  await store.put("l1", "", { ignoreValue: true, ignoreLease: true });
  await store.put("l5", "v", { lease: 2n });
  await store.put("l5", "w");
  await store.txn({ success: [op.put("l6", "v", { lease: 1n }), op.del("l4"), op.put("l7")] });
  await store.put("l4", "again", { lease: 1n });
  for (const id of [1n, -3n]) await revoke(store, id);
}

async function hashes(store: Store, revisions: readonly number[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const revision of revisions) {
    const answer = await store.client.unary(MaintenanceService.hashKV, { revision });
    const { hash, compactRevision, hashRevision } = answer;
    found.push({ hash, compactRevision, hashRevision });
  }
  return found;
}

test.runIf(isHere)("equal writes give equal hashes, before and after a compaction", async () => {
  if (genuine === undefined || own === undefined) return;
  const ours = await Store.open({ command: own });
  const theirs = await Store.open({ command: genuine });
  try {
    await Promise.all([write(ours), write(theirs)]);
    expect(await hashes(ours, [0, 2, 30])).toEqual(await hashes(theirs, [0, 2, 30]));
    await Promise.all([ours.compact(40, true), theirs.compact(40, true)]);
    expect(await hashes(ours, [0, 40, 55])).toEqual(await hashes(theirs, [0, 40, 55]));
    expect((await ours.range("\0", everything)).kvs).toEqual(
      (await theirs.range("\0", everything)).kvs,
    );
  } finally {
    await ours.close();
    await theirs.close();
  }
});

test.runIf(isHere)("leases leave equal rows: attached, moved, kept and revoked", async () => {
  if (genuine === undefined || own === undefined) return;
  const ours = await Store.open({ command: own });
  const theirs = await Store.open({ command: genuine });
  try {
    await Promise.all([writeLeases(ours), writeLeases(theirs)]);
    expect(await hashes(ours, [0, 4, 9])).toEqual(await hashes(theirs, [0, 4, 9]));
    expect(await keysOfLease(ours, 2n)).toEqual(await keysOfLease(theirs, 2n));
    const { kvs } = await ours.range("\0", everything);
    expect(kvs).toEqual((await theirs.range("\0", everything)).kvs);
    await Promise.all([ours.compact(11, true), theirs.compact(11, true)]);
    expect(await hashes(ours, [0, 11])).toEqual(await hashes(theirs, [0, 11]));
  } finally {
    await ours.close();
    await theirs.close();
  }
});
