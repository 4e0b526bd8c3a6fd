// SPDX-License-Identifier: Apache-2.0

import type { LeaseKeepAliveResponse } from "../../api/gen/etcdserverpb.ts";
import { rpcErrors } from "../../api/rpc-errors.ts";
import { keepAliveOnce, leaseKeepAlives } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { leaseHex } from "../print/lease-hex.ts";
import { leaseArgument, orFail } from "./lease-arguments.ts";

export async function leaseKeepAlive(call: Call): Promise<number> {
  const id = leaseArgument(call, "lease keep-alive command needs lease ID as argument");
  const { terminal, values } = call;
  const session = await openSession(call);
  const { format, printer, options } = session;
  const print = (response: LeaseKeepAliveResponse): void =>
    printAnswer(terminal, format, printer.leaseKeepAlive, response);
  if (values.bool("once")) {
    const answer = await withClient(options, (client) =>
      orFail(keepAliveOnce(client, id), ExitCode.badConnection, (message) => message),
    );
    if (answer.TTL <= 0) {
      throw new CommandFailure(ExitCode.badConnection, rpcErrors.leaseNotFound.message);
    }
    print(answer);
    return ExitCode.success;
  }
  await withClient(options, async (client) => {
    for await (const response of leaseKeepAlives(client, id, options.dialTimeoutMs))
      print(response);
  });
  if (format === "simple") terminal.out(`lease ${leaseHex(id)} expired or revoked.\n`);
  return ExitCode.success;
}
