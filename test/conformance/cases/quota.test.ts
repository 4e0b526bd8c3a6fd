// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { AlarmType, MaintenanceService } from "../../../src/api/gen/etcdserverpb.ts";
import {
  deactivate,
  disarmAll,
  fill,
  listAlarms,
  memberId,
  SMALL_QUOTA_BYTES,
} from "../subjects/alarms.ts";
import { grant } from "../subjects/leases.ts";
import { expectRefusal, refused } from "../subjects/refusal.ts";
import { everything, op } from "../subjects/requests.ts";
import { Store, withFreshStore } from "../subjects/store.ts";
import { describeCases } from "../subjects/subject.ts";

const { NOSPACE } = AlarmType;
const withQuota = { args: [`--quota-backend-bytes=${SMALL_QUOTA_BYTES}`] };

async function reportedQuota(...args: readonly string[]): Promise<number | undefined> {
  let quota: number | undefined;
  await withFreshStore(
    async (store) => {
      quota = (await store.client.unary(MaintenanceService.status, {})).dbSizeQuota;
      const answer = await fetch(`${store.server.url}/metrics`);
      const [, metric] = /^etcd_server_quota_backend_bytes (.*)$/m.exec(await answer.text()) ?? [];
      expect(Number(metric)).toBe(quota);
    },
    { args },
  );
  return quota;
}

describeCases("quota", () => {
  test("S-244 a put that would pass the quota is refused and raises the alarm", () =>
    withFreshStore(async (store) => {
      expect(await fill(store)).toEqual(refused.noSpace);
      const id = await memberId(store);
      expect(await listAlarms(store)).toEqual([{ memberID: id, alarm: NOSPACE }]);
      const revision = await store.revision();
      await expectRefusal(store.put("a"), refused.noSpace);
      expect(await store.revision()).toBe(revision);
    }, withQuota));

  test("S-251 the alarm is still there after a restart", async () => {
    const before = await Store.open(withQuota);
    try {
      await fill(before);
      const alarms = await listAlarms(before);
      await before.server.kill("SIGTERM");
      const { dataDir, ports } = before.server;
      const after = await Store.open({ ...withQuota, dataDir, ports });
      try {
        expect(await listAlarms(after)).toEqual(alarms);
        await expectRefusal(after.put("a"), refused.noSpace);
      } finally {
        await after.close();
      }
    } finally {
      await before.close();
    }
  });

  test("S-252 freed space alone does not end the alarm", () =>
    withFreshStore(async (store) => {
      await fill(store);
      await store.del("\0", everything);
      await store.compact(await store.revision(), true);
      await store.client.unary(MaintenanceService.defragment, {});
      await expectRefusal(store.put("a"), refused.noSpace);
      await disarmAll(store);
      await store.put("a");
    }, withQuota));

  test("S-258 below zero there is no quota", async () => {
    expect(await reportedQuota("--quota-backend-bytes=-1")).toBe(-1);
  });

  test("S-259 without a quota of its own a member has one of 2 GiB", async () => {
    expect(await reportedQuota()).toBe(2147483648);
  });

  test("S-403 status tells the quota", async () => {
    expect(await reportedQuota("--quota-backend-bytes=0")).toBe(2147483648);
    expect(await reportedQuota("--quota-backend-bytes=123456789")).toBe(123456789);
  });

  test("S-260 a txn costs what its larger branch does", () =>
    withFreshStore(
      async (store) => {
        const half = new Uint8Array(512 * 1024);
        const both = store.txn({ success: [op.put("a", half), op.put("b", half)] });
        await expectRefusal(both, refused.noSpace);
        await disarmAll(store);
        await store.txn({ success: [op.put("a", half)], failure: [op.put("b", half)] });
      },
      { args: ["--quota-backend-bytes=1048576"] },
    ));

  test("S-261 a txn of deletes alone and a lease's end need no room", () =>
    withFreshStore(async (store) => {
      const { ID } = await grant(store, 60);
      await fill(store);
      await deactivate(store, NOSPACE, await memberId(store));
      const { responses } = await store.txn({ success: [op.del("filler-0")] });
      expect(responses[0]?.responseDeleteRange?.deleted).toBe(1);
      expect(ID).not.toBe(0n);
    }, withQuota));
});
