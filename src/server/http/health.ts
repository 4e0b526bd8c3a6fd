// SPDX-License-Identifier: Apache-2.0

import type { Logger } from "../../base/contracts/logger.ts";
import { errorText } from "../../base/error-text.ts";
import type { MetricRegistry } from "../observe/index.ts";
import type { HealthSource } from "./health-source.ts";
import {
  allowOnlyGet,
  type Endpoint,
  goJsonText,
  respond,
  respondError,
  TEXT_PLAIN,
} from "./respond.ts";

const CALLER = "http/health.ts";

/** `/health`: alarms, then a leader, then a read; the first that fails is the reason. */
export function createHealthEndpoint(
  source: HealthSource,
  metrics: MetricRegistry,
  logger: Logger,
): Endpoint {
  const success = metrics.counter("etcd_server_health_success");
  const failures = metrics.counter("etcd_server_health_failures");
  return async (request, response, query) => {
    if (!allowOnlyGet(request, response)) {
      logger.log("warn", CALLER, "/health error", { "status-code": 405 });
      return;
    }
    const excluded = new Set(query.getAll("exclude"));
    const serializable = query.get("serializable") === "true";
    const reason = await findFault(source, excluded, serializable);
    const output = `{"health":"${reason === ""}","reason":${goJsonText(reason)}}`;
    if (reason === "") {
      success.inc();
      respond(response, 200, TEXT_PLAIN, output);
      return;
    }
    failures.inc();
    respondError(response, 503, output);
    logger.log("warn", CALLER, "/health error", { output, "status-code": 503 });
  };
}

/** The reason for being unhealthy, empty when there is none. */
async function findFault(
  source: HealthSource,
  excluded: ReadonlySet<string>,
  serializable: boolean,
): Promise<string> {
  const alarm = source.alarms.find((name) => !excluded.has(name));
  if (alarm !== undefined) return `ALARM ${alarm}`;
  if (!serializable && !source.leaderKnown) return "RAFT NO LEADER";
  try {
    await (serializable ? source.serializableRead() : source.linearizableRead());
    return "";
  } catch (error) {
    return `RANGE ERROR:${errorText(error)}`;
  }
}
