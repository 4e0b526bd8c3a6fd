// SPDX-License-Identifier: Apache-2.0

import { rpcErrors } from "../../api/rpc-errors.ts";
import { type Request, type SpaceQuota, spaceCost } from "../../core/apply/index.ts";
import type { UnaryCall } from "../h2/index.ts";
import type { NoSpaceAlarm } from "../replica/no-space-alarm.ts";
import { refuse } from "./service.ts";

/**
 * Refuses what the store has no room for before it is proposed, so that who is told that there is
 * no space knows that nothing was written.
 */
export class SpaceCheck {
  readonly #quota: SpaceQuota;
  readonly #alarm: Pick<NoSpaceAlarm, "raise">;

  constructor(quota: SpaceQuota, alarm: Pick<NoSpaceAlarm, "raise">) {
    this.#quota = quota;
    this.#alarm = alarm;
  }

  /** True when there is room; otherwise the call is refused once the alarm is raised. */
  admits(call: UnaryCall, request: Request): boolean {
    if (this.#quota.hasRoomFor(spaceCost(request))) return true;
    this.#alarm.raise(() => {
      if (!call.ended) refuse(call, rpcErrors.noSpace);
    });
    return false;
  }
}
