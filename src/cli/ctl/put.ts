// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { readRest } from "../line-reader.ts";
import type { Terminal } from "../terminal.ts";
import { putRequest } from "./kv-requests.ts";

export async function put(call: Call): Promise<number> {
  const request = putRequest(call, () => readValue(call.terminal));
  const deadlineMs = commandDeadline(call.values);
  const session = await openSession(call);
  const response = await withClient(session.options, (client) =>
    client.call(KVService.put, request, { deadlineMs }),
  );
  printAnswer(call.terminal, session.format, session.printer.put, response);
  return ExitCode.success;
}

/** The standard input; one that cannot be read counts as empty, as to etcdctl. */
function readValue(terminal: Terminal): Uint8Array {
  try {
    return readRest(terminal);
  } catch (error) {
    if (error instanceof CommandFailure) return new Uint8Array(0);
    throw error;
  }
}
