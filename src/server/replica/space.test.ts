// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmRequest,
  AlarmType,
} from "../../api/gen/etcdserverpb.ts";
import { silentLogger } from "../../base/contracts/logger.ts";
import { AlarmSet } from "../../core/alarm/index.ts";
import { readRequest } from "../../core/apply/index.ts";
import { MemoryDisk, openMemoryBackend } from "../../core/backend/index.ts";
import { BackendQuota, QUOTA_BYTES_DEFAULT } from "./backend-quota.ts";
import type { ProposalWaiter } from "./face.ts";
import { NoSpaceAlarm } from "./no-space-alarm.ts";

test("a quota of 0 is that of etcd, and one below zero is none", () => {
  const backend = { usedBytes: QUOTA_BYTES_DEFAULT };
  const standard = new BackendQuota(0, backend);
  expect([standard.bytes, standard.hasRoomFor(1)]).toEqual([2147483648, false]);
  expect(new BackendQuota(-1, backend).hasRoomFor(1e12)).toBe(true);
});

test("what costs nothing has room in a store that is full, all else needs some left over", () => {
  const quota = new BackendQuota(1000, { usedBytes: 900 });
  expect([quota.hasRoomFor(99), quota.hasRoomFor(100)]).toEqual([true, false]);
  const full = new BackendQuota(1000, { usedBytes: 1000 });
  expect([full.hasRoomFor(0), full.hasRoomFor(1)]).toEqual([true, false]);
});

test("rows count against the quota before they are on disk, and once when they are", async () => {
  const backend = openMemoryBackend(new MemoryDisk());
  const before = backend.usedBytes;
  backend.put("key", Buffer.from("r"), new Uint8Array(100_000));
  expect(backend.usedBytes).toBeGreaterThanOrEqual(before + 100_000);
  await backend.commit();
  expect(backend.usedBytes).toBeGreaterThanOrEqual(before + 100_000);
  expect(backend.usedBytes).toBeLessThan(before + 150_000);
});

function noSpaceAlarm() {
  const alarms = new AlarmSet(openMemoryBackend(new MemoryDisk()));
  const proposed: { request: AlarmRequest; waiter: ProposalWaiter }[] = [];
  const alarm = new NoSpaceAlarm({
    replica: {
      memberId: 5n,
      prepare: (kind, message) => ({ id: 1, data: message, request: readRequest(kind, message) }),
      propose: ({ data }, waiter) => {
        proposed.push({ request: AlarmRequest.decode(data), waiter });
      },
    },
    alarms,
    logger: silentLogger,
  });
  return { alarms, alarm, proposed };
}

test("the alarm is proposed once for all who find no room, and they hear when it is there", () => {
  const { alarms, alarm, proposed } = noSpaceAlarm();
  let heard = 0;
  for (let caller = 0; caller < 3; caller++) alarm.raise(() => heard++);
  const { NOSPACE } = AlarmType;
  const request = { action: AlarmAction.ACTIVATE, memberID: 5n, alarm: NOSPACE };
  expect(proposed.map((each) => each.request)).toEqual([request]);
  expect(heard).toBe(0);
  alarms.activate(5n, NOSPACE);
  proposed[0]?.waiter.applied({ kind: "alarm", alarms: [] });
  expect(heard).toBe(3);
  alarm.raise(() => heard++);
  expect([heard, proposed.length]).toEqual([4, 1]);
});

test("an alarm that was not agreed upon is proposed again by the next who finds no room", () => {
  const { alarm, proposed } = noSpaceAlarm();
  alarm.raise();
  proposed[0]?.waiter.unserved("timeout");
  alarm.raise();
  expect(proposed).toHaveLength(2);
});
