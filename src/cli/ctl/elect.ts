// SPDX-License-Identifier: Apache-2.0

import { KVService } from "../../api/gen/etcdserverpb.ts";
import type { ByteText } from "../../base/byte-text.ts";
import type { Client } from "../../client/index.ts";
import type { Call } from "../command.ts";
import { openSession, printAnswer, type Session, withClient } from "../connect.ts";
import { CommandFailure, ExitCode } from "../exit-code.ts";
import { campaign, observe, resign } from "../recipes/election.ts";
import { type LeaseSession, openLeaseSession } from "../recipes/lease-session.ts";
import { catchStopSignals, type StopSignals } from "../stop-signals.ts";

const TTL_SECONDS = 60;

export async function elect(call: Call): Promise<number> {
  const [name, proposal] = call.positional;
  if (name === undefined || call.positional.length > 2) {
    throw badArguments("elect takes one election name argument and an optional proposal argument");
  }
  const session = await openSession(call);
  const listen = call.values.bool("listen");
  if (proposal === undefined && !listen) {
    throw badArguments("no proposal argument but -l not set");
  }
  if (proposal !== undefined && listen) throw badArguments("proposal given but -l is set");
  return withClient(session.options, async (client) => {
    const lease = await openLeaseSession(client, TTL_SECONDS, session.options.dialTimeoutMs);
    // Until here there is nothing to give back, and an interrupt just ends the program.
    const stop = catchStopSignals();
    const around = { call, session, client, lease, stop };
    try {
      return proposal === undefined
        ? await listenTo(name, around)
        : await stand({ name, proposal }, around);
    } finally {
      stop.release();
    }
  });
}

function badArguments(message: string): CommandFailure {
  return new CommandFailure(ExitCode.badArguments, message);
}

interface Surroundings {
  readonly call: Call;
  readonly session: Session;
  readonly client: Client;
  readonly lease: LeaseSession;
  readonly stop: StopSignals;
}

async function listenTo(name: ByteText, around: Surroundings): Promise<number> {
  const { call, session, client, stop } = around;
  for await (const leader of observe(client, name, stop.signal)) {
    printAnswer(call.terminal, session.format, session.printer.get, leader);
  }
  if (!stop.signal.aborted) throw new CommandFailure(ExitCode.error, "elect: observer lost");
  return ExitCode.success;
}

async function stand(
  candidate: { readonly name: ByteText; readonly proposal: ByteText },
  { call, session, client, lease, stop }: Surroundings,
): Promise<number> {
  const leadership = await campaign(client, lease, candidate, stop.signal);
  const options = { signal: stop.signal, repeatable: true };
  const response = await client.call(KVService.range, { key: leadership.key }, options);
  printAnswer(call.terminal, session.format, session.printer.get, response);
  const end = await Promise.race([
    stop.received.then(() => "stopped"),
    lease.lost.then(() => "lost"),
  ]);
  if (end === "lost") throw new CommandFailure(ExitCode.error, "elect: session expired");
  await resign(client, leadership);
  return ExitCode.success;
}
