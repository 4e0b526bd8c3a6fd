// SPDX-License-Identifier: Apache-2.0

import { expect, test } from "vitest";
import { AlarmMember, AlarmType } from "../../api/gen/etcdserverpb.ts";
import { MemoryDisk, openMemoryBackend } from "../backend/index.ts";
import { type Alarm, AlarmSet } from "./index.ts";

const { NOSPACE, CORRUPT, NONE } = AlarmType;

test("an alarm that is raised twice is there once", () => {
  const alarms = new AlarmSet(openMemoryBackend(new MemoryDisk()));
  const first = alarms.activate(7n, NOSPACE);
  expect(alarms.activate(7n, NOSPACE)).toBe(first);
  expect(alarms.list()).toEqual([{ memberID: 7n, alarm: NOSPACE }]);
});

test("alarms are listed by type, and all together", () => {
  const alarms = new AlarmSet(openMemoryBackend(new MemoryDisk()));
  alarms.activate(7n, NOSPACE);
  alarms.activate(8n, CORRUPT);
  expect(alarms.list(CORRUPT)).toEqual([{ memberID: 8n, alarm: CORRUPT }]);
  expect(alarms.list(NONE)).toHaveLength(2);
  expect([alarms.isActive(NOSPACE), alarms.isActive(CORRUPT)]).toEqual([true, true]);
});

test("what is taken away is given, once", () => {
  const alarms = new AlarmSet(openMemoryBackend(new MemoryDisk()));
  alarms.activate(0n, CORRUPT);
  expect(alarms.deactivate(1n, CORRUPT)).toBeUndefined();
  expect(alarms.deactivate(0n, CORRUPT)).toEqual({ memberID: 0n, alarm: CORRUPT });
  expect(alarms.deactivate(0n, CORRUPT)).toBeUndefined();
  expect(alarms.isActive(CORRUPT)).toBe(false);
});

test("rows are etcd's, and the set is read from them", () => {
  const backend = openMemoryBackend(new MemoryDisk());
  new AlarmSet(backend).activate(0xbf9071f4639c75ccn, NOSPACE);
  const rows: [Uint8Array, number][] = [];
  backend.forEach("alarm", (key, value) => rows.push([key, value.length]));
  const key = AlarmMember.encode({ memberID: 0xbf9071f4639c75ccn, alarm: NOSPACE });
  expect(rows).toEqual([[new Uint8Array(key), 0]]);
  expect(new AlarmSet(backend).has(0xbf9071f4639c75ccn, NOSPACE)).toBe(true);
});

test("only real changes are told", () => {
  const told: [Alarm, boolean][] = [];
  const alarms = new AlarmSet(openMemoryBackend(new MemoryDisk()), {
    changed: (alarm, isActive) => told.push([alarm, isActive]),
  });
  alarms.activate(1n, NOSPACE);
  alarms.activate(1n, NOSPACE);
  alarms.deactivate(1n, NOSPACE);
  alarms.deactivate(1n, NOSPACE);
  const alarm = { memberID: 1n, alarm: NOSPACE };
  expect(told).toEqual([
    [alarm, true],
    [alarm, false],
  ]);
});
