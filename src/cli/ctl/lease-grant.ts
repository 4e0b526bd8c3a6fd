// SPDX-License-Identifier: Apache-2.0

import { LeaseService } from "../../api/gen/etcdserverpb.ts";
import { parseGoInt64 } from "../../base/go-number.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { orFail } from "./lease-arguments.ts";

export async function leaseGrant(call: Call): Promise<number> {
  const TTL = ttlArgument(call);
  const deadlineMs = commandDeadline(call.values);
  const session = await openSession(call);
  const response = await withClient(session.options, (client) => {
    const answer = client.call(LeaseService.leaseGrant, { TTL }, { deadlineMs, repeatable: true });
    return orFail(answer, ExitCode.error, (message) => `failed to grant lease (${message})`);
  });
  printAnswer(call.terminal, session.format, session.printer.leaseGrant, response);
  return ExitCode.success;
}

function ttlArgument({ positional }: Call): number {
  const [word] = positional;
  if (word === undefined || positional.length !== 1) {
    throw new CommandFailure(ExitCode.badArguments, "lease grant command needs TTL argument");
  }
  const ttl = parseGoInt64(word, 10);
  if (ttl.ok) return Number(ttl.value);
  throw new CommandFailure(ExitCode.badArguments, `bad TTL (${ttl.error})`);
}
