// SPDX-License-Identifier: Apache-2.0

import { setTimeout as delay } from "node:timers/promises";
import { KVService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { deletion, RANGE_WARNING_MS } from "./kv-requests.ts";

export async function del(call: Call): Promise<number> {
  const { request, warning } = deletion(call);
  if (warning !== "") {
    call.terminal.error(warning);
    await delay(RANGE_WARNING_MS);
  }
  const deadlineMs = commandDeadline(call.values);
  const session = await openSession(call);
  const response = await withClient(session.options, (client) =>
    client.call(KVService.deleteRange, request, { deadlineMs }),
  );
  printAnswer(call.terminal, session.format, session.printer.del, response);
  return ExitCode.success;
}
