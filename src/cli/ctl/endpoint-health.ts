// SPDX-License-Identifier: Apache-2.0

import { type AlarmMember, KVService, MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import { GrpcCode } from "../../api/rpc-errors.ts";
import { formatGoDuration } from "../../base/go-duration.ts";
import { Client, RpcError } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { attemptReporter, commandDeadline, printAnswer } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { EndpointHealth } from "../print/printable.ts";
import { healthLine } from "../print/simple.ts";
import { type EndpointSession, openEndpointSession } from "./endpoints.ts";

export async function endpointHealth(call: Call): Promise<number> {
  const session = await openEndpointSession(call);
  const found: EndpointHealth[] = [];
  await Promise.all(
    session.endpoints.map(async (endpoint) => {
      found.push(await checkHealth(call, session, endpoint));
    }),
  );
  const unhealthy = found.filter((item) => item.error !== "");
  printAnswer(call.terminal, session.format, session.printer.endpointHealth, found);
  if (session.format === "simple") {
    for (const item of unhealthy) call.terminal.error(healthLine(item));
  }
  if (unhealthy.length > 0) throw new CommandFailure(ExitCode.error, "unhealthy cluster");
  return ExitCode.success;
}

/** Reads a key through the log, then looks for alarms. */
async function checkHealth(
  call: Call,
  session: EndpointSession,
  endpoint: string,
): Promise<EndpointHealth> {
  const start = process.hrtime.bigint();
  const onAttemptFailure = attemptReporter(call.terminal, "client");
  const client = new Client({ ...session.options, endpoints: [endpoint], onAttemptFailure });
  const options = { deadlineMs: commandDeadline(call.values), repeatable: true };
  let error = "";
  try {
    await readProbe(client, options);
    error = await alarmText(client, options);
  } catch (cause) {
    if (!(cause instanceof RpcError)) throw cause;
    error = cause.message;
  } finally {
    client.close();
  }
  const took = formatGoDuration(process.hrtime.bigint() - start);
  return { endpoint, health: error === "", took, error };
}

type Deadline = { readonly deadlineMs: number; readonly repeatable: boolean };

/** Whoever may not read has still been answered by a quorum. */
async function readProbe(client: Client, options: Deadline): Promise<void> {
  try {
    await client.call(KVService.range, { key: Buffer.from("health") }, options);
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== GrpcCode.permissionDenied) throw error;
  }
}

async function alarmText(client: Client, options: Deadline): Promise<string> {
  try {
    const { alarms } = await client.call(MaintenanceService.alarm, {}, options);
    if (alarms.length === 0) return "";
    return `Active Alarm(s): ${alarms.map(alarmName).join("")}`;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return "Unable to fetch the alarm list";
  }
}

function alarmName(member: AlarmMember): string {
  const names: Readonly<Record<number, string>> = { 1: "NOSPACE ", 2: "CORRUPT " };
  return names[member.alarm] ?? "UNKNOWN ";
}
