// SPDX-License-Identifier: Apache-2.0
// The calls about alarms, in short, and a store that is full.

import {
  AlarmRequest_AlarmAction as AlarmAction,
  type AlarmMember,
  AlarmType,
  MaintenanceService,
} from "../../../src/api/gen/etcdserverpb.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import type { Store } from "./store.ts";

/** Small enough to be reached by a few puts, large enough for an empty store of either server. */
export const SMALL_QUOTA_BYTES = 2 * 1024 * 1024;
const FILLER_BYTES = 128 * 1024;
const FILLERS_MAX = 64;

async function alarmCall(
  store: Store,
  action: AlarmAction,
  alarm: AlarmType,
  memberID: bigint,
): Promise<AlarmMember[]> {
  const request = { action, alarm, memberID };
  return (await store.client.unary(MaintenanceService.alarm, request)).alarms;
}

export function listAlarms(store: Store, type: AlarmType = AlarmType.NONE): Promise<AlarmMember[]> {
  return alarmCall(store, AlarmAction.GET, type, 0n);
}

export function activate(store: Store, type: AlarmType, memberID: bigint): Promise<AlarmMember[]> {
  return alarmCall(store, AlarmAction.ACTIVATE, type, memberID);
}

export function deactivate(
  store: Store,
  type: AlarmType,
  memberID: bigint,
): Promise<AlarmMember[]> {
  return alarmCall(store, AlarmAction.DEACTIVATE, type, memberID);
}

export async function disarmAll(store: Store): Promise<void> {
  for (const { alarm, memberID } of await listAlarms(store)) {
    await deactivate(store, alarm, memberID);
  }
}

export async function memberId(store: Store): Promise<bigint> {
  const { header } = await store.client.unary(MaintenanceService.status, {});
  if (header === undefined) throw new Error("a status without a header");
  return header.memberId;
}

/** Puts until one is refused, and answers how. */
export async function fill(store: Store): Promise<Refusal> {
  const value = new Uint8Array(FILLER_BYTES).fill(0x61);
  for (let at = 0; at < FILLERS_MAX; at += 1) {
    try {
      await store.put(`filler-${at}`, value);
    } catch (error) {
      return refusalOf(error);
    }
  }
  throw new Error(`${FILLERS_MAX} fillers were taken by a store with a quota`);
}
