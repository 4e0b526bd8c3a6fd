// SPDX-License-Identifier: Apache-2.0

import { MaintenanceService } from "../../api/gen/etcdserverpb.ts";
import { parseGoInteger, strconvError } from "../../base/go-number.ts";
import type { Client } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { commandDeadline, openSession, printAnswer, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import type { LeaderMoved } from "../print/printable.ts";

export async function moveLeader(call: Call): Promise<number> {
  const to = transferee(call);
  const session = await openSession(call);
  const deadlineMs = commandDeadline(call.values);
  const { endpoints } = session.options;
  for (const endpoint of endpoints) {
    const moved = await withClient({ ...session.options, endpoints: [endpoint] }, (client) =>
      moveFrom(client, to, deadlineMs),
    );
    if (moved === undefined) continue;
    printAnswer(call.terminal, session.format, session.printer.moveLeader, moved);
    return ExitCode.success;
  }
  const text = `no leader endpoint given at [${endpoints.join(" ")}]`;
  throw new CommandFailure(ExitCode.badArguments, text);
}

function transferee({ positional }: Call): bigint {
  const [word] = positional;
  if (word === undefined || positional.length !== 1) {
    throw new CommandFailure(ExitCode.badArguments, "move-leader command needs 1 argument");
  }
  const id = parseGoInteger(word, { signed: false, bits: 64, base: 16 });
  if (id.ok) return id.value;
  throw new CommandFailure(ExitCode.badArguments, strconvError("ParseUint", word, id.reason));
}

/** Undefined when the member does not lead. */
async function moveFrom(
  client: Client,
  to: bigint,
  deadlineMs: number,
): Promise<LeaderMoved | undefined> {
  const status = await client.call(MaintenanceService.status, {}, { deadlineMs, repeatable: true });
  const from = status.leader;
  if (status.header?.memberId !== from) return undefined;
  const request = { targetID: to };
  const response = await client.call(MaintenanceService.moveLeader, request, { deadlineMs });
  return { from, to, response };
}
