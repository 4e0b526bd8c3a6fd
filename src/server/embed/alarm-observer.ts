// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";
import type { Alarm, AlarmSet } from "../../core/alarm/index.ts";
import { alarmTypeName } from "../grpc/index.ts";
import type { MetricRegistry } from "../observe/index.ts";

/** Tells the log of alarms that come and go. */
export function alarmLog(logger: Logger): (alarm: Alarm, isActive: boolean) => void {
  return ({ memberID, alarm }, isActive) => {
    const message = isActive ? "alarm raised" : "alarm disarmed";
    const fields = { alarm: alarmTypeName(alarm), from: memberID.toString(16) };
    logger.log("warn", "embed/alarm-observer.ts", message, fields);
  };
}

/** Shows every active alarm as 1. */
export function collectAlarms(registry: MetricRegistry, alarms: AlarmSet): void {
  registry.collectEach("etcd_debugging_server_alarms", (emit) => {
    for (const { memberID, alarm } of alarms.list()) {
      emit(1, memberID.toString(16), alarmTypeName(alarm));
    }
  });
}
