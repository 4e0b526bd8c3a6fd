// SPDX-License-Identifier: Apache-2.0

import { LeaseService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { orFail } from "./lease-arguments.ts";

export async function leaseList(call: Call): Promise<number> {
  const session = await openSession(call);
  const response = await withClient(session.options, (client) => {
    const answer = client.call(LeaseService.leaseLeases, {}, { repeatable: true });
    return orFail(answer, ExitCode.badConnection, (message) => message);
  });
  printAnswer(call.terminal, session.format, session.printer.leaseList, response);
  return ExitCode.success;
}
