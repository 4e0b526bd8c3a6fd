// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { ExitCode } from "../exit-code.ts";
import { readRest } from "../line-reader.ts";
import { putRequest } from "./kv-requests.ts";

export async function put(call: Call): Promise<number> {
  const request = putRequest(call, () => readRest(call.terminal));
  const deadlineMs = commandDeadline(call.values);
  const session = await openSession(call);
  const response = await withClient(session.options, (client) =>
    client.call(KVService.put, request, { deadlineMs }),
  );
  printAnswer(call.terminal, session.format, session.printer.put, response);
  return ExitCode.success;
}
