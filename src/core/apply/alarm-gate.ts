// SPDX-License-Identifier: Apache-2.0

import { AlarmType } from "../../api/gen/etcdserverpb.ts";
import type { AlarmSet } from "../alarm/index.ts";
import type { Request, RequestKind } from "./request.ts";
import type { ApplyError } from "./result.ts";
import { spaceCost } from "./space.ts";

/** What touches keys or leases; with data that differ, none of it can be trusted any more. */
const REFUSED_WHEN_CORRUPT: ReadonlySet<Request["kind"]> = new Set<RequestKind>([
  "put",
  "range",
  "deleteRange",
  "txn",
  "compaction",
  "leaseGrant",
  "leaseRevoke",
]);

/**
 * What the active alarms say about a request. The alarms of all members count, and without space
 * everything is refused that may add to the store, whatever branch of it would run.
 */
export function refusedByAlarm(alarms: AlarmSet, request: Request): ApplyError | undefined {
  if (alarms.size === 0) return undefined;
  if (alarms.isActive(AlarmType.CORRUPT) && REFUSED_WHEN_CORRUPT.has(request.kind)) {
    return "corrupt";
  }
  if (alarms.isActive(AlarmType.NOSPACE) && spaceCost(request) > 0) return "noSpace";
  return undefined;
}
