// SPDX-License-Identifier: Apache-2.0

import { AlarmType } from "../../api/gen/etcdserverpb.ts";
import type { Alarm } from "../../core/alarm/index.ts";

/** The name of a type of alarm; a number that has none stands for itself. */
export function alarmTypeName(type: AlarmType): string {
  for (const [name, number] of Object.entries(AlarmType)) if (number === type) return name;
  return String(type);
}

/** An alarm in protobuf's text form, which leaves out what is zero. */
export function describeAlarm({ memberID, alarm }: Alarm): string {
  const parts: string[] = [];
  if (memberID !== 0n) parts.push(`memberID:${memberID}`);
  if (alarm !== AlarmType.NONE) parts.push(`alarm:${alarmTypeName(alarm)}`);
  return parts.join(" ");
}
