// SPDX-License-Identifier: Apache-2.0

import {
  AlarmRequest_AlarmAction as AlarmAction,
  type AlarmRequest,
  AlarmType,
} from "../../api/gen/etcdserverpb.ts";
import type { Alarm, AlarmSet } from "../alarm/index.ts";
import type { AlarmResult } from "./result.ts";

/** Lists, raises or takes away alarms; an unknown action does nothing. */
export function executeAlarm(alarms: AlarmSet, request: AlarmRequest): AlarmResult {
  return { kind: "alarm", alarms: affected(alarms, request) };
}

function affected(alarms: AlarmSet, { action, memberID, alarm }: AlarmRequest): readonly Alarm[] {
  switch (action) {
    case AlarmAction.GET:
      return alarms.list(alarm);
    case AlarmAction.ACTIVATE:
      return alarm === AlarmType.NONE ? [] : [alarms.activate(memberID, alarm)];
    case AlarmAction.DEACTIVATE: {
      const removed = alarms.deactivate(memberID, alarm);
      return removed === undefined ? [] : [removed];
    }
    default:
      return [];
  }
}
