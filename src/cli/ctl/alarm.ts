// SPDX-License-Identifier: Apache-2.0

import {
  AlarmRequest_AlarmAction as AlarmAction,
  type AlarmMember,
  AlarmResponse,
  MaintenanceService,
} from "../../api/gen/etcdserverpb.ts";
import type { CallOptions, Client, Repeatable } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

type Ask = (client: Client, options: CallOptions & Repeatable) => Promise<AlarmResponse>;

export async function alarmList(call: Call): Promise<number> {
  return printAlarms(call, "alarm list command accepts no arguments", listAlarms);
}

export async function alarmDisarm(call: Call): Promise<number> {
  return printAlarms(call, "alarm disarm command accepts no arguments", disarmAlarms);
}

async function printAlarms(call: Call, refusal: string, ask: Ask): Promise<number> {
  if (call.positional.length > 0) throw new CommandFailure(ExitCode.badArguments, refusal);
  const options = { deadlineMs: commandDeadline(call.values), repeatable: true };
  const session = await openSession(call);
  const response = await withClient(session.options, (client) => ask(client, options));
  printAnswer(call.terminal, session.format, session.printer.alarm, response);
  return ExitCode.success;
}

const listAlarms: Ask = (client, options) => client.call(MaintenanceService.alarm, {}, options);

/** Takes back each alarm by itself; the answer has those that are gone, and no header. */
async function disarmAlarms(
  client: Client,
  options: CallOptions & Repeatable,
): Promise<AlarmResponse> {
  const gone: AlarmMember[] = [];
  for (const { memberID, alarm } of (await listAlarms(client, options)).alarms) {
    const request = { action: AlarmAction.DEACTIVATE, memberID, alarm };
    gone.push(...(await client.call(MaintenanceService.alarm, request, options)).alarms);
  }
  return AlarmResponse.create({ alarms: gone });
}
