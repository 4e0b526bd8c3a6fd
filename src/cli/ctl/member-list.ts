// SPDX-License-Identifier: Apache-2.0

import { ClusterService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";

export async function memberList(call: Call): Promise<number> {
  const { values, terminal } = call;
  const consistency = values.text("consistency");
  if (consistency !== "l" && consistency !== "s") {
    // The text names the flag of `get`, as etcdctl's does (ctlv3/command/util.go, v3.7.1).
    throw new CommandFailure(ExitCode.badFeature, 'unknown consistency flag "l"');
  }
  const options = { deadlineMs: commandDeadline(values), repeatable: true };
  const session = await openSession(call);
  const request = { linearizable: consistency === "l" };
  const response = await withClient(session.options, (client) =>
    client.call(ClusterService.memberList, request, options),
  );
  printAnswer(terminal, session.format, session.printer.memberList, response);
  return ExitCode.success;
}
