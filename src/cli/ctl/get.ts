// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import { rangeStream } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { rangeRequest } from "./kv-requests.ts";

export async function get(call: Call): Promise<number> {
  const { values, terminal } = call;
  const request = rangeRequest(call);
  const options = { deadlineMs: commandDeadline(values), repeatable: true };
  const valueOnly = values.bool("print-value-only");
  const session = await openSession(call, { valueOnly });
  const response = await withClient(session.options, (client) =>
    values.bool("stream")
      ? rangeStream(client, request, options)
      : client.call(KVService.range, request, options),
  );
  // etcdctl asks the server first and complains about the format afterwards.
  if (values.bool("count-only") && session.format !== "fields") {
    throw wrongFormat("--count-only is only for `--write-out=fields`");
  }
  if (valueOnly && session.format !== "simple") {
    throw wrongFormat("print-value-only is only for `--write-out=simple`");
  }
  printAnswer(terminal, session.format, session.printer.get, response);
  return ExitCode.success;
}

function wrongFormat(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, message);
}
