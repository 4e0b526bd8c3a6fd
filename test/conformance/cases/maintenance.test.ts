// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  type HashKVResponse,
  MaintenanceService,
  type StatusResponse,
} from "../../../src/api/gen/etcdserverpb.ts";
import { KeyValue } from "../../../src/api/gen/mvccpb.ts";
import { crc32c } from "../../../src/base/crc32c.ts";
import { expectRefusal, refusal, refused } from "../subjects/refusal.ts";
import { bytes, everything } from "../subjects/requests.ts";
import { Store, sharedStore, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

function status(store: Store): Promise<StatusResponse> {
  return store.client.unary(MaintenanceService.status, {});
}

function hashKv(store: Store, revision = 0): Promise<HashKVResponse> {
  return store.client.unary(MaintenanceService.hashKV, { revision });
}

/** A row's key: main and sub revision, and a mark behind that of a deletion. */
function rowKey(main: number, tombstone = false): Buffer {
  const key = Buffer.alloc(tombstone ? 18 : 17);
  key.writeBigUInt64BE(BigInt(main));
  key.write("_", 8);
  if (tombstone) key.write("t", 17);
  return key;
}

describeCases("maintenance", () => {
  const store = sharedStore();

  test("S-404 status tells that no downgrade is under way", async () => {
    expect((await status(store())).downgradeInfo).toEqual({ enabled: false, targetVersion: "" });
  });

  test("S-406 the hash of a revision in the future is refused", async () => {
    const revision = (await store().revision()) + 1;
    await expectRefusal(hashKv(store(), revision), refused.future);
  });

  test("S-407 the hash of a compacted revision is refused", async () => {
    const [first = 0, second = 0] = await store().putAll("a", "a");
    await store().compact(second, true);
    await expectRefusal(hashKv(store(), first), refused.compacted);
  });

  test("S-408 the hash above a compaction names its revision", async () => {
    const [first = 0, second = 0] = await store().putAll("a", "a");
    await store().compact(first, true);
    const answer = await hashKv(store(), second);
    expect([answer.compactRevision, answer.hashRevision]).toEqual([first, second]);
  });

  test("S-410 later writes do not change the hash of a revision", async () => {
    const [, revision = 0] = await store().putAll("a", "b");
    const { hash } = await hashKv(store(), revision);
    await store().putAll("a", "c");
    await store().del("b");
    const again = await hashKv(store(), revision);
    expect([again.hash, again.hashRevision]).toEqual([hash, revision]);
  });

  test("O-hash-1 what a compaction kept is told after later compactions too", async () => {
    const [first = 0, second = 0] = await store().putAll("a", "b", "a");
    const { hash, compactRevision } = await hashKv(store(), first);
    await store().compact(first, true);
    await store().compact(second, true);
    const kept = await hashKv(store(), first);
    expect(kept).toMatchObject({ hash, hashRevision: first, compactRevision });
  });

  test("O-hash-2 the hash of a negative revision is that of no rows", async () => {
    await store().putAll("a", "b");
    for (const revision of [-1, -2, -1_000_000, -(2 ** 63)]) {
      expect((await hashKv(store(), revision)).hash).toBe(crc32c(bytes("key")));
    }
  });

  test("S-420 reads and writes wait for a defragmentation and succeed", async () => {
    await store().putAll("a", "b");
    const work = store().client.unary(MaintenanceService.defragment, {});
    const writes = ["c", "d", "e"].map((key) => store().put(key));
    const answers = await Promise.all([work, store().range("a"), ...writes]);
    expect(answers[1].count).toBe(1);
    expect(answers[0].header).toBeUndefined();
  });

  test("S-424 a leader that hands over to itself stays, and nobody else is known", async () => {
    const { leader, raftTerm } = await status(store());
    await store().client.unary(MaintenanceService.moveLeader, { targetID: leader });
    expect(await status(store())).toMatchObject({ leader, raftTerm });
    await expectRefusal(
      store().client.unary(MaintenanceService.moveLeader, { targetID: 4711n }),
      refusal("FAILED_PRECONDITION", "etcdserver: bad leader transferee"),
    );
  });
});

describeCases("maintenance of a fresh store", () => {
  test("S-405 the hash without a revision is that of the current one", () =>
    withFreshStore(async (store) => {
      const [, revision = 0] = await store.putAll("a", "b");
      const current = await hashKv(store);
      expect(current.hashRevision).toBe(revision);
      expect(current.hash).toBe((await hashKv(store, revision)).hash);
    }));

  test("a defragmentation gives back what deletions have freed", () =>
    withFreshStore(async (store) => {
      const value = new Uint8Array(20_000);
      for (let key = 0; key < 150; key++) await store.put(`key-${key}`, value);
      await store.del("\0", everything);
      await store.putAll("a", "b");
      await store.compact(await store.revision(), true);
      const { hash } = await hashKv(store);
      const { dbSize } = await status(store);
      expect(dbSize).toBeGreaterThan(3_000_000);
      await store.client.unary(MaintenanceService.defragment, {});
      const after = await status(store);
      expect(after.dbSize).toBeLessThan(dbSize / 3);
      expect(after.dbSizeInUse).toBeLessThanOrEqual(after.dbSize);
      expect((await hashKv(store)).hash).toBe(hash);
      await store.put("c");
      expect((await store.range("\0", everything)).count).toBe(3);
    }));

  test("S-409 the hash at the compacted revision is the one that the compaction kept", () =>
    withFreshStore(async (store) => {
      const [first = 0, second = 0, third = 0] = await store.putAll("a", "b", "a");
      await store.compact(first, true);
      const { hash } = await hashKv(store, third);
      await store.compact(third, true);
      const kept = await hashKv(store, third);
      expect(kept).toMatchObject({ hash, hashRevision: third, compactRevision: first });
      expect(second).toBe(first + 1);
    }));

  test("S-412 the hash is CRC-32C over the bucket's name and its rows", () =>
    withFreshStore(async (store) => {
      const [first = 0, second = 0] = await store.putAll("a", "b");
      const { header } = await store.del("a");
      const rows: [Uint8Array, Uint8Array][] = [
        [rowKey(first), row("a", first)],
        [rowKey(second), row("b", second)],
        [rowKey(header?.revision ?? 0, true), KeyValue.encode({ key: bytes("a") })],
      ];
      let wanted = crc32c(bytes("key"));
      for (const [key, value] of rows) wanted = crc32c(value, crc32c(key, wanted));
      expect((await hashKv(store)).hash).toBe(wanted);
    }));

  test("S-413 the hash of the whole backend survives a restart", async () => {
    const before = await Store.open();
    try {
      await before.putAll("a", "b");
      const hash = await wholeHash(before);
      expect(hash).not.toBe(0);
      await before.server.kill("SIGTERM");
      const { dataDir, ports } = before.server;
      const after = await Store.open({ dataDir, ports });
      try {
        expect(await wholeHash(after)).toBe(hash);
        await after.putAll("c");
        expect(await wholeHash(after)).not.toBe(hash);
      } finally {
        await after.close();
      }
    } finally {
      await before.close();
    }
  });
});

function row(name: string, revision: number): Uint8Array {
  const key = bytes(name);
  const numbers = { createRevision: revision, modRevision: revision, version: 1 };
  return KeyValue.encode({ key, value: key, ...numbers });
}

async function wholeHash(store: Store): Promise<number> {
  return (await store.client.unary(MaintenanceService.hash, {})).hash;
}
