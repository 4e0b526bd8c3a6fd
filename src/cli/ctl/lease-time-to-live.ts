// SPDX-License-Identifier: Apache-2.0

import { LeaseService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { leaseArgument, orFail } from "./lease-arguments.ts";

export async function leaseTimeToLive(call: Call): Promise<number> {
  const id = leaseArgument(call, "lease timetolive command needs lease ID as argument");
  const session = await openSession(call);
  const keys = call.values.bool("keys");
  const response = await withClient(session.options, (client) => {
    const request = { ID: id, keys };
    const answer = client.call(LeaseService.leaseTimeToLive, request, { repeatable: true });
    return orFail(answer, ExitCode.badConnection, (message) => message);
  });
  const answer = { response, keys };
  printAnswer(call.terminal, session.format, session.printer.leaseTimeToLive, answer);
  return ExitCode.success;
}
