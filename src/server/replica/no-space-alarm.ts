// SPDX-License-Identifier: Apache-2.0

import {
  AlarmRequest_AlarmAction as AlarmAction,
  AlarmRequest,
  AlarmType,
} from "../../api/gen/etcdserverpb.ts";
import type { Logger } from "../../base/contracts/logger.ts";
import type { AlarmSet } from "../../core/alarm/index.ts";
import type { ReplicaFace } from "./face.ts";

export interface NoSpaceAlarmParts {
  readonly replica: Pick<ReplicaFace, "memberId" | "prepare" | "propose">;
  readonly alarms: AlarmSet;
  readonly logger: Logger;
}

/** Raises the alarm that this member's store is full, one proposal at a time. */
export class NoSpaceAlarm {
  readonly #parts: NoSpaceAlarmParts;
  /** Those who wait for the proposal in flight: calls, whose number their streams limit. */
  #waiting: (() => void)[] | undefined;

  constructor(parts: NoSpaceAlarmParts) {
    this.#parts = parts;
  }

  /**
   * Raises it unless it is there. Calls back when it is there, or when that could not be agreed
   * upon: then the next write that finds no room tries again.
   */
  raise(done: () => void = () => {}): void {
    const { replica, alarms, logger } = this.#parts;
    const { memberId } = replica;
    if (alarms.has(memberId, AlarmType.NOSPACE)) return done();
    if (this.#waiting !== undefined) {
      this.#waiting.push(done);
      return;
    }
    this.#waiting = [done];
    logger.log("warn", "replica/no-space-alarm.ts", "the store is full; raising alarm", {
      alarm: "NOSPACE",
      "local-member-id": memberId.toString(16),
    });
    const message = AlarmRequest.encode({
      action: AlarmAction.ACTIVATE,
      memberID: memberId,
      alarm: AlarmType.NOSPACE,
    });
    const settle = (): void => this.#settle();
    replica.propose(replica.prepare("alarm", message), { applied: settle, unserved: settle });
  }

  #settle(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const done of waiting) done();
  }
}
